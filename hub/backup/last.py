"""When this hub was last backed up: a line beside its settings, because the file itself goes elsewhere at once.

It is not in the backup: a restored hub has not been saved yet.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from certs import files

FILE: Final = "last-backup.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBackup:
    """The last one that was written whole."""

    at: datetime
    octets: int


def keep(folder: Path, made: LastBackup) -> None:
    """Remember it. Raises E-CERT-002."""
    text = json.dumps({"at": made.at.isoformat(), "octets": made.octets})
    files.write_atomically(folder / FILE, text.encode())


def read(folder: Path) -> LastBackup | None:
    """The last one; none, too, where the line is not one of ours. Raises E-CERT-001."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        said = json.loads(files.read(path))
        at, octets = datetime.fromisoformat(said["at"]), int(said["octets"])
    except (ValueError, KeyError, TypeError):
        return None
    return LastBackup(at=at, octets=octets) if at.tzinfo is not None else None
