"""Cards as they stand: each with what was done about it since. Pure reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from hub.instants import from_millis, to_millis
from hub.supervision import ruling, tables
from hub.supervision.basis import Basis
from hub.supervision.levels import GRAVITY, Level
from hub.views.ledgerview import Pile

MOST: Final = 500
Key = TypeVar("Key", str, tuple[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that was done about a card."""

    act: str
    at: datetime
    by: str
    ground: str
    text: str
    file_sha256: str
    """Hexadecimal; empty without a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One card and how it stands."""

    card_no: str
    case_no: str
    window_county: str
    issuing_county: str
    county: str
    rule: str
    level: str
    step: str
    due_at: datetime
    raised_at: datetime
    found_at: datetime
    cleared_at: datetime | None
    explanation: Act | None
    ruling: Act | None

    @property
    def standing(self) -> str:
        """A key of `levels.STANDINGS`."""
        if self.ruling is not None:
            return self.ruling.ground
        if self.explanation is not None:
            return "explained"
        return "open" if self.cleared_at is None else "cleared"

    @property
    def counts(self) -> bool:
        """Whether it counts against the county."""
        return self.standing != "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cards a page asks for; empty is all."""

    level: str = ""
    county: str = ""
    case_no: str = ""
    pair: tuple[str, str] | None = None
    """Window and issuing county."""
    unsettled: bool = False
    """Only those that somebody still has to do something about: not done, or explained and not ruled on."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Cards that wait for somebody, counted: (county, pair of window and issuing county, level, how many)."""

    counted: Sequence[tuple[str, tuple[str, str], str, int]]

    @property
    def levels(self) -> Mapping[str, int]:
        """By colour."""
        return {level: sum(n for *_, each, n in self.counted if each == level) for level in GRAVITY}

    @property
    def counties(self) -> Mapping[str, Mapping[str, int]]:
        """By county and colour, the county with the gravest first."""
        found: dict[str, dict[str, int]] = {}
        for county, _, level, count in self.counted:
            levels = found.setdefault(county, dict.fromkeys(GRAVITY, 0))
            levels[level] += count
        return _gravest(found)

    @property
    def pairs(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """By pair of counties and colour, the same."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        for _, pair, level, count in self.counted:
            levels = found.setdefault(pair, dict.fromkeys(GRAVITY, 0))
            levels[level] += count
        return _gravest(found)


def _gravest(found: Mapping[Key, Mapping[str, int]]) -> dict[Key, Mapping[str, int]]:
    def weight(item: tuple[Key, Mapping[str, int]]) -> tuple[int, ...]:
        return tuple(-count for count in reversed(list(item[1].values())))

    return dict(sorted(found.items(), key=weight))


def cards(tx: Connection, wanted: Filter, limit: int = MOST) -> list[CardRow]:
    """The gravest first, and of them the oldest."""
    columns = tables.cards.c
    chosen = select(tables.cards)
    if wanted.level:
        chosen = chosen.where(columns.level == wanted.level)
    if wanted.county:
        chosen = chosen.where(columns.county == wanted.county)
    if wanted.case_no:
        chosen = chosen.where(columns.case_no == wanted.case_no)
    if wanted.pair is not None:
        chosen = chosen.where(columns.window_county == wanted.pair[0], columns.issuing_county == wanted.pair[1])
    if wanted.unsettled:
        chosen = chosen.where(_unsettled())
    gravest = case(GRAVITY, value=columns.level, else_=-1).desc()
    return _told(tx, tx.execute(chosen.order_by(gravest, columns.raised_at, columns.card_no).limit(limit)).all())


def card(tx: Connection, card_no: str) -> tuple[CardRow, Basis] | None:
    """One card with how it was counted; None for a number that nobody gave."""
    row = tx.execute(select(tables.cards).where(tables.cards.c.card_no == card_no)).one_or_none()
    return (_told(tx, [row])[0], Basis.read(row.basis)) if row is not None else None


def between(tx: Connection, begins: datetime, ends: datetime) -> list[CardRow]:
    """Every card raised in a time, its end not included."""
    raised = tables.cards.c.raised_at
    chosen = select(tables.cards).where(raised >= to_millis(begins), raised < to_millis(ends))
    return _told(tx, tx.execute(chosen.order_by(raised, tables.cards.c.card_no)).all())


def unsettled(tx: Connection) -> Unsettled:
    """How many cards somebody still has to do something about."""
    columns = tables.cards.c
    key = (columns.county, columns.window_county, columns.issuing_county, columns.level)
    counted = select(*key, func.count()).where(_unsettled()).group_by(*key)
    return Unsettled([(row[0], (row[1], row[2]), row[3], row[4]) for row in tx.execute(counted)])


def standing_by_county(tx: Connection, level: Level) -> dict[str, Pile]:
    """How many cards of a colour a county still has to do something about, and since when: not done, not ruled on."""
    columns = tables.cards.c
    key = (columns.county, func.count(), func.min(columns.raised_at))
    standing = ~_has(ruling.RULING) & ~_has(ruling.CLEARED)
    rows = tx.execute(select(*key).where(columns.level == level.value, standing).group_by(columns.county))
    return {county: Pile(count=count, oldest_at=from_millis(oldest)) for county, count, oldest in rows}


def _has(act: str) -> ColumnElement[bool]:
    acts = tables.acts.c
    return select(acts.card_no).where(and_(acts.card_no == tables.cards.c.card_no, acts.act == act)).exists()


def _unsettled() -> ColumnElement[bool]:
    return ~_has(ruling.RULING) & (~_has(ruling.CLEARED) | _has(ruling.EXPLANATION))


def _told(tx: Connection, rows: Sequence[Any]) -> list[CardRow]:
    columns = tables.acts.c
    found: dict[tuple[str, str], Act] = {}
    numbers = [row.card_no for row in rows]
    for start in range(0, len(numbers), MOST):
        chosen = select(tables.acts).where(columns.card_no.in_(numbers[start : start + MOST]))
        found |= {(row.card_no, row.act): _act(row) for row in tx.execute(chosen)}
    return [_card(row, found) for row in rows]


def _act(row: Any) -> Act:
    return Act(
        act=row.act,
        at=from_millis(row.at),
        by=row.by,
        ground=row.ground,
        text=row.text,
        file_sha256=row.file_sha256.hex() if row.file_sha256 is not None else "",
    )


def _card(row: Any, acts: Mapping[tuple[str, str], Act]) -> CardRow:
    cleared = acts.get((row.card_no, ruling.CLEARED))
    return CardRow(
        card_no=row.card_no,
        case_no=row.case_no,
        window_county=row.window_county,
        issuing_county=row.issuing_county,
        county=row.county,
        rule=row.rule,
        level=row.level,
        step=row.step,
        due_at=from_millis(row.due_at),
        raised_at=from_millis(row.raised_at),
        found_at=from_millis(row.found_at),
        cleared_at=cleared.at if cleared else None,
        explanation=acts.get((row.card_no, ruling.EXPLANATION)),
        ruling=acts.get((row.card_no, ruling.RULING)),
    )
