"""What the approval desk shows and does, over the node's store and outbox.

An act is one transaction: the case moves, the message is signed and kept, a signature drawn by hand lies beside it. The
press of a button carries an id, and the message's id is derived of it: the same press makes one message, however often
it arrives and whatever was restarted in between.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.approving import acts, papers
from adapters.approving.acts import TYPES, Act
from adapters.approving.papers import Ask, Proposals
from adapters.boxes import inbox, outbox
from adapters.boxes.outbox import Outbox
from adapters.case import casebook, caseclock, caselist, steps
from adapters.case.casebook import Case
from adapters.desk.view import CaseLine
from adapters.directory.directories import AskDirectory
from adapters.directory.directoryview import NO_DIRECTORY, DirectoryView
from adapters.handwriting import book as handwriting
from adapters.identity import Identity
from adapters.revealing import book, showing
from adapters.revealing.book import What
from adapters.store import Store
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

    def __init__(
        self,
        *,
        county: str,
        store: Store,
        identity: Identity,
        box: Outbox,
        directory: AskDirectory,
        elsewhere: frozenset[str],
        clock: Callable[[], datetime],
        sent: Callable[[], None],
        remedies: str = "",
    ) -> None:
        """`elsewhere` are the message types that the county's own system says; `sent` wakes the senders."""
        self._county = county
        self._store = store
        self._identity = identity
        self._box = box
        self._directory = directory
        self._elsewhere = elsewhere
        self._clock = clock
        self._sent = sent
        self._remedies = remedies

    def inbox(self) -> Sequence[CaseLine]:
        """The cases that this county decides, what is late first."""
        with self._store.read() as tx:
            lines = caselist.under_way(tx, self._directory(tx), self._county, self._clock())
        return [each for each in lines if each.decides]

    def open(self, case_no: str, *, revealed: bool = False) -> OpenCase:
        """One case; masked unless its look was noted (`reveal`). Raises E-PAGE-005 when others decide it."""
        with self._store.read() as tx:
            case, line = self._case(tx, case_no)
            application = self._application(tx, case_no)
            supplied = inbox.newest_applied(tx, case_no, _SUPPLEMENT)
            supplement = inbox.record_of(tx, self._identity, supplied[0]) if supplied else None
        return OpenCase(
            line=line,
            fields=showing.fields(_APPLICATION, application, revealed=revealed) if application else (),
            tables=[
                *(showing.tables(_APPLICATION, application, revealed=revealed) if application else ()),
                *(showing.tables(_SUPPLEMENT, supplement, revealed=revealed) if supplement else ()),
            ],
            supplement=showing.fields(_SUPPLEMENT, supplement, revealed=revealed) if supplement else (),
            offered=acts.offered(case.state, self._elsewhere) if application else (),
            shows_only=bool(self._elsewhere & set(TYPES.values())),
            revealed=revealed,
        )

    def reveal(self, case_no: str, *, person: Person, purpose: str) -> OpenCase:
        """The case in full, after the look is written down. Raises E-LOOK-001, E-PAGE-005."""
        with self._store.write() as tx:
            self._case(tx, case_no)
            book.note(
                tx, account=person.account, case_no=case_no, what=What.APPLICATION, purpose=purpose, now=self._clock()
            )
        return self.open(case_no, revealed=True)

    def asks(self, case_no: str, act: Act) -> Sequence[Ask]:
        """The questions of one act's paper. Raises E-APPR-010 when it is not its turn here."""
        with self._store.read() as tx:
            case, _line = self._case(tx, case_no)
            self._demand(case, act)
            return papers.asks(act, case_no, self._proposals(tx, case))

    def materials(self, case_no: str) -> Sequence[str]:
        """What the application brought, by name."""
        with self._store.read() as tx:
            application = self._application(tx, case_no)
        return [each["name"] for each in application["materials"]] if application else ()

    def draft(
        self, case_no: str, act: Act, said: Mapping[str, str], *, person: Person
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The application and the decision that these answers would make; nothing is kept. For a preview."""
        with self._store.read() as tx:
            case, _line = self._case(tx, case_no)
            self._demand(case, act)
            application = self._application(tx, case_no)
        if application is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return application, papers.record(act, said, (), person=person, now=self._clock())

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
        now, message_type = self._clock(), TYPES[act]
        message_id = derived_id(action_id, message_type)
        with self._store.write() as tx:
            if outbox.find(tx, message_id) is not None:
                return
            case, _line = self._case(tx, case_no)
            self._demand(case, act)
            record = papers.record(act, said, defects, person=person, now=now)
            directory = self._view(tx)
            steps.demand_party(case, self._county, message_type)
            steps.take(tx, case, message_type, record, directory, now)
            steps.put(
                tx,
                self._box,
                case,
                message_type,
                record,
                directory,
                now,
                county=self._county,
                message_id=message_id,
            )
            if signature is not None:
                handwriting.keep(
                    tx,
                    self._identity,
                    message_id=message_id,
                    case_no=case_no,
                    picture=signature,
                    by=person.account,
                    now=now,
                )
        _log.info("case.step", case_no=case_no, type=message_type)
        self._sent()

    def _demand(self, case: Case, act: Act) -> None:
        if act not in acts.offered(case.state, self._elsewhere):
            raise YunhuobanError(NOT_HERE, place=case.case_no, found=f"{act.value} ({case.state.value})")

    def _case(self, tx: Connection, case_no: str) -> tuple[Case, CaseLine]:
        line = caselist.find(tx, case_no, self._directory(tx), self._county, self._clock())
        case = casebook.find(tx, case_no)
        if line is None or case is None or not line.decides:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return case, line

    def _application(self, tx: Connection, case_no: str) -> Mapping[str, Any] | None:
        seqs = inbox.newest_applied(tx, case_no, _APPLICATION)
        return inbox.record_of(tx, self._identity, seqs[-1]) if seqs else None

    def _view(self, tx: Connection) -> DirectoryView:
        directory = self._directory(tx)
        if directory is None:
            raise YunhuobanError(NO_DIRECTORY, place="directory")
        return directory

    def _proposals(self, tx: Connection, case: Case) -> Proposals:
        directory, today = self._directory(tx), beijing_day(self._clock())
        item = caseclock.implementation(directory, self._county, case.service_item)
        promised = None
        if directory is not None and item is not None:
            unit = timelimits.UNITS[item.promise_type]
            if item.promise_day <= MOST[unit]:
                promised = last_day(directory.calendar.of(self._county), today, Limit(item.promise_day, unit)).day
        return Proposals(promised_on=promised, supply_until=today + _SUPPLY_WITHIN, remedies=self._remedies)
