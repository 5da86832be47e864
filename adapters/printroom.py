"""Brings claims, grants, sheets and people's words together: the print station's side of a case.

Every step is committed before the next begins: claim, ask, grant, start, sheet, a person's word, the signed outcome.
The clerk's word, the outcome in the outbox and the trace for the local system are one transaction.
"""

import queue
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters import casebook, inbox, localwrites
from adapters.directoryview import NO_DIRECTORY, DirectoryView
from adapters.identity import Identity
from adapters.outbox import Draft, Outbox
from adapters.printing import ledger
from adapters.printing.ledger import Entry
from adapters.printing.states import PrintState
from adapters.printing.station import Outcome, Station
from adapters.printing.stock import StockSheet
from adapters.printing.tables import SpoilReason
from adapters.store import Store, tables
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.messages import HUB

_log = structlog.get_logger(__name__)
NO_DOCUMENT: Final = declare("E-PRINT-303", "找不到授权所指的证照文件。", "请等待证照报文到达；仍找不到时联系属地。")
WITNESS: Final = "second-person"


class PrintRoom:
    """One station of this county."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        box: Outbox,
        station: Station,
        directory: Callable[[Connection], DirectoryView | None],
        clock: Callable[[], datetime],
        sent: Callable[[], None],
    ) -> None:
        """`sent` wakes the senders and the local writer."""
        self._store = store
        self._identity = identity
        self._box = box
        self.station = station
        self._directory = directory
        self._clock = clock
        self._sent = sent
        self._ready: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask(self, authorisation_no: str) -> None:
        """Claim the authorisation and ask the hub; asking again uses the same claim id."""
        claim_id = self.station.claim(authorisation_no)
        now = self._clock()
        with self._store.write() as tx:
            row = ledger.entry(tx, authorisation_no)
            if self._asked(tx, row):
                return
            facts = {
                "authorisation_no": authorisation_no,
                "claim_id": claim_id,
                "station": self.station.name,
                "attempt": row.attempt,
            }
            self._put(tx, row, "print.claimed", facts | {"claimed_at": now}, facts, now, destination=HUB)
        self._sent()

    def granted(self, authorisation_no: str, claim_id: str, grant: bytes) -> None:
        """A checked grant arrived: keep it and line the sheet up for printing."""
        self.station.granted(authorisation_no, claim_id=claim_id, grant=grant)
        self._ready.put(authorisation_no)

    def run_once(self) -> int:
        """Print what is granted, one sheet at a time; then look after what a crash may have left."""
        try:
            authorisation_no = self._ready.get(timeout=0.5)
        except queue.Empty:
            self.station.reconcile()
            return 1  # the wait was in the queue
        outcome = self.station.start(authorisation_no, self.document(authorisation_no))
        _log.info(
            "print.started",
            authorisation_no=authorisation_no,
            outcome=outcome.outcome,
            code=str(outcome.reason.code) if outcome.reason else None,
        )
        if outcome.outcome is Outcome.ASK_AGAIN:
            self.ask(authorisation_no)
        return 1

    def document(self, authorisation_no: str) -> bytes:
        """The file that this authorisation says is to be printed, found by its digest. Raises E-PRINT-303."""
        with self._store.read() as tx:
            row = ledger.entry(tx, authorisation_no)
            for file in license_record(tx, self._identity, row.authorisation.case_no)["files"]:
                for name in ("sealed", "print_file"):
                    if file[f"{name}_sha256"].hex() == row.authorisation.print_file_sha256:
                        return bytes(file[name])
        raise YunhuobanError(NO_DOCUMENT, place=authorisation_no)

    def confirm(self, authorisation_no: str, *, stock_serial: str, by: str) -> None:
        """A person holds a good sheet."""
        self._settle(authorisation_no, None, stock_serial, by)

    def spoil(self, authorisation_no: str, *, stock_serial: str, reason: SpoilReason, by: str) -> None:
        """A person holds a bad sheet, or two persons say that none came."""
        self._settle(authorisation_no, reason, stock_serial, by)

    def _settle(self, authorisation_no: str, reason: SpoilReason | None, stock_serial: str, by: str) -> None:
        now = self._clock()
        with self._store.write() as tx:
            row = ledger.entry(tx, authorisation_no)
            if row.state in (PrintState.PRINTED, PrintState.SPOILED):
                return  # said already
            sheet = (
                StockSheet(
                    kind=row.authorisation.stock_kind, issuing_body=row.authorisation.target_county, serial=stock_serial
                )
                if stock_serial
                else None
            )
            if row.state is PrintState.UNKNOWN:
                witness = WITNESS if reason is SpoilReason.NO_SHEET else None
                ledger.settle_unknown(tx, authorisation_no, reason=reason, sheet=sheet, by=by, now=now, witness=witness)
            elif reason is None:
                ledger.confirm_printed(tx, authorisation_no, sheet=sheet, by=by, now=now)
            else:
                ledger.spoil(tx, authorisation_no, sheet=sheet, reason=reason, by=by, now=now)
            self._report(tx, row, reason, stock_serial, by, now)
        _log.info("print.settled", authorisation_no=authorisation_no, outcome="printed" if reason is None else "spoiled")
        self._sent()

    def _report(
        self, tx: Connection, row: Entry, reason: SpoilReason | None, stock_serial: str, by: str, now: datetime
    ) -> None:
        facts = {
            "authorisation_no": row.authorisation.authorisation_no,
            "claim_id": row.claim_id or "",
            "result": "printed" if reason is None else "spoiled",
            "stock_kind": row.authorisation.stock_kind,
            "stock_serial": stock_serial,
        }
        record = facts | {
            "started_at": row.started_at or now,
            "settled_at": now,
            "reason": reason.value if reason else "",
            "clerk": by,
            "job_uuid": row.job_uuid or "",
        }
        case = casebook.find(tx, row.authorisation.case_no)
        if case is not None:
            casebook.move(tx, case, "print.settled", facts)
        message_id = self._put(tx, row, "print.settled", record, facts, now, destination=row.authorisation.issuing_county)
        localwrites.plan(
            tx,
            self._identity,
            message_id=message_id,
            message_type="print.settled",
            case_no=row.authorisation.case_no,
            source=self._identity.division_code,
            payload=codec.encode("PrintOutcome", record),
            now=now,
        )

    def _put(
        self,
        tx: Connection,
        row: Entry,
        message_type: str,
        record: Mapping[str, Any],
        facts: Mapping[str, Any],
        now: datetime,
        *,
        destination: str,
    ) -> str:
        directory = self._directory(tx)
        case = casebook.find(tx, row.authorisation.case_no)
        if directory is None or case is None:
            raise YunhuobanError(NO_DIRECTORY)
        draft = Draft(
            type=message_type,
            case_no=case.case_no,
            destination=destination,
            service_item=case.service_item,
            trial=case.trial,
            record=record,
            facts=facts,
        )
        return self._box.put(tx, draft, directory, now)

    def _asked(self, tx: Connection, row: Entry) -> bool:
        """Whether a claim of this attempt is on its way already and no grant has come."""
        if row.granted_at is not None:
            return False
        open_claims = tx.execute(
            select(tables.outbox.c.message_id).where(
                tables.outbox.c.case_no == row.authorisation.case_no,
                tables.outbox.c.type == "print.claimed",
                tables.outbox.c.state.in_(("waiting", "sent", "admitted")),
            )
        ).scalars()
        return any(self._box.record(tx, each)["claim_id"] == row.claim_id for each in open_claims)


def license_record(tx: Connection, identity: Identity, case_no: str) -> dict[str, Any]:
    """The newest license of a case that arrived here. Raises E-PRINT-303."""
    seq = tx.execute(
        select(tables.inbox.c.seq)
        .where(tables.inbox.c.case_no == case_no, tables.inbox.c.type == "license.issued")
        .where(tables.inbox.c.state == "applied")
        .order_by(tables.inbox.c.seq.desc())
        .limit(1)
    ).scalar()
    if seq is None:
        raise YunhuobanError(NO_DOCUMENT, place=case_no)
    return inbox.record_of(tx, identity, seq)

