"""The book of groups: which cases belong together, kept as each part is said or heard (`group.joined`).

A part that is said twice, or heard again, stands once. What one county calls its group says nothing about another's
group of the same number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.case.casebook import Case
from adapters.case.grouptables import group_parts, groups
from adapters.instants import from_millis, to_millis
from schemas.identifiers.item import IMPLEMENTATION_LENGTH

JOINED: Final = "group.joined"
MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One part as the book has it."""

    id: int
    part: int
    county: str
    service_item: str
    after: Sequence[int]
    draft_id: str
    case_no: str
    given_up: bool

    @property
    def waits(self) -> bool:
        """Whether it is still to be sent."""
        return not self.case_no and not self.given_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One group as the book has it."""

    window: str
    number: str
    kind: str
    parts: int
    all_or_none: bool
    bundle: str
    bundle_county: str
    """The county whose bundle it is: that of its parts; empty of what is no bundle."""
    form_id: str
    account: str
    opened_at: datetime
    pressed_at: datetime | None
    over_at: datetime | None
    closed_by: str


def joined(tx: Connection, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    """Enter what was said of a case: `said` is the record of its `group.joined`."""
    window, number = case.parties.window, said["group_no"]
    if find(tx, window, number, for_change=True) is None:
        of = case.parties.issuing if said["bundle"] else ""
        _insert(tx, window, number, said, bundle_county=of, pressed_at=now, now=now)
    if tx.execute(select(group_parts.c.id).where(group_parts.c.case_no == case.case_no)).first() is None:
        part(
            tx, window, number, said["part"], county=case.parties.issuing, service_item=case.service_item,
            case_no=case.case_no,
        )  # fmt: skip


def begin(
    tx: Connection,
    window: str,
    number: str,
    said: Mapping[str, Any],
    *,
    bundle_county: str,
    form_id: str,
    account: str,
    now: datetime,
) -> None:
    """Enter a group whose form is still to be typed; `said` are its kind, parts, choice and bundle."""
    _insert(tx, window, number, said, bundle_county=bundle_county, form_id=form_id, account=account, now=now)


def part(
    tx: Connection,
    window: str,
    number: str,
    place: int,
    *,
    county: str,
    service_item: str,
    after: Sequence[int] = (),
    case_no: str | None = None,
) -> None:
    """Enter one part."""
    tx.execute(
        insert(group_parts).values(
            window_county=window,
            number=number,
            part=place,
            county=county,
            service_item=service_item[:IMPLEMENTATION_LENGTH],
            after=",".join(map(str, after)),
            case_no=case_no,
            given_up=False,
        )
    )


def find(tx: Connection, window: str, number: str, *, for_change: bool = False) -> Listed | None:
    """One group, or None. `for_change` lets no other transaction change it meanwhile."""
    wanted = select(groups).where(groups.c.window_county == window, groups.c.number == number)
    row = tx.execute(wanted.with_for_update() if for_change else wanted).one_or_none()
    return _listed(row) if row is not None else None


def of_form(tx: Connection, form_id: str) -> Listed | None:
    """The group whose form this draft is, or was."""
    row = tx.execute(select(groups).where(groups.c.form_id == form_id)).one_or_none()
    return _listed(row) if row is not None else None


def of_case(tx: Connection, case_no: str) -> tuple[Listed, Entry] | None:
    """The group of a case with the case's own part; None for a case of none."""
    row = tx.execute(select(group_parts).where(group_parts.c.case_no == case_no).limit(1)).one_or_none()
    group = find(tx, row.window_county, row.number) if row is not None else None
    return (group, _entry(row)) if group is not None else None


def entries(tx: Connection, window: str, number: str) -> list[Entry]:
    """The parts of one group in their order."""
    wanted = select(group_parts).where(group_parts.c.window_county == window, group_parts.c.number == number)
    return [_entry(row) for row in tx.execute(wanted.order_by(group_parts.c.part, group_parts.c.id))]


def open_numbers(tx: Connection, window: str) -> list[str]:
    """The groups of this window that are sent and not over, the oldest first."""
    wanted = select(groups.c.number).where(
        groups.c.window_county == window, groups.c.over_at.is_(None), groups.c.pressed_at.is_not(None)
    )
    return list(tx.execute(wanted.order_by(groups.c.opened_at, groups.c.number)).scalars())


