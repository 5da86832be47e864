"""What this county's store knows of a license, by its identifier: files, journalled time, state, a successor.

A county knows what it issued and what was sent to it to be printed; of every other license it knows nothing, and says
so. Nothing is asked of anybody.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.authority import ownlicenses
from adapters.boxes import outbox
from adapters.boxes.kept import is_kept
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.licenses.face import statement_of
from adapters.printing import ledger
from adapters.printing.tables import PRINTS
from adapters.store import tables
from adapters.window import documents
from schemas.errors import YunhuobanError
from schemas.identifiers.license import LicenseIdentifier

_MOST_VERSIONS: Final = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one version of one license."""

    files: Mapping[str, str] = field(default_factory=dict)
    """By the file's SHA-256: the SHA-256 of the statement that its face has to bear."""
    journalled_at: datetime | None = None
    """When the hub admitted the license."""
    state: str = ""
    """As its issuer said last; empty when nothing is known."""
    state_said_at: datetime | None = None
    newest: str = ""
    """The identifier of a later version, if there is one."""


def known_of(tx: Connection, identity: Identity, identifier: str, *, trial: bool) -> Known | None:
    """What the store has; None for a license, or an identifier, that this county never heard of."""
    try:
        here = LicenseIdentifier.parse(identifier)
    except YunhuobanError:
        return None
    found = _issued_here(tx, identity, identifier, trial=trial) or _sent_here(tx, identity, identifier, trial=trial)
    newest = _newest(tx, here)
    if found is None and not newest:
        return None
    about = found or Known()
    return Known(
        files=about.files,
        journalled_at=about.journalled_at,
        state=about.state,
        state_said_at=about.state_said_at,
        newest=newest,
    )


def _issued_here(tx: Connection, identity: Identity, identifier: str, *, trial: bool) -> Known | None:
    row = ownlicenses.find(tx, identifier)
    if row is None:
        return None
    sent = outbox.newest_good(tx, row.case_no, "license.issued")
    kept = sent is not None and is_kept(sent)
    record = outbox.Outbox(identity).record(tx, sent.message_id) if kept else None
    ours = record is not None and record["identifier"] == identifier
    return Known(
        files=_files(record, trial=trial) if record is not None and ours else {},
        journalled_at=from_millis(sent.admitted_at) if ours and sent.admitted_at is not None else None,
        state=row.state,
        state_said_at=from_millis(row.changed_at),
    )


def _sent_here(tx: Connection, identity: Identity, identifier: str, *, trial: bool) -> Known | None:
    numbers = select(PRINTS.c.authorisation_no).where(PRINTS.c.license_identifier == identifier)
    for number in tx.execute(numbers.order_by(PRINTS.c.authorisation_no)).scalars():
        signed = ledger.entry(tx, number).authorisation
        try:
            record, _file, admitted_at = documents.license_of(tx, identity, signed)
        except YunhuobanError:
            continue  # its message is not here, or no more
        state, said_at = documents.state_said(tx, signed) or (str(record["state"]), admitted_at)
        files = _files(record, trial=trial)
        return Known(files=files, journalled_at=admitted_at, state=state, state_said_at=said_at)
    return None


def _files(record: Mapping[str, Any], *, trial: bool) -> dict[str, str]:
    return {
        file["sealed_sha256"].hex(): hashlib.sha256(statement_of(record, file, trial=trial).encode()).hexdigest()
        for file in record["files"]
    }


def _newest(tx: Connection, here: LicenseIdentifier) -> str:
    """The latest version after this one that the store has heard of."""
    line = f"{'.'.join(here.text.split('.')[:-2])}."  # version and check character differ
    columns = tables.own_licenses.c.license_identifier, PRINTS.c.license_identifier
    every = {
        each
        for column in columns
        for each in tx.execute(
            select(column).where(column.startswith(line, autoescape=True)).distinct().limit(_MOST_VERSIONS)
        ).scalars()
    }
    later = sorted(each for each in every if LicenseIdentifier.parse(each).version > here.version)
    return later[-1] if later else ""
