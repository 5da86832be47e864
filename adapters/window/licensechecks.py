"""Verifies the license of a print authorisation line by line, and remembers what can no longer change.

The license's state can: that line is drawn anew each time, from what its issuer last said.
"""

import threading
from collections.abc import Sequence
from datetime import datetime

from adapters.directory.directories import AskDirectory
from adapters.hall.desk.view import CheckLine, CheckState
from adapters.identity import Identity
from adapters.licenses import verify
from adapters.licenses.face import statement_of
from adapters.licenses.verify import LicenseVerification, Line, StateNow, verify_license
from adapters.printing import ledger
from adapters.store import Store
from adapters.window import documents
from certs import keys


class LicenseChecks:
    """The checks of one county's desk; thread-safe."""

    def __init__(self, *, store: Store, identity: Identity, directory: AskDirectory, trial: bool) -> None:
        """Seal anchors are the county's own files; revocation lists of seals come with the directory."""
        self._store = store
        self._identity = identity
        self._directory = directory
        self._trial = trial
        self._good: dict[str, Sequence[CheckLine]] = {}
        self._issued: dict[str, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def lines(self, authorisation_no: str, state: StateNow) -> Sequence[CheckLine]:
        """Every line; those of the file are remembered once all are good, because they never change.

        Raises E-PRINT-101 or E-PRINT-303.
        """
        last = _check(verify.state_line(state))
        with self._lock:
            if authorisation_no in self._good:
                return [*self._good[authorisation_no], last]
        found = self._verify(authorisation_no)
        lines = [_check(each) for each in found.lines if each.id != last.id]
        if all(each.state is CheckState.OK for each in lines):
            with self._lock:
                self._good[authorisation_no] = lines
        return [*lines, last]

    def state(self, authorisation_no: str, now: datetime) -> StateNow:
        """What the issuing county last said of the license. Raises E-PRINT-101 or E-PRINT-303."""
        with self._store.read() as tx:
            signed = ledger.entry(tx, authorisation_no).authorisation
            with self._lock:
                issued = self._issued.get(authorisation_no)
            if issued is None:  # the license is large, and opened for this once
                record, _file, admitted_at = documents.license_of(tx, self._identity, signed)
                issued = str(record["state"]), admitted_at
            state, said_at = documents.state_said(tx, signed) or issued
        with self._lock:
            self._issued[authorisation_no] = issued
        return StateNow(state=state, age_seconds=int((now - said_at).total_seconds()))

    def _verify(self, authorisation_no: str) -> LicenseVerification:
        with self._store.read() as tx:
            signed = ledger.entry(tx, authorisation_no).authorisation
            record, file, admitted_at = documents.license_of(tx, self._identity, signed)
            directory = self._directory(tx)
        return verify_license(
            bytes(file["sealed"]),
            anchors=[keys.der(each) for each in self._identity.seal_anchors],
            crls=list(directory.seal_crls) if directory else [],
            at=admitted_at,
            expected_sha256=bytes.fromhex(signed.sealed_sha256),
            trial=self._trial,
            expected_statement=statement_of(record, file, trial=self._trial),
        )


def _check(line: Line) -> CheckLine:
    return CheckLine(id=line.id, sentence=line.sentence, state=CheckState(line.standing), detail=line.detail)
