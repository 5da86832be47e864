"""One case or matter as these pages show it: whose item it is, who the other county is, for whom it waits till when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.case import caseclock
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.hall.around.kinds import AWAITED, DUE, OPENS, OURS, Kind
from adapters.hall.around.pending import Pending
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.identifiers.item import IMPLEMENTATION_LENGTH
from schemas.lifecycle import MATTERS
from schemas.messages import Party

_AT_ONCE: Final = 400
_BY_TYPE: Final = {message: kind for kind, message in OPENS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list; numbers, codes and days, and no personal data."""

    number: str
    kind: Kind | None
    """None for a case."""
    item_name: str
    service_item: str
    other: str
    other_name: str
    telephone: str
    state: str
    asks: bool
    """Whether this county began it, or is the window of the case, and the other one is another."""
    waits_here: bool
    over: bool
    due: date | None
    today: date
    step: str = ""
    """What is to be done around a case; empty for a matter, whose state says it."""

    @property
    def late(self) -> bool:
        """Whether its day is over."""
        return self.due is not None and self.due < self.today


def line(
    case: Case, known: tuple[Kind | None, date | None], directory: DirectoryView | None, county: str, today: date
) -> Line:
    """`known` is what `facts` found of it."""
    kind, due = known
    other = case.other(county)
    member = directory.members.get(other) if directory is not None else None
    owner = case.parties.window if kind in OURS else case.parties.issuing
    awaited = AWAITED.get(case.state)
    mine = {Party.WINDOW: case.parties.window, Party.ISSUING: case.parties.issuing}
    return Line(
        number=case.case_no,
        kind=kind,
        item_name=item_name(directory, owner, case.service_item),
        service_item=case.service_item,
        other=other,
        other_name=member.name if member is not None else "",
        telephone=member.telephone if member is not None else "",
        state=case.state,
        asks=case.parties.window == county != case.parties.issuing,
        waits_here=awaited is not None and mine[awaited] == county,
        over=case.state in MATTERS and awaited is None,
        due=due if awaited is Party.ISSUING else None,
        today=today,
    )


def pending(found: Pending, directory: DirectoryView | None, county: str, today: date) -> Line:
    """A step around a case that somebody owes."""
    whole = line(found.case, (None, None), directory, county, today)
    return replace(whole, step=found.step, waits_here=found.county == county, due=found.due)


def item_name(directory: DirectoryView | None, county: str, service_item: str) -> str:
    """As the catalogue has it; before there is one, as the county's card does."""
    found = caseclock.implementation(directory, county, service_item)
    if found is not None or directory is None:
        return found.name if found is not None else ""
    return directory.offers.get((county, service_item[:IMPLEMENTATION_LENGTH]), "")


def facts(tx: Connection, numbers: Collection[str]) -> Mapping[str, tuple[Kind | None, date | None]]:
    """Of each number the kind and by which day the issuing county answers, from what was said in the clear."""
    kinds: dict[str, Kind | None] = dict.fromkeys(numbers)
    dues: dict[str, tuple[int, date]] = {}
    some = sorted(numbers)
    for start in range(0, len(some), _AT_ONCE):
        for row in _said(tx, some[start : start + _AT_ONCE]):
            kinds[row.case_no] = _BY_TYPE.get(row.type, kinds[row.case_no])
            day = (Envelope.parse(row.body).facts or {})[DUE[row.type]] if row.body else None
            if day is not None and dues.get(row.case_no, (-1, day))[0] < row.seq:
                dues[row.case_no] = (row.seq, day)
    return {number: (kinds[number], dues[number][1] if number in dues else None) for number in numbers}


def _said(tx: Connection, numbers: Collection[str]) -> list[Any]:
    """Messages with a day in them: each matter's come from one county, so that one box has them in order."""
    found: list[Any] = []
    for box, counts in (
        (tables.outbox, tables.outbox.c.state != "refused"),
        (tables.inbox, tables.inbox.c.state == "applied"),
    ):
        columns = (box.c.case_no, box.c.type, box.c.body, box.c.seq)
        found += tx.execute(select(*columns).where(box.c.case_no.in_(numbers), box.c.type.in_(DUE), counts)).all()
    return found
