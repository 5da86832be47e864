"""The files that go with a form: what its message says of them, inside and outside. They travel by themselves.

A county that reads no contract with files in it gets none; then each file's digest stands in its material's note
(`record`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from adapters.directory.directoryview import DirectoryView
from adapters.hall.taking import materials, naming, scans
from adapters.hall.taking.checking import Checked
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.fields import OPENING
from adapters.hall.taking.materials import Row
from certs.atrest import AtRest
from pages.uploads.kinds import Kind
from schemas import releases
from schemas.errors import YunhuobanError
from schemas.messages import TYPES

FILES: Final = "files"
_NAME_BYTES: Final = 200
_ENDINGS: Final = {Kind.PDF: ".pdf", Kind.JPEG: ".jpg", Kind.PNG: ".png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """Of one message, in the same order."""

    files: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    attachments: Sequence[Mapping[str, Any]] = ()


def brought(draft: Draft, checked: Checked) -> Sequence[Row]:
    """The rows that become materials of the message, in their order."""
    return [
        row
        for row in checked.rows
        if draft.typed.get(row.path("taken_as"), "").strip() or naming.shared(draft, row) is not None
    ]


def reads_files(directory: DirectoryView, county: str) -> bool:
    """Whether the county knows what to do with attachments of materials."""
    try:
        return releases.has_field(directory.contract(county), TYPES[OPENING].record, FILES)
    except YunhuobanError:  # nothing in common: the outbox says so, and keeps the message until there is
        return False


def enclose(tx: Connection, sealing: AtRest, draft: Draft, checked: Checked) -> Enclosed:
    """The files of the materials that are brought, named after them: an applicant's own names are not kept."""
    files, attachments = [], []
    mine = scans.of_drafts(tx, [draft.draft_id])
    for number, row in enumerate(brought(draft, checked)):
        if naming.named(draft, row) is not None:
            continue  # nothing is brought for it
        typed = row.name or draft.typed.get(row.path("name"), "").strip()
        name = typed[: materials.NAME_BYTES].encode()[:_NAME_BYTES].decode(errors="ignore")
        for at, each in enumerate((scan for scan in mine if scan.material == row.key), 1):
            inside, outside = scans.announced(tx, sealing, each.scan_id)
            files.append({"material": number, "name": f"{name}-{at}{_ENDINGS[each.kind]}", **inside})
            attachments.append(outside)
    return Enclosed(files=files, attachments=attachments)
