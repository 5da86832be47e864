"""What the issuing county takes back: authorisations one by one, or all of a license that has ended.

What waits here ends at once. A grant that the hub gave for it is ended with a signed word, because a grant ends with
nothing else. While a sheet may be out only a mark is left: it is accounted for as spoiled, or, if nothing came out
after all, ended by `finish`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.boxes.outbox import Outbox
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.printing import ledger
from adapters.printing.ledger import Entry
from adapters.printing.states import PrintState
from adapters.window import printoutcome
from schemas.envelope import derived_id

_log = structlog.get_logger(__name__)
_OPEN: Final = (PrintState.AUTHORISED, PrintState.CLAIMED, PrintState.PRINTING, PrintState.UNKNOWN)
_NOBODY: Final = "station"
"""Who says it: the program, no clerk."""


class Revoker:
    """Ends authorisations; stateless."""

    def __init__(self, *, identity: Identity, box: Outbox) -> None:
        """The outcome goes out signed by this county."""
        self._identity = identity
        self._box = box

    def license_ended(
        self, tx: Connection, license_identifier: str, directory: DirectoryView | None, now: datetime
    ) -> None:
        """Nothing more of this license is printed."""
        for row in ledger.entries(tx, states=_OPEN):
            if row.authorisation.license_identifier == license_identifier:
                self.revoke(tx, row.authorisation.authorisation_no, directory, now)

    def revoke(self, tx: Connection, authorisation_no: str, directory: DirectoryView | None, now: datetime) -> None:
        """End one authorisation; one that has an outcome keeps it. Raises E-PRINT-101 when there is none."""
        if ledger.entry(tx, authorisation_no).state in _OPEN:  # else it has ended meanwhile: its outcome is on its way
            ledger.revoke(tx, authorisation_no, now=now)
            _log.info("print.revoked", authorisation_no=authorisation_no)
        self.finish(tx, [ledger.entry(tx, authorisation_no)], directory, now)

    def finish(self, tx: Connection, rows: Iterable[Entry], directory: DirectoryView | None, now: datetime) -> None:
        """End the hub's grants for what is revoked here; what was said already is not said again."""
        for row in rows:
            if row.state is not PrintState.REVOKED or row.granted_at is None or row.claim_id is None:
                continue
            message_id = derived_id(row.claim_id, "revoked")
            if outbox.find(tx, message_id) is None:
                printoutcome.report(
                    tx,
                    row,
                    result="revoked",
                    reason="",
                    serial="",
                    by=_NOBODY,
                    box=self._box,
                    identity=self._identity,
                    directory=directory,
                    now=now,
                    message_id=message_id,
                )