def unpressed(tx: Connection, window: str) -> list[Listed]:
    """The groups of this window whose form is still to be sent."""
    wanted = select(groups).where(groups.c.window_county == window, groups.c.pressed_at.is_(None))
    return [_listed(row) for row in tx.execute(wanted)]


def newest(tx: Connection, window: str) -> list[Listed]:
    """What this window opened: what is not over first, each the newest first."""
    wanted = select(groups).where(groups.c.window_county == window)
    ordered = wanted.order_by(groups.c.over_at.is_not(None), groups.c.opened_at.desc(), groups.c.number.desc())
    return [_listed(row) for row in tx.execute(ordered.limit(MOST_LISTED))]


def opened_between(tx: Connection, window: str, begins: datetime, ends: datetime) -> list[Listed]:
    """What this window opened and sent in these days."""
    wanted = select(groups).where(
        groups.c.window_county == window,
        groups.c.opened_at >= to_millis(begins),
        groups.c.opened_at < to_millis(ends),
        groups.c.pressed_at.is_not(None),
    )
    return [_listed(row) for row in tx.execute(wanted.order_by(groups.c.opened_at, groups.c.number))]


def pressed(tx: Connection, group: Listed, *, all_or_none: bool, now: datetime) -> None:
    """Its form was sent."""
    _update(tx, group, all_or_none=all_or_none, pressed_at=to_millis(now))


def over(tx: Connection, group: Listed, now: datetime, *, closed_by: str = "") -> None:
    """Nothing of it waits for anything any more."""
    _update(tx, group, over_at=to_millis(now), closed_by=closed_by)


def sent(tx: Connection, entry: Entry, case_no: str) -> None:
    """A part is a case now; one that was refused and corrected is another one."""
    tx.execute(update(group_parts).where(group_parts.c.id == entry.id).values(case_no=case_no))


def sent_from(tx: Connection, entry: Entry, draft_id: str) -> None:
    """What a part is sent from."""
    tx.execute(update(group_parts).where(group_parts.c.id == entry.id).values(draft_id=draft_id))


def given_up(tx: Connection, entry: Entry) -> None:
    """A part will never be sent, and nothing is kept for it."""
    tx.execute(update(group_parts).where(group_parts.c.id == entry.id).values(given_up=True, draft_id=None))


def forget(tx: Connection, group: Listed) -> None:
    """Take away a group whose form was never sent."""
    for table in (group_parts, groups):
        mine = (table.c.window_county == group.window) & (table.c.number == group.number)
        tx.execute(table.delete().where(mine))


def _insert(
    tx: Connection,
    window: str,
    number: str,
    said: Mapping[str, Any],
    *,
    bundle_county: str,
    now: datetime,
    pressed_at: datetime | None = None,
    form_id: str | None = None,
    account: str = "",
) -> None:
    tx.execute(
        insert(groups).values(
            window_county=window,
            number=number,
            kind=said["group_kind"],
            parts=said["parts"],
            all_or_none=said["all_or_none"],
            bundle=said["bundle"] or "",
            bundle_county=bundle_county,
            form_id=form_id,
            account=account,
            opened_at=to_millis(now),
            pressed_at=to_millis(pressed_at) if pressed_at is not None else None,
            closed_by="",
        )
    )


def _update(tx: Connection, group: Listed, **values: Any) -> None:
    mine = (groups.c.window_county == group.window) & (groups.c.number == group.number)
    tx.execute(update(groups).where(mine).values(**values))


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        part=row.part,
        county=row.county,
        service_item=row.service_item,
        after=tuple(int(each) for each in row.after.split(",") if each),
        draft_id=row.draft_id or "",
        case_no=row.case_no or "",
        given_up=row.given_up,
    )


def _listed(row: Any) -> Listed:
    return Listed(
        window=row.window_county,
        number=row.number,
        kind=row.kind,
        parts=row.parts,
        all_or_none=row.all_or_none,
        bundle=row.bundle,
        bundle_county=row.bundle_county,
        form_id=row.form_id or "",
        account=row.account,
        opened_at=from_millis(row.opened_at),
        pressed_at=from_millis(row.pressed_at) if row.pressed_at is not None else None,
        over_at=from_millis(row.over_at) if row.over_at is not None else None,
        closed_by=row.closed_by,
    )
