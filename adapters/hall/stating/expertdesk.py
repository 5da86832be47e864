"""The county's pool of experts: stated to the directory by number; name and telephone stay in this store, sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.case.workplace import Workplace
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.hall.stating import expertlist
from adapters.hall.stating.desk import StatingDesk
from adapters.hall.stating.expertlist import Named
from adapters.hall.stating.experttables import experts
from adapters.identity import Identity
from adapters.instants import from_millis, to_millis
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas import codec
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError
from schemas.identifiers.masking import masked_name, masked_phone
from schemas.workdays.hours import beijing_day

_KIND: Final = "expert.stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One expert of this county; masked unless the look was noted."""

    record: Mapping[str, Any]
    name: str = field(repr=False)
    telephone: str = field(repr=False)
    stated_at: datetime
    listed: bool
    """Whether the directory has the expert today."""


class ExpertDesk:
    """Threads may share it."""

    def __init__(self, place: Workplace) -> None:
        """Over the county's store and box."""
        self._place = place
        self._desk = StatingDesk(place)

    def overview(self) -> list[Line]:
        """Every expert of this county in the order of the numbers, masked."""
        with self._place.store.read() as tx:
            listed = self._listed(tx)
            rows = tx.execute(select(experts).order_by(experts.c.withdrawn, experts.c.expert_no)).all()
            return [self._line(row, listed, revealed=False) for row in rows]

    def reveal(self, number: str, *, person: Person, purpose: str) -> Line:
        """One in full, after the look is written down. Raises E-LOOK-001, E-PAGE-005."""
        with self._place.store.write() as tx:
            row = _found(tx, number)
            who, now = person.account, self._place.clock()
            book.note(tx, account=who, case_no="", what=What.EXPERT, purpose=purpose, now=now)
            return self._line(row, self._listed(tx), revealed=True)

    def state(self, cells: Mapping[str, str], *, person: Person, action_id: str) -> None:
        """State one expert, new or changed. Raises E-STATE-…."""
        self._say([expertlist.of_row(cells, self._place.county)], person, action_id)

    def upload(self, data: bytes, *, person: Person, action_id: str) -> int:
        """State every expert of a list, all or none; returns how many. Raises E-STATE-…."""
        found = expertlist.of_file(data, self._place.county)
        self._say(found, person, action_id)
        return len(found)

    def withdraw(self, number: str, *, person: Person, action_id: str) -> None:
        """Take one out of the directory. Raises E-PAGE-005."""
        with self._place.store.read() as tx:
            line = self._line(_found(tx, number), frozenset(), revealed=True)
        gone = Named(record={**line.record, "withdrawn": True}, name=line.name, telephone=line.telephone)
        self._say([gone], person, action_id)

    def _say(self, found: Sequence[Named], person: Person, action_id: str) -> None:
        now, place = self._place.clock(), self._place
        with place.store.write() as tx:
            for each in found:
                message_id = derived_id(action_id, each.record["expert_no"])
                self._desk.put(tx, _KIND, dict(each.record), message_id=message_id)
                self._keep(tx, each, person, now)
        self._desk.said(_KIND, len(found))

    def _keep(self, tx: Connection, each: Named, person: Person, now: datetime) -> None:
        number, seal = each.record["expert_no"], self._place.identity.storage.seal
        values = {
            "name_sealed": seal(each.name.encode(), place=f"experts/{number}/name"),
            "telephone_sealed": seal(each.telephone.encode(), place=f"experts/{number}/telephone"),
            "stated_sealed": seal(codec.encode("Expert", each.record), place=f"experts/{number}/stated"),
            "withdrawn": each.record["withdrawn"],
            "stated_by": person.account,
            "stated_at": to_millis(now),
        }
        if tx.execute(select(experts.c.expert_no).where(experts.c.expert_no == number)).first() is None:
            tx.execute(insert(experts).values(expert_no=number, **values))
        else:
            tx.execute(update(experts).where(experts.c.expert_no == number).values(**values))

    def _line(self, row: Any, listed: frozenset[str], *, revealed: bool) -> Line:
        name, telephone = named(self._place.identity, row)
        stated = self._place.identity.storage.open(row.stated_sealed, place=f"experts/{row.expert_no}/stated")
        return Line(
            record=codec.decode(stated, "Expert"),
            name=name if revealed else masked_name(name),
            telephone=telephone if revealed else masked_phone(telephone),
            stated_at=from_millis(row.stated_at),
            listed=row.expert_no in listed,
        )

    def _listed(self, tx: Connection) -> frozenset[str]:
        directory = self._place.directory(tx)
        if directory is None:
            return frozenset()
        found = directory.stated.experts(on=beijing_day(self._place.clock()))
        return frozenset(each["expert_no"] for each in found if each["county"] == self._place.county)


def named(identity: Identity, row: Any) -> tuple[str, str]:
    """Name and telephone of a row of the table."""
    opened = identity.storage.open
    if not row.name_sealed:  # withdrawn, and the term is over
        return "", ""
    name = opened(row.name_sealed, place=f"experts/{row.expert_no}/name")
    return name.decode(), opened(row.telephone_sealed, place=f"experts/{row.expert_no}/telephone").decode()


def of_number(tx: Connection, identity: Identity, number: str) -> tuple[str, str]:
    """Name and telephone of one of this county's experts; empty when nobody here has this number."""
    row = tx.execute(select(experts).where(experts.c.expert_no == number)).one_or_none()
    return named(identity, row) if row is not None else ("", "")


def _found(tx: Connection, number: str) -> Any:
    row = tx.execute(select(experts).where(experts.c.expert_no == number)).one_or_none()
    if row is None:
        raise YunhuobanError(NOT_THERE, place="expert_no")
    return row
