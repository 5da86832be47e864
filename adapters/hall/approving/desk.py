"""What the approval desk shows and does, over the node's store and outbox; a press is said by its `Workplace`.

What needs two persons is only proposed here (`seconding`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.authority import ownlicenses, windowpowers
from adapters.boxes import inbox, outbox
from adapters.case import caselist
from adapters.case.casebook import Case
from adapters.case.papers import UNDECIDED, awaited
from adapters.case.workplace import Workplace
from adapters.hall.approving import grounds, judging, papers, proposals, rules, weighing
from adapters.hall.approving.acts import TWO_PERSONS, TYPES, Act
from adapters.hall.approving.grounds import Grounds
from adapters.hall.approving.papers import Ask
from adapters.hall.approving.proposals import Proposal
from adapters.hall.approving.rules import Rule
from adapters.hall.approving.seconding import Seconding
from adapters.hall.desk.view import CaseLine
from adapters.hall.grouping import following
from adapters.hall.grouping.following import Followed
from adapters.hall.revealing import book, showing
from adapters.hall.revealing.book import What
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
_APPLICATION: Final = "application.submitted"
_SUPPLEMENT: Final = "supplement.provided"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """One case on the desk."""

    line: CaseLine
    fields: Sequence[showing.Field]
    tables: Sequence[showing.Rows]
    supplement: Sequence[showing.Field]
    """What the window wrote with the newest supplement; its materials are among `tables`."""
    offered: Sequence[Act]
    proposals: Sequence[Proposal]
    licenses: Sequence[grounds.OwnLicense]
    papers_awaited: bool
    """Whether originals are still on their way, without which nothing can be decided."""
    judged: judging.Judged
    """What the materials are worth, and who verified them."""
    shows_only: bool
    """Whether the county's own system decides."""
    delivers: bool
    """Whether the window may print the result and hand it over; else it goes there by parcel."""
    revealed: bool
    together: Followed | None
    """The group that it is a part of, as far as this county knows the other parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One act's paper, before it is filled in."""

    asks: Sequence[Ask]
    rules: Sequence[Rule]
    materials: Sequence[str]
    """Names of what the application brought, to point at in a notice of defects."""


