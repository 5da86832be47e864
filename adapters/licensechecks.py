"""Verifies the license of a print authorisation line by line, and remembers what can no longer change."""

import threading
from collections.abc import Sequence
from datetime import datetime

from adapters import documents
from adapters.desk.view import CheckLine, CheckState
from adapters.directories import AskDirectory
from adapters.identity import Identity
from adapters.licenses.face import statement_of
from adapters.licenses.verify import LicenseVerification, StateNow, verify_license
from adapters.printing import ledger
from adapters.store import Store
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
        self._lock = threading.Lock()

    def lines(self, authorisation_no: str, now: datetime) -> Sequence[CheckLine]:
        """Every line; remembered once all are good, because neither license nor authorisation ever changes.

        Raises E-PRINT-101 or E-PRINT-303.
        """
        with self._lock:
            if authorisation_no in self._good:
                return self._good[authorisation_no]
        found = self._verify(authorisation_no, now)
        lines = [
            CheckLine(id=each.id, sentence=each.sentence, state=CheckState(each.standing), detail=each.detail)
            for each in found.lines
        ]
        if all(each.state is CheckState.OK for each in lines):
            with self._lock:
                self._good[authorisation_no] = lines
        return lines

    def _verify(self, authorisation_no: str, now: datetime) -> LicenseVerification:
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
            state=StateNow(state=record["state"], age_seconds=int((now - admitted_at).total_seconds())),
        )
