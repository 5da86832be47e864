"""Scans of materials: kept here sealed, after they were looked at (`picturing`).

No name of a file is kept: it is whatever the applicant called it, and often names a person.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from adapters.hall.taking.picturing import Seen
from adapters.hall.taking.tables import scans
from adapters.instants import from_millis, to_millis
from certs.atrest import AtRest
from pages.frame import NOT_THERE
from pages.uploads.kinds import Kind
from schemas.errors import YunhuobanError, declare

MOST_FILE_BYTES: Final = 10 * 1024 * 1024
MOST_DRAFT_BYTES: Final = 100 * 1024 * 1024
"""Of all scans of one application: `design.md` §4 has a hundred MB a case."""
MOST_FILES: Final = 60
ACCEPT: Final = "application/pdf,image/jpeg,image/png"

TOO_MUCH: Final = declare(
    "E-TAKE-005",
    "这份申请的扫描件太大或太多，没有收下：最多 {most} 个，合计 {total} MB。",
    "请降低扫描的分辨率，或删掉不需要的扫描件后再上传。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What is known of one file."""

    scan_id: str
    draft_id: str
    material: str
    kind: Kind
    pages: int
    size_bytes: int
    sha256: str
    added_by: str
    added_at: datetime


def add(
    tx: Connection, sealing: AtRest, *, draft_id: str, material: str, seen: Seen, account: str, now: datetime
) -> None:
    """Keep one file; the same file for the same material is kept once. Raises E-TAKE-005."""
    digest, size = hashlib.sha256(seen.data).digest(), len(seen.data)
    of_draft = scans.c.draft_id == draft_id
    held = tx.execute(select(func.count(), func.coalesce(func.sum(scans.c.size_bytes), 0)).where(of_draft)).one()
    same = of_draft & (scans.c.material == material) & (scans.c.sha256 == digest)
    if tx.execute(select(scans.c.scan_id).where(same)).first() is not None:
        return
    if held[0] >= MOST_FILES or int(held[1]) + size > MOST_DRAFT_BYTES:
        most, total = str(MOST_FILES), str(MOST_DRAFT_BYTES // 1024 // 1024)
        raise YunhuobanError(
            TOO_MUCH, place="file", found=f"{held[0]}, {int(held[1]) + size} B", most=most, total=total
        )
    scan_id = str(uuid.uuid4())
    tx.execute(
        insert(scans).values(
            scan_id=scan_id,
            draft_id=draft_id,
            material=material,
            kind=seen.kind.value,
            pages=seen.pages,
            size_bytes=size,
            sha256=digest,
            file_sealed=sealing.seal(seen.data, place=_place(scan_id)),
            added_by=account,
            added_at=to_millis(now),
        )
    )


def remove(tx: Connection, draft_id: str, scan_id: str) -> None:
    """Forget one file of a draft; one that is not there is forgotten already."""
    tx.execute(delete(scans).where(scans.c.draft_id == draft_id, scans.c.scan_id == scan_id))


def of_drafts(tx: Connection, draft_ids: Sequence[str]) -> Sequence[Scan]:
    """All files of these drafts, without their contents, in the order in which they came."""
    columns = [each for each in scans.c if each.name != "file_sealed"]
    mine = scans.c.draft_id.in_(draft_ids)
    return [_scan(row) for row in tx.execute(select(*columns).where(mine).order_by(scans.c.added_at, scans.c.scan_id))]


def content(tx: Connection, sealing: AtRest, draft_ids: Sequence[str], scan_id: str) -> tuple[Scan, bytes]:
    """One file of these drafts, with its content. Raises E-PAGE-005."""
    mine = scans.c.draft_id.in_(draft_ids) & (scans.c.scan_id == scan_id)
    row = tx.execute(select(scans).where(mine)).one_or_none()
    if row is None:
        raise YunhuobanError(NOT_THERE, place="scan_id")
    return _scan(row), sealing.open(row.file_sealed, place=_place(scan_id))


def _scan(row: Any) -> Scan:
    return Scan(
        scan_id=row.scan_id,
        draft_id=row.draft_id,
        material=row.material,
        kind=Kind(row.kind),
        pages=row.pages,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex(),
        added_by=row.added_by,
        added_at=from_millis(row.added_at),
    )


def _place(scan_id: str) -> str:
    return f"taking_scans.file/{scan_id}"