class ApprovalDesk:
    """The desk of one county; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace, *, remedies: str = "") -> None:
        """`remedies` is what is proposed for every decision against the applicant."""
        self._place = place
        self._remedies = remedies
        self.seconding = Seconding(place, remedies=remedies)

    def inbox(self) -> Sequence[CaseLine]:
        """The cases that this county decides, what is late first."""
        with self._place.store.read() as tx:
            lines = caselist.under_way(tx, self._place.directory(tx), self._place.county, self._place.clock())
        return [each for each in lines if each.decides]

    def waiting(self) -> Mapping[str, Sequence[Proposal]]:
        """What waits for a second person, by case."""
        with self._place.store.read() as tx:
            found: dict[str, list[Proposal]] = {}
            for each in proposals.waiting(tx):
                found.setdefault(each.case_no, []).append(each)
        return found

    def search(self, text: str) -> str | None:
        """The number of the case that a case number or a license's identifier names, ended ones too; None for none."""
        with self._place.store.read() as tx:
            row = ownlicenses.find(tx, text)
            case_no = row.case_no if row is not None else text
            try:
                return grounds.case_of(tx, self._place, case_no)[0].case_no
            except YunhuobanError:
                return None

    def open(self, case_no: str, *, revealed: bool = False) -> OpenCase:
        """One case; masked unless its look was noted (`reveal`). Raises E-PAGE-005 when others decide it."""
        with self._place.store.read() as tx:
            case, line = grounds.case_of(tx, self._place, case_no)
            application = grounds.application(tx, self._place, case_no)
            supplied = inbox.newest_applied(tx, case_no, _SUPPLEMENT)
            supplement = inbox.record_of(tx, self._place.identity, supplied[0]) if supplied else None
            known = self._known(tx, case)
            proposed = proposals.of_case(tx, case_no)
            directory = self._place.directory(tx)
            delivers = windowpowers.delivers(directory, case.parties, case.service_item, known.now)
            waits = case.state in UNDECIDED and awaited(tx, self._place.identity, case, directory, known.now)
            judged = judging.judged(tx, self._place, case, application, supplement)
            together = following.of_case(tx, self._place, case_no)
        return OpenCase(
            line=line,
            fields=showing.fields(_APPLICATION, application, revealed=revealed) if application else (),
            tables=[
                *(showing.tables(_APPLICATION, application, revealed=revealed) if application else ()),
                *(showing.tables(_SUPPLEMENT, supplement, revealed=revealed) if supplement else ()),
            ],
            supplement=showing.fields(_SUPPLEMENT, supplement, revealed=revealed) if supplement else (),
            offered=weighing.offered(case.state, self._place.elsewhere, known) if application else (),
            proposals=proposed,
            licenses=known.licenses,
            delivers=delivers,
            papers_awaited=waits,
            judged=judged,
            shows_only=bool(self._place.elsewhere & set(TYPES.values())),
            revealed=revealed,
            together=together,
        )

    def reveal(self, case_no: str, *, person: Person, purpose: str) -> OpenCase:
        """The case in full, after the look is written down. Raises E-LOOK-001, E-PAGE-005."""
        with self._place.store.write() as tx:
            grounds.case_of(tx, self._place, case_no)
            book.note(
                tx,
                account=person.account,
                case_no=case_no,
                what=What.APPLICATION,
                purpose=purpose,
                now=self._place.clock(),
            )
        return self.open(case_no, revealed=True)

    def paper(self, case_no: str, act: Act) -> Paper:
        """One act's paper and the rule beside it. Raises E-APPR-010 or -011 when it is not its turn here."""
        with self._place.store.read() as tx:
            case, _line = grounds.case_of(tx, self._place, case_no)
            known = self._demanded(tx, case, act)
            application = grounds.application(tx, self._place, case_no)
        return Paper(
            asks=papers.asks(act, case_no, known),
            rules=rules.beside(act, known),
            materials=[each["name"] for each in application["materials"]] if application else (),
        )

    def draft(
        self, case_no: str, act: Act, said: Mapping[str, str], *, person: Person
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The application and the decision that these answers would make; nothing is kept. For a preview."""
        with self._place.store.read() as tx:
            case, _line = grounds.case_of(tx, self._place, case_no)
            known = self._demanded(tx, case, act)
            application = grounds.application(tx, self._place, case_no)
        if application is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return application, papers.record(act, said, (), person=person, known=known)

    def act(
        self,
        case_no: str,
        act: Act,
        said: Mapping[str, str],
        defects: Sequence[Mapping[str, str]],
        *,
        signature: bytes | None = None,
        person: Person,
        action_id: str,
    ) -> None:
        """Do it, or propose it to the second person; the same press again does nothing.

        Raises E-APPR-001 or -010, E-DOC-…, E-ADM-101, -102, -106 or -108, what `propose` and what the outbox raises.
        """
        if act in TWO_PERSONS:
            self.seconding.propose(case_no, act, said, person=person, action_id=action_id)
            return
        now, message_type = self._place.clock(), TYPES[act]
        message_id = derived_id(action_id, message_type)
        with self._place.store.write() as tx:
            if outbox.find(tx, message_id) is not None:
                return
            case, _line = grounds.case_of(tx, self._place, case_no)
            known = self._demanded(tx, case, act)
            record = papers.record(act, said, defects, person=person, known=known)
            self._place.say(
                tx, case, message_type, record, message_id=message_id, person=person, signature=signature, now=now
            )
        _log.info("case.step", case_no=case_no, type=message_type)
        self._place.sent()

    def _known(self, tx: Connection, case: Case) -> Grounds:
        return grounds.gather(tx, self._place, case, self._remedies)

    def _demanded(self, tx: Connection, case: Case, act: Act) -> Grounds:
        known = self._known(tx, case)
        weighing.demand(act, case.state, self._place.elsewhere, known)
        return known
