"""A person's word on a sheet: good, or void and why. It ends the authorisation and goes out signed.

The word, the outcome in the outbox and the trace for the local system are one transaction. While there is nobody to
encrypt to the outcome is kept as a draft: a sheet in a clerk's hand is accounted for whatever the network does.
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from adapters.boxes.outbox import Outbox
from adapters.directory.directories import AskDirectory
from adapters.hall.stock.atprint import Explained
from adapters.identity import Identity
from adapters.local import troublebook
from adapters.printing import ledger
from adapters.printing.ledger import Authorisation
from adapters.printing.states import PrintState
from adapters.printing.stock import StockSheet
from adapters.printing.tables import SpoilReason
from adapters.store import Store
from adapters.window import printoutcome

_log = structlog.get_logger(__name__)


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

    def confirm(self, authorisation_no: str, *, stock_serial: str, by: str, explained: Explained | None = None) -> None:
        """A person holds a good sheet. Raises the ledger's errors; the same word again changes nothing.

        `explained` is the word on sheets that lay before it in the tray, where the county keeps a book of its stock.
        """
        self._settle(authorisation_no, None, stock_serial, by, explained=explained)

    def spoil(
        self, authorisation_no: str, *, stock_serial: str, reason: SpoilReason, by: str, witness: str = ""
    ) -> None:
        """A person holds a void sheet, or two persons say that none came. Raises the ledger's errors."""
        self._settle(authorisation_no, reason, stock_serial, by, witness=witness)

    def _settle(
        self,
        authorisation_no: str,
        reason: SpoilReason | None,
        serial: str,
        by: str,
        *,
        witness: str = "",
        explained: Explained | None = None,
    ) -> None:
        now = self._clock()
        with self._store.write() as tx:
            row = ledger.entry(tx, authorisation_no)
            if row.state is (PrintState.PRINTED if reason is None else PrintState.SPOILED):
                return  # said already; the opposite word is the ledger's WRONG_STATE
            signed = row.authorisation
            sheet = _sheet(signed, serial, explained) if serial else None
            if row.state is PrintState.UNKNOWN:
                second = witness if reason is SpoilReason.NO_SHEET and witness else None
                ledger.settle_unknown(tx, authorisation_no, reason=reason, sheet=sheet, by=by, now=now, witness=second)
            elif reason is None:
                ledger.confirm_printed(tx, authorisation_no, sheet=sheet, by=by, now=now)
            else:
                ledger.spoil(tx, authorisation_no, sheet=sheet, reason=reason, by=by, now=now)
            printoutcome.report(
                tx,
                row,
                result="printed" if reason is None else "spoiled",
                reason=reason.value if reason else "",
                serial=ledger.entry(tx, authorisation_no).stock_serial or "",
                by=by,
                box=self._box,
                identity=self._identity,
                directory=self._directory(tx),
                now=now,
            )
            troublebook.clear(tx, f"print/{authorisation_no}")
        outcome = "printed" if reason is None else "spoiled"
        _log.info("print.settled", authorisation_no=authorisation_no, outcome=outcome, account=by)
        self._sent()


def _sheet(signed: Authorisation, serial: str, explained: Explained | None) -> StockSheet:
    """A county without a book of this stock is its own issuing body."""
    return StockSheet(kind=signed.stock_kind, issuing_body=signed.target_county, serial=serial, explained=explained)
