"""Which dead letters: by queue, sender, reason and type. Pure reading; nothing is counted beyond what may be sent."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from hub.instants import from_millis
from hub.store import tables

PAGE: Final = 50
_letters: Final = tables.dead_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter; what is empty does not filter."""

    queue: str = ""
    source: str = ""
    reason: str = ""
    type: str = ""
    letter: str = ""
    """One letter alone, by its number."""

    def to_json(self) -> str:
        """As an order keeps it: only what filters."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    def said(self) -> str:
        """As the record says it."""
        return " ".join(f"{name}={value}" for name, value in asdict(self).items() if value) or "*"

    @classmethod
    def from_json(cls, text: str) -> "Wanted":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One dead letter, by what stands in the clear on it."""

    number: str
    queue: str
    source: str
    message_id: str
    type: str
    case_no: str
    reason: str
    state: str
    died_at: datetime
    expires_at: datetime | None
    batch: int | None
    settled_at: datetime | None
    settled_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """How many letters wait that died in the same queue for the same reason."""

    queue: str
    source: str
    type: str
    reason: str
    count: int
    oldest_at: datetime


def matching(wanted: Wanted) -> ColumnElement[bool]:
    """Letters that wait for a person and fit the filter."""
    pairs = (
        (_letters.c.queue, wanted.queue),
        (_letters.c.source, wanted.source),
        (_letters.c.reason, wanted.reason),
        (_letters.c.type, wanted.type),
        (_letters.c.id, wanted.letter),
    )
    return and_(_letters.c.state == "waiting", *[column == value for column, value in pairs if value])


def count(tx: Connection, wanted: Wanted, most: int) -> int:
    """How many, up to one more than `most`: beyond that nothing is sent anyway."""
    some = select(_letters.c.id).where(matching(wanted)).limit(most + 1).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def page(
    tx: Connection, wanted: Wanted, *, after: tuple[int, str] | None = None, limit: int = PAGE
) -> Sequence[Letter]:
    """The oldest first; `after` is the last one of the page before, by its time of death and number."""
    letters = _letters.c
    chosen = select(_letters).where(matching(wanted)).order_by(letters.died_at, letters.id).limit(limit)
    if after is not None:
        died_at, number = after
        chosen = chosen.where(or_(letters.died_at > died_at, and_(letters.died_at == died_at, letters.id > number)))
    return [letter_of(row) for row in tx.execute(chosen)]


def heaps(tx: Connection) -> Sequence[Heap]:
    """What waits, put together: the largest heaps first."""
    letters = _letters.c
    alike = (letters.queue, letters.source, letters.type, letters.reason)
    many, oldest = func.count().label("many"), func.min(letters.died_at).label("oldest")
    chosen = select(*alike, many, oldest).where(letters.state == "waiting").group_by(*alike)
    rows = tx.execute(chosen.order_by(many.desc(), oldest).limit(PAGE))
    return [
        Heap(
            queue=row.queue,
            source=row.source,
            type=row.type,
            reason=row.reason,
            count=row.many,
            oldest_at=from_millis(row.oldest),
        )
        for row in rows
    ]


def of_case(tx: Connection, case_no: str) -> Sequence[Letter]:
    """Every letter of one case, whatever became of it, in the order in which they died."""
    mine = select(_letters).where(_letters.c.case_no == case_no).order_by(_letters.c.died_at, _letters.c.id)
    return [letter_of(row) for row in tx.execute(mine.limit(PAGE))]


def letter_of(row: Any) -> Letter:
    """A row as it is shown."""
    return Letter(
        number=row.id,
        queue=row.queue,
        source=row.source,
        message_id=row.message_id,
        type=row.type,
        case_no=row.case_no,
        reason=row.reason,
        state=row.state,
        died_at=from_millis(row.died_at),
        expires_at=from_millis(row.expires_at) if row.expires_at is not None else None,
        batch=row.batch,
        settled_at=from_millis(row.settled_at) if row.settled_at is not None else None,
        settled_reason=row.settled_reason,
    )
