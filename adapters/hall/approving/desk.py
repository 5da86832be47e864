"""What the approval desk shows and does, over the node's store and outbox; a press is said by its `Workplace`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import inbox, outbox
from adapters.case import casebook, caseclock, caselist
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.approving import acts, papers
from adapters.hall.approving.acts import TYPES, Act
from adapters.hall.approving.papers import Ask, Proposals
from adapters.hall.desk.view import CaseLine
from adapters.hall.revealing import book, showing
from adapters.hall.revealing.book import What
from adapters.licenses import particulars
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas import timelimits
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import MOST, Limit, last_day

_log = structlog.get_logger(__name__)
NOT_HERE: Final = declare(
    "E-APPR-010",
    "这一步现在不能在这里办理。",
    "请刷新页面看办件现在的状态；本县自己的系统办理的步骤，请在那里办理。",
)
_APPLICATION: Final = "application.submitted"
_SUPPLEMENT: Final = "supplement.provided"
_SUPPLY_WITHIN: Final = timedelta(days=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """One case on the desk."""

    line: CaseLine
    fields: Sequence[showing.Field]
    tables: Sequence[showing.Rows]
    supplement: Sequence[showing.Field]
    """What the window wrote with the newest supplement; its materials are among `tables`."""
    offered: Sequence[Act]
    shows_only: bool
    """Whether the county's own system decides."""
    revealed: bool


class ApprovalDesk:
    """The desk of one county; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace, *, remedies: str = "") -> None:
        """`remedies` is what is proposed for every decision against the applicant."""
        self._place = place
        self._remedies = remedies

    def inbox(self) -> Sequence[CaseLine]:
        """The cases that this county decides, what is late first."""
        with self._place.store.read() as tx:
            lines = caselist.under_way(tx, self._place.directory(tx), self._place.county, self._place.clock())
        return [each for each in lines if each.decides]

    def open(self, case_no: str, *, revealed: bool = False) -> OpenCase:
        """One case; masked unless its look was noted (`reveal`). Raises E-PAGE-005 when others decide it."""
        with self._place.store.read() as tx:
            case, line = self._case(tx, case_no)
            application = self._application(tx, case_no)
            supplied = inbox.newest_applied(tx, case_no, _SUPPLEMENT)
            supplement = inbox.record_of(tx, self._place.identity, supplied[0]) if supplied else None
        return OpenCase(
            line=line,
            fields=showing.fields(_APPLICATION, application, revealed=revealed) if application else (),
            tables=[
                *(showing.tables(_APPLICATION, application, revealed=revealed) if application else ()),
                *(showing.tables(_SUPPLEMENT, supplement, revealed=revealed) if supplement else ()),
            ],
            supplement=showing.fields(_SUPPLEMENT, supplement, revealed=revealed) if supplement else (),
            offered=acts.offered(case.state, self._place.elsewhere) if application else (),
            shows_only=bool(self._place.elsewhere & set(TYPES.values())),
            revealed=revealed,
        )

    def reveal(self, case_no: str, *, person: Person, purpose: str) -> OpenCase:
        """The case in full, after the look is written down. Raises E-LOOK-001, E-PAGE-005."""
        with self._place.store.write() as tx:
            self._case(tx, case_no)
            book.note(
                tx,
                account=person.account,
                case_no=case_no,
                what=What.APPLICATION,
                purpose=purpose,
                now=self._place.clock(),
            )
        return self.open(case_no, revealed=True)

    def asks(self, case_no: str, act: Act) -> Sequence[Ask]:
        """The questions of one act's paper. Raises E-APPR-010 when it is not its turn here."""
        with self._place.store.read() as tx:
            case, _line = self._case(tx, case_no)
            self._demand(case, act)
            return papers.asks(act, case_no, self._proposals(tx, case))

    def materials(self, case_no: str) -> Sequence[str]:
        """What the application brought, by name."""
        with self._place.store.read() as tx:
            application = self._application(tx, case_no)
        return [each["name"] for each in application["materials"]] if application else ()

    def draft(
        self, case_no: str, act: Act, said: Mapping[str, str], *, person: Person
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The application and the decision that these answers would make; nothing is kept. For a preview."""
        with self._place.store.read() as tx:
            case, _line = self._case(tx, case_no)
            self._demand(case, act)
            application = self._application(tx, case_no)
        if application is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        now, registers = self._place.clock(), not particulars.holds_any(application)
        return application, papers.record(act, said, (), registers=registers, person=person, now=now)

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
        """Do it; the same press again does nothing.

        Raises E-APPR-001 or -010, E-DOC-…, E-ADM-101, -102, -106 or -108, and what the outbox raises.
        """
        now, message_type = self._place.clock(), TYPES[act]
        message_id = derived_id(action_id, message_type)
        with self._place.store.write() as tx:
            if outbox.find(tx, message_id) is not None:
                return
            case, _line = self._case(tx, case_no)
            self._demand(case, act)
            application = self._application(tx, case_no)
            registers = application is None or not particulars.holds_any(application)
            record = papers.record(act, said, defects, registers=registers, person=person, now=now)
            self._place.say(
                tx, case, message_type, record, message_id=message_id, person=person, signature=signature, now=now
            )
        _log.info("case.step", case_no=case_no, type=message_type)
        self._place.sent()

    def _demand(self, case: Case, act: Act) -> None:
        if act not in acts.offered(case.state, self._place.elsewhere):
            raise YunhuobanError(NOT_HERE, place=case.case_no, found=f"{act.value} ({case.state.value})")

    def _case(self, tx: Connection, case_no: str) -> tuple[Case, CaseLine]:
        line = caselist.find(tx, case_no, self._place.directory(tx), self._place.county, self._place.clock())
        case = casebook.find(tx, case_no)
        if line is None or case is None or not line.decides:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return case, line

    def _application(self, tx: Connection, case_no: str) -> Mapping[str, Any] | None:
        seqs = inbox.newest_applied(tx, case_no, _APPLICATION)
        return inbox.record_of(tx, self._place.identity, seqs[-1]) if seqs else None

    def _proposals(self, tx: Connection, case: Case) -> Proposals:
        directory, today = self._place.directory(tx), beijing_day(self._place.clock())
        item = caseclock.implementation(directory, self._place.county, case.service_item)
        promised = None
        if directory is not None and item is not None:
            unit = timelimits.UNITS[item.promise_type]
            if item.promise_day <= MOST[unit]:
                promised = last_day(directory.calendar.of(self._place.county), today, Limit(item.promise_day, unit)).day
        return Proposals(promised_on=promised, supply_until=today + _SUPPLY_WITHIN, remedies=self._remedies)
