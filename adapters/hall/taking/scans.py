"""Scans of materials: taken in by what they are and not by what they are called, and kept here sealed.

Until uploads have a door of their own for all pages this is it: three kinds by their first bytes, a limit per file and
per application. Nothing of a file is opened, drawn or executed.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from adapters.hall.taking.tables import scans
from adapters.instants import from_millis, to_millis
from certs.atrest import AtRest
from schemas.errors import YunhuobanError, declare

MOST_FILE_BYTES: Final = 10 * 1024 * 1024
MOST_UPLOAD_BYTES: Final = 3 * MOST_FILE_BYTES + 64 * 1024
"""Of one request: several files may be chosen at once, and a form adds a little around each."""
MOST_DRAFT_BYTES: Final = 100 * 1024 * 1024
"""Of all scans of one application: `design.md` §4 has a hundred MB a case."""
MOST_FILES: Final = 60
ACCEPT: Final = "application/pdf,image/jpeg,image/png"
_MAGIC: Final = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_NAME_CHARACTERS: Final = 200

NOT_A_SCAN: Final = declare(
    "E-TAKE-004", "这个文件不是 PDF、JPEG 或 PNG，没有收下。", "请把材料扫描或拍照成 PDF、JPEG 或 PNG 后再上传。"
)
TOO_LARGE: Final = declare(
    "E-TAKE-005", "文件太大或太多，没有收下：每个最大 {most} MB。", "请降低扫描的分辨率，或分成几个文件后再上传。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What is known of one file."""

    scan_id: str
    material: str
    media_type: str
    size_bytes: int
    sha256: str
    name: str = field(repr=False)
    added_by: str
    added_at: datetime


def media_type(data: bytes) -> str:
    """What a file is by its first bytes. Raises E-TAKE-004 for anything else, E-TAKE-005 when it is too large."""
    if len(data) > MOST_FILE_BYTES:
        raise _too_large(len(data))
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    raise YunhuobanError(NOT_A_SCAN, place="file", found=data[:4].hex(), expected="PDF, JPEG, PNG")


def add(
    tx: Connection,
    sealing: AtRest,
    *,
    draft_id: str,
    material: str,
    name: str,
    data: bytes,
    account: str,
    now: datetime,
) -> None:
    """Keep one file; the same file for the same material is kept once. Raises E-TAKE-004 or -005."""
    kind, digest = media_type(data), hashlib.sha256(data).digest()
    of_draft = scans.c.draft_id == draft_id
    held = tx.execute(select(func.count(), func.coalesce(func.sum(scans.c.size_bytes), 0)).where(of_draft)).one()
    if held[0] >= MOST_FILES or int(held[1]) + len(data) > MOST_DRAFT_BYTES:
        raise _too_large(len(data))
    same = of_draft & (scans.c.material == material) & (scans.c.sha256 == digest)
    if tx.execute(select(scans.c.scan_id).where(same)).first() is not None:
        return
    scan_id = str(uuid.uuid4())
    tx.execute(
        insert(scans).values(
            scan_id=scan_id,
            draft_id=draft_id,
            material=material,
            media_type=kind,
            size_bytes=len(data),
            sha256=digest,
            name_sealed=sealing.seal(name[:_NAME_CHARACTERS].encode(), place=f"taking_scans.name/{scan_id}"),
            file_sealed=sealing.seal(data, place=f"taking_scans.file/{scan_id}"),
            added_by=account,
            added_at=to_millis(now),
        )
    )


def remove(tx: Connection, draft_id: str, scan_id: str) -> None:
    """Forget one file of a draft; one that is not there is forgotten already."""
    tx.execute(delete(scans).where(scans.c.draft_id == draft_id, scans.c.scan_id == scan_id))


def of_draft(tx: Connection, sealing: AtRest, draft_id: str) -> Sequence[Scan]:
    """All files of a draft, without their contents, in the order in which they came."""
    columns = [each for each in scans.c if each.name != "file_sealed"]
    rows = tx.execute(select(*columns).where(scans.c.draft_id == draft_id).order_by(scans.c.added_at, scans.c.scan_id))
    return [_scan(sealing, row) for row in rows]


def _scan(sealing: AtRest, row: Any) -> Scan:
    return Scan(
        scan_id=row.scan_id,
        material=row.material,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex(),
        name=sealing.open(row.name_sealed, place=f"taking_scans.name/{row.scan_id}").decode(errors="replace"),
        added_by=row.added_by,
        added_at=from_millis(row.added_at),
    )


def _too_large(size: int) -> YunhuobanError:
    most = str(MOST_FILE_BYTES // 1024 // 1024)
    return YunhuobanError(TOO_LARGE, place="file", found=f"{size} B", expected=f"{MOST_FILE_BYTES} B", most=most)
