"""What the pages around a case show and do, over the node's store and outbox; a press is said by the `Workplace`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.case import around, casebook, papers, results
from adapters.case.casebook import Case
from adapters.case.papers import Owed
from adapters.case.results import Standing
from adapters.case.workplace import Workplace
from adapters.directory import guideanswers
from adapters.hall.around import expiring, forms, kinds, listing, thread, turns
from adapters.hall.around.counting import Counting
from adapters.hall.around.forms import Paper
from adapters.hall.around.kinds import WHOSE, Kind
from adapters.hall.around.known import Known
from adapters.hall.around.listing import Overview
from adapters.hall.around.matter import Line, item_name
from adapters.hall.around.reading import Read, read
from adapters.hall.around.resulting import Resulting
from adapters.hall.around.thread import Entry
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.hall.reviewing import conflicts
from adapters.hall.taking.offered import Offered, Search
from pages.frame import NOT_THERE
from pages.people.permission import NOT_YOUR_ROLE
from pages.people.person import Person
from schemas import itemdetail
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError
from schemas.messages import Parties
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day

_log = structlog.get_logger(__name__)
_EXPIRING: Final = "license.expiring"
_OPINION: Final = "opinion.given"


@contextmanager
def _placed(found: Read) -> Iterator[None]:
    """What the law or the history has against a record names its place in the form."""
    try:
        yield
    except YunhuobanError as error:
        error.place = found.place(error.place)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One case or matter with everything that was said."""

    line: Line
    entries: Sequence[Entry]
    offered: Sequence[str]
    """The steps whose turn it is, whoever sits here."""
    revealed: bool
    owed: Sequence[Owed] = ()
    """Parcels that a relayed case still needs, whoever sends them."""
    result: Standing = field(default_factory=Standing)
    """Whether its result on paper is still waited for."""

    def may(self, person: Person) -> Sequence[str]:
        """Those of them that are this person's work."""
        return [each for each in self.offered if person.roles & WHOSE[each]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A press: the number that it concerned, or what is wrong with the form."""

    number: str
    paper: Paper | None = None
    read: Read | None = None


class AroundDesk:
    """The desk of one county; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace, *, by_node: bool = False) -> None:
        """`by_node` says that the node itself reminds of licenses that end. Nothing is read yet."""
        self._place = place
        self._search = Search(place.county)
        self.counting = Counting(place, by_node=by_node)
        self.resulting = Resulting(place)

    @property
    def county(self) -> str:
        """This one."""
        return self._place.county

    def overview(self) -> Overview:
        """The matters beside the cases."""
        with self._place.store.read() as tx:
            return listing.overview(
                tx, self._place.identity, self._place.directory(tx), self.county, self._place.clock()
            )

    def search(self, text: str) -> str | None:
        """The number that was asked for, when this county is a party of it."""
        with self._place.store.read() as tx:
            case = casebook.find(tx, text)
        return case.case_no if case is not None else None

    def open(self, number: str, *, revealed: bool = False) -> Opened:
        """One case or matter; masked unless its look was noted (`reveal`). Raises E-PAGE-005."""
        with self._place.store.read() as tx:
            case, line = self._found(tx, number)
            said = around.said(tx, self._place.identity, case)
            directory, now = self._place.directory(tx), self._place.clock()
            return Opened(
                line=line,
                owed=papers.of_case(tx, self._place.identity, case, directory, now),
                result=results.standing(tx, case, directory, now),
                entries=thread.entries(tx, self._place.identity, number, revealed=revealed),
                offered=turns.offered(case, self.county, said, self._place.elsewhere),
                revealed=revealed,
            )

    def reveal(self, number: str, *, person: Person, purpose: str) -> Opened:
        """The same in full, after the look is written down. Raises E-LOOK-001, E-PAGE-005."""
        now = self._place.clock()
        with self._place.store.write() as tx:
            self._found(tx, number)
            book.note(tx, account=person.account, case_no=number, what=What.AROUND, purpose=purpose, now=now)
        return self.open(number, revealed=True)

    def paper(self, number: str, kind: str, person: Person) -> Paper:
        """The form of one step. Raises E-AROUND-020 out of turn, E-PAGE-060 for another's work, E-PAGE-005."""
        with self._place.store.read() as tx:
            case, _line = self._found(tx, number)
            known = self._known(tx, case, kind, person)
            self._demand(case, kind, known, person)
            return forms.paper(kind, known)

    def say(
        self,
        number: str,
        kind: str,
        typed: Mapping[str, str],
        *,
        person: Person,
        action_id: str,
        signature: bytes | None = None,
    ) -> Pressed:
        """Take the step; the same press again does nothing. What is wrong with the form comes back as `read`.

        `signature` was drawn by the expert whose opinion this is. Raises what `paper`, `conflicts.demand_none` and
        `Workplace.say` raise.
        """
        now, message_id = self._place.clock(), derived_id(action_id, kind)
        with self._place.store.write() as tx:
            if outbox.find(tx, message_id) is not None:
                return Pressed(number=number)
            case, _line = self._found(tx, number)
            known = self._known(tx, case, kind, person)
            self._demand(case, kind, known, person)
            paper = forms.paper(kind, known)
            found = read(paper, typed, known)
            if found.problems:
                return Pressed(number=number, paper=paper, read=found)
            record = found.record
            if kind == _OPINION:
                conflicts.demand_none(tx, self._place, known.said)
                record = {**record, "signature_image": signature}
            with _placed(found):
                self._place.say(
                    tx, case, kind, record, message_id=message_id, person=person, signature=signature, now=now
                )
        _log.info("around.step", case_no=number, type=kind)
        self._place.sent()
        return Pressed(number=number)

    def parcel(self, number: str, parcel: int) -> tuple[Line, Entry, Entry | None]:
        """A parcel that this county sent and what the other said when it opened it, masked. Raises E-PAGE-005."""
        found = self.open(number)
        alone = found.line.other == self.county
        about = [
            each
            for each in found.entries
            if each.counts and ("parcel", str(parcel)) in {(field.path, field.value) for field in each.fields}
        ]
        opened = next((each for each in about if each.type == "parcel.received" and (alone or not each.ours)), None)
        for each in about:
            if each.ours and each.type == "parcel.sent":
                return found.line, each, opened
        raise YunhuobanError(NOT_THERE, place="parcel")

    # --- beginning a matter ------------------------------------------------------------------------------------------

    def opening(self, kind: Kind, county: str, *, person: Person, about: str = "") -> Paper:
        """The form that begins a matter with this county. Raises E-LINK-101, E-PAGE-060."""
        message_type = kinds.OPENS[kind]
        self._demand_role(message_type, person)
        with self._place.store.read() as tx:
            return forms.paper(message_type, self._fresh(tx, county, person, about))

    def begin(
        self, kind: Kind, county: str, service_item: str, typed: Mapping[str, str], *, person: Person, action_id: str
    ) -> Pressed:
        """Open the matter; the same press again finds it. Raises what `Workplace.begin` raises, E-PAGE-060."""
        message_type = kinds.OPENS[kind]
        self._demand_role(message_type, person)
        now, message_id = self._place.clock(), derived_id(action_id, message_type)
        with self._place.store.write() as tx:
            before = outbox.find(tx, message_id)
            if before is not None:
                return Pressed(number=before.case_no)
            known = self._fresh(tx, county, person, "")
            paper = forms.paper(message_type, known)
            found = read(paper, typed, known)
            if found.problems:
                return Pressed(number="", paper=paper, read=found)
            number = self._place.begin(
                tx,
                message_type,
                found.record,
                county=county,
                service_item=service_item,
                message_id=message_id,
                now=now,
            )
        _log.info("around.begun", case_no=number, type=message_type)
        self._place.sent()
        return Pressed(number=number)

    def answers(self, county: str, service_item: str, words: str = "") -> Sequence[Mapping[str, Any]]:
        """What that county's guide answers about the item: looked at before somebody asks."""
        with self._place.store.read() as tx:
            return guideanswers.of_item(self._place.directory(tx), county, service_item, words)

    def partners(self) -> Mapping[str, str]:
        """The counties that can be asked, by code."""
        with self._place.store.read() as tx:
            members = self._place.directory.demand(tx).members
        found = {code: each.name for code, each in members.items() if each.active and code != self.county}
        return dict(sorted(found.items()))

    def items(self, kind: Kind, text: str) -> Sequence[Offered]:
        """The items that such a matter can be about, found by words; those of this county for what is its own."""
        with self._place.store.read() as tx:
            directory = self._place.directory.demand(tx)
        asked = f"{text} {directory.name(self.county)}" if kind in kinds.OURS else text
        found = self._search.look(asked, directory, self._place.clock()).rows
        return [each for each in found if (each.county == self.county) is (kind in kinds.OURS)]

    def item(self, kind: Kind, county: str, service_item: str) -> str:
        """The name of an item that such a matter can be about. Raises E-PAGE-005, E-LINK-101."""
        with self._place.store.read() as tx:
            directory = self._place.directory.demand(tx)
        name = item_name(directory, county, service_item)
        if not name or (county == self.county) is not (kind in kinds.OURS):
            raise YunhuobanError(NOT_THERE, place="service_item")
        return name

    # --- what it is made of ------------------------------------------------------------------------------------------

    def _found(self, tx: Connection, number: str) -> tuple[Case, Line]:
        case = casebook.find(tx, number)
        line = listing.one(tx, number, self._place.directory(tx), self.county, self._today()) if case else None
        if case is None or line is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return case, line

    def _known(self, tx: Connection, case: Case, kind: str, person: Person) -> Known:
        directory = self._place.directory(tx)
        calendar = directory.calendar if directory is not None else Calendar(complete=False)
        own = directory.members.get(self.county) if directory is not None else None
        return Known(
            now=self._place.clock(),
            county=self.county,
            name=person.name,
            parties=case.parties,
            calendar=calendar.of(case.parties.issuing),
            said=around.said(tx, self._place.identity, case),
            telephone=own.telephone if own is not None else "",
            visit_pauses=itemdetail.pauses(directory.stated.detail(case.parties.issuing, case.service_item))
            if directory is not None
            else False,
            licenses=expiring.of_case(tx, self._place.box, case.case_no) if kind == _EXPIRING else (),
        )

    def _fresh(self, tx: Connection, county: str, person: Person, about: str) -> Known:
        directory = self._place.directory.demand(tx)
        return Known(
            now=self._place.clock(),
            county=self.county,
            name=person.name,
            parties=Parties(window=self.county, issuing=county),
            calendar=directory.calendar.of(county or self.county),
            about=about,
        )

    def _demand(self, case: Case, kind: str, known: Known, person: Person) -> None:
        if kind not in turns.offered(case, self.county, known.said, self._place.elsewhere):
            raise YunhuobanError(turns.NOT_NOW, place="state", found=f"{kind} ({case.state.value})")
        self._demand_role(kind, person)

    @staticmethod
    def _demand_role(kind: str, person: Person) -> None:
        if not person.roles & WHOSE[kind]:
            raise YunhuobanError(NOT_YOUR_ROLE, place="role", expected=", ".join(sorted(WHOSE[kind])))

    def _today(self) -> date:
        return beijing_day(self._place.clock())
