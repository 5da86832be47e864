"""The print station's side of a case: claims go to the hub, what is granted goes to paper, one sheet at a time.

Every step is committed before the next begins: claim, ask, grant, start, sheet. A person's word on the sheet is
`sheets`' business.
"""

import queue
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.authority.revoking import Revoker
from adapters.boxes.opening import CASE_UNKNOWN
from adapters.boxes.outbox import Draft, Outbox
from adapters.case import casebook
from adapters.directory.directories import AskDirectory
from adapters.identity import Identity
from adapters.local import troublebook
from adapters.printing import ledger
from adapters.printing.ledger import Entry
from adapters.printing.states import PrintState
from adapters.printing.station import Outcome, StartOutcome, Station
from adapters.store import Store, tables
from adapters.window import documents
from schemas.envelope import Envelope, new_id
from schemas.errors import YunhuobanError
from schemas.grants import answer_id
from schemas.messages import HUB

_log = structlog.get_logger(__name__)
_WAIT_SECONDS: Final = 0.5
_EXPIRE_EVERY: Final = timedelta(minutes=1)
_SETTLED_WITHIN: Final = timedelta(days=2)


class PrintRoom:
    """One station of this county."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        box: Outbox,
        station: Station,
        directory: AskDirectory,
        clock: Callable[[], datetime],
        sent: Callable[[], None],
        revoker: Revoker,
    ) -> None:
        """`sent` wakes the senders."""
        self._store = store
        self._identity = identity
        self._box = box
        self.station = station
        self._directory = directory
        self._clock = clock
        self._sent = sent
        self._revoker = revoker
        self._ready: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._expired_at: datetime | None = None

    def ask(self, authorisation_no: str, *, by: str = "") -> None:
        """Claim the authorisation for this account and ask the hub; asking again uses the same claim id."""
        claim_id = self.station.claim(authorisation_no, by=by)
        with self._store.write() as tx:
            row = ledger.entry(tx, authorisation_no)
            if row.claim_id == claim_id and not self._asked(tx, row):
                self._put_claim(tx, row, claim_id)
                troublebook.clear(tx, f"grant/{authorisation_no}")
        self._sent()

    def granted(self, authorisation_no: str, claim_id: str, grant: bytes, answer_id: str) -> None:
        """A checked grant arrived under this message id: keep it and line the sheet up for printing."""
        self.station.granted(authorisation_no, claim_id=claim_id, grant=grant, answer_id=answer_id)
        self._ready.put(authorisation_no)

    def run_once(self) -> int:
        """Print what is granted, one sheet at a time; then look after what a crash or the calendar may have left."""
        try:
            authorisation_no = self._ready.get(timeout=_WAIT_SECONDS)
        except queue.Empty:
            self.station.reconcile()
            self._expire()
            return 1  # the wait was in the queue
        self._start(authorisation_no)
        return 1

    def _start(self, authorisation_no: str) -> None:
        with self._store.read() as tx:
            row = ledger.entry(tx, authorisation_no)
        if row.state is not PrintState.CLAIMED:
            return  # the same grant came twice, and its sheet is on its way already
        try:
            with self._store.read() as tx:
                document = documents.to_print(tx, self._identity, row.authorisation)
            outcome = self.station.start(authorisation_no, document)
        except YunhuobanError as error:
            outcome = StartOutcome(
                authorisation_no=authorisation_no, outcome=Outcome.REFUSED_BEFORE_PRINT, reason=error
            )
        _log.info(
            "print.started",
            authorisation_no=authorisation_no,
            outcome=outcome.outcome,
            code=outcome.reason.code if outcome.reason else None,
        )
        self._tell(outcome, row.authorisation.case_no)
        if outcome.outcome is Outcome.ASK_AGAIN:
            self.ask(authorisation_no)

    def _tell(self, outcome: StartOutcome, case_no: str) -> None:
        """Why no sheet came, for the people at the desk; nothing when one did."""
        key = f"print/{outcome.authorisation_no}"
        with self._store.write() as tx:
            if outcome.reason is None:
                troublebook.clear(tx, key)
            else:
                troublebook.note(tx, key, outcome.reason, self._clock(), case_no=case_no)

    def _expire(self) -> None:
        now = self._clock()
        if self._expired_at is not None and now < self._expired_at + _EXPIRE_EVERY:
            return
        self._expired_at = now
        with self._store.write() as tx:
            for number in ledger.expire(tx, now=now):
                _log.info("print.expired", authorisation_no=number)
            # A sheet that was revoked while it might have been out, and was not: its grant ends now.
            revoked = ledger.entries(tx, states={PrintState.REVOKED}, since=now - _SETTLED_WITHIN)
            self._revoker.finish(tx, revoked, self._directory(tx), now)

    def _put_claim(self, tx: Connection, row: Entry, claim_id: str) -> None:
        now = self._clock()
        case = casebook.find(tx, row.authorisation.case_no)
        if case is None:
            raise YunhuobanError(CASE_UNKNOWN, place=row.authorisation.case_no)
        record: dict[str, Any] = {
            "authorisation_no": row.authorisation.authorisation_no,
            "claim_id": claim_id,
            "station": self.station.name,
            "attempt": row.attempt,
            "claimed_at": now,
        }
        asking = new_id()
        self.station.asking(answer_id(self._identity.division_code, asking))
        draft = Draft(
            type="print.claimed",
            case_no=case.case_no,
            destination=HUB,
            service_item=case.service_item,
            trial=case.trial,
            record=record,
            message_id=asking,
        )
        self._box.put(tx, draft, self._directory(tx), now)

    def _asked(self, tx: Connection, row: Entry) -> bool:
        """Whether the present claim is on its way already and no grant has come."""
        if row.granted_at is not None:
            return False
        bodies = tx.execute(
            select(tables.outbox.c.body)
            .where(tables.outbox.c.case_no == row.authorisation.case_no, tables.outbox.c.type == "print.claimed")
            .where(tables.outbox.c.state.in_(("waiting", "sent", "admitted")))
        ).scalars()
        return any((Envelope.parse(each).facts or {})["claim_id"] == row.claim_id for each in bodies)
