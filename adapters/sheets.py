"""A person's word on a sheet: good, or void and why. It ends the authorisation and goes out signed.

The word, the outcome in the outbox and the trace for the local system are one transaction. While there is nobody to
encrypt to the outcome is kept as a draft: a sheet in a clerk's hand is accounted for whatever the network does.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters import casebook, localwrites, troublebook
from adapters.directories import AskDirectory
from adapters.identity import Identity
from adapters.opening import CASE_UNKNOWN
from adapters.outbox import Draft, Outbox
from adapters.printing import ledger
from adapters.printing.ledger import Entry
from adapters.printing.states import PrintState
from adapters.printing.stock import StockSheet
from adapters.printing.tables import SpoilReason
from adapters.store import Store
from schemas import codec
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
# The desk asks for two persons when nothing came out of the printer, and has no sign-in yet to know the second by.
_SECOND_PERSON: Final = "second-person"


class SheetBook:
    """Takes the words of this county's clerks."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        box: Outbox,
        directory: AskDirectory,
        clock: Callable[[], datetime],
        sent: Callable[[], None],
    ) -> None:
        """`sent` wakes the senders and the local writer."""
        self._store = store
        self._identity = identity
        self._box = box
        self._directory = directory
        self._clock = clock
        self._sent = sent

    def confirm(self, authorisation_no: str, *, stock_serial: str, by: str) -> None:
        """A person holds a good sheet. Raises the ledger's errors; the same word again changes nothing."""
        self._settle(authorisation_no, None, stock_serial, by)

    def spoil(self, authorisation_no: str, *, stock_serial: str, reason: SpoilReason, by: str) -> None:
        """A person holds a void sheet, or two persons say that none came. Raises the ledger's errors."""
        self._settle(authorisation_no, reason, stock_serial, by)

    def _settle(self, authorisation_no: str, reason: SpoilReason | None, serial: str, by: str) -> None:
        now = self._clock()
        with self._store.write() as tx:
            row = ledger.entry(tx, authorisation_no)
            if row.state is (PrintState.PRINTED if reason is None else PrintState.SPOILED):
                return  # said already; the opposite word is the ledger's WRONG_STATE
            signed = row.authorisation
            sheet = (
                StockSheet(kind=signed.stock_kind, issuing_body=signed.target_county, serial=serial) if serial else None
            )
            if row.state is PrintState.UNKNOWN:
                witness = _SECOND_PERSON if reason is SpoilReason.NO_SHEET else None
                ledger.settle_unknown(tx, authorisation_no, reason=reason, sheet=sheet, by=by, now=now, witness=witness)
            elif reason is None:
                ledger.confirm_printed(tx, authorisation_no, sheet=sheet, by=by, now=now)
            else:
                ledger.spoil(tx, authorisation_no, sheet=sheet, reason=reason, by=by, now=now)
            self._report(tx, row, reason, serial, by, now)
            troublebook.clear(tx, f"print/{authorisation_no}")
        _log.info(
            "print.settled", authorisation_no=authorisation_no, outcome="printed" if reason is None else "spoiled"
        )
        self._sent()

    def _report(
        self, tx: Connection, row: Entry, reason: SpoilReason | None, serial: str, by: str, now: datetime
    ) -> None:
        signed = row.authorisation
        case = casebook.find(tx, signed.case_no)
        if case is None:
            raise YunhuobanError(CASE_UNKNOWN, place=signed.case_no)
        facts = {
            "authorisation_no": signed.authorisation_no,
            "claim_id": row.claim_id or "",
            "result": "printed" if reason is None else "spoiled",
            "stock_kind": signed.stock_kind,
            "stock_serial": serial,
        }
        record = facts | {
            "started_at": row.started_at or now,
            "settled_at": now,
            "reason": reason.value if reason else "",
            "clerk": by,
            "job_uuid": row.job_uuid or "",
        }
        casebook.move(tx, case, "print.settled", facts)
        draft = Draft(
            type="print.settled",
            case_no=case.case_no,
            destination=signed.issuing_county,
            service_item=case.service_item,
            trial=case.trial,
            record=record,
            facts=facts,
            patient=True,
        )
        message_id = self._box.put(tx, draft, self._directory(tx), now)
        localwrites.plan(
            tx,
            self._identity,
            message_id=message_id,
            message_type="print.settled",
            case_no=case.case_no,
            source=self._identity.division_code,
            payload=codec.encode("PrintOutcome", record),
            now=now,
        )
