"""Scans of materials: kept here sealed, after they were looked at (`picturing`), in the parts in which they travel.

No name of a file is kept: it is whatever the applicant called it, and often names a person.
"""

import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from adapters.attachments import sealing as parts
from adapters.hall.taking.picturing import Seen
from adapters.hall.taking.tables import scans
from adapters.instants import from_millis, to_millis
from certs import attachments
from certs.atrest import AtRest
from pages.frame import NOT_THERE
from pages.uploads.kinds import Kind
from schemas.attachments import MOST_CASE_BYTES, parts_of
from schemas.errors import YunhuobanError, declare

MOST_FILE_BYTES: Final = 10 * 1024 * 1024
MOST_FILES: Final = 60
MEDIA_TYPES: Final = {Kind.PDF: "application/pdf", Kind.JPEG: "image/jpeg", Kind.PNG: "image/png"}
ACCEPT: Final = ",".join(MEDIA_TYPES.values())

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
    tx: Connection,
    sealing: AtRest,
    *,
    draft_id: str,
    supplement_of: str,
    material: str,
    seen: Seen,
    account: str,
    now: datetime,
) -> str:
    """Keep one file, the same file for the same material once; returns its id. Raises E-TAKE-005.

    A supplement's files count with those of the application: the limit is the case's.
    """
    digest, size = hashlib.sha256(seen.data).digest(), len(seen.data)
    of_draft = scans.c.draft_id == draft_id
    of_case = scans.c.draft_id.in_([draft_id, supplement_of])
    count = tx.execute(select(func.count()).where(of_draft)).scalar_one()
    held = int(tx.execute(select(func.coalesce(func.sum(scans.c.size_bytes), 0)).where(of_case)).scalar_one())
    same = of_draft & (scans.c.material == material) & (scans.c.sha256 == digest)
    kept: str | None = tx.execute(select(scans.c.scan_id).where(same)).scalar()
    if kept is not None:
        return kept
    if count >= MOST_FILES or held + size > MOST_CASE_BYTES:
        most, total = str(MOST_FILES), str(MOST_CASE_BYTES // 1024 // 1024)
        raise YunhuobanError(TOO_MUCH, place="file", found=f"{count}, {held + size} B", most=most, total=total)
    scan_id, key = str(uuid.uuid4()), attachments.new_key()
    sealed = parts.keep(tx, scan_id, io.BytesIO(seen.data), key)
    tx.execute(
        insert(scans).values(
            scan_id=scan_id,
            draft_id=draft_id,
            material=material,
            kind=seen.kind.value,
            pages=seen.pages,
            size_bytes=size,
            sha256=digest,
            key_sealed=sealing.seal(key, place=_place(scan_id)),
            ciphertext_bytes=sealed.ciphertext_bytes,
            ciphertext_sha256=sealed.ciphertext_sha256,
            added_by=account,
            added_at=to_millis(now),
        )
    )
    return scan_id


def copy(
    tx: Connection,
    sealing: AtRest,
    scan: Scan,
    *,
    draft_id: str,
    material: str,
    account: str,
    now: datetime,
) -> None:
    """Keep a file for another draft too, under a key of its own. Raises E-TAKE-005."""
    _scan, data = content(tx, sealing, [scan.draft_id], scan.scan_id)
    seen = Seen(kind=scan.kind, data=data, pages=scan.pages)
    add(
        tx, sealing, draft_id=draft_id, supplement_of="", material=material, seen=seen, account=account, now=now
    )  # fmt: skip


def remove(tx: Connection, draft_id: str, scan_id: str) -> None:
    """Forget one file of a draft; one that is not there is forgotten already."""
    mine = (scans.c.draft_id == draft_id) & (scans.c.scan_id == scan_id)
    parts.forget(tx, select(scans.c.scan_id).where(mine))
    tx.execute(delete(scans).where(mine))


def forget(tx: Connection, draft_ids: Sequence[str]) -> None:
    """Forget all files of these drafts."""
    parts.forget(tx, select(scans.c.scan_id).where(scans.c.draft_id.in_(draft_ids)))
    tx.execute(delete(scans).where(scans.c.draft_id.in_(draft_ids)))


def of_drafts(tx: Connection, draft_ids: Sequence[str]) -> Sequence[Scan]:
    """All files of these drafts, without their contents, in the order in which they came."""
    mine = scans.c.draft_id.in_(draft_ids)
    return [_scan(row) for row in tx.execute(select(scans).where(mine).order_by(scans.c.added_at, scans.c.scan_id))]


def content(tx: Connection, sealing: AtRest, draft_ids: Sequence[str], scan_id: str) -> tuple[Scan, bytes]:
    """One file of these drafts, with its content. Raises E-PAGE-005."""
    mine = scans.c.draft_id.in_(draft_ids) & (scans.c.scan_id == scan_id)
    row = tx.execute(select(scans).where(mine)).one_or_none()
    if row is None:
        raise YunhuobanError(NOT_THERE, place="scan_id")
    pieces = parts.opened(tx, scan_id, parts_of(row.ciphertext_bytes), _key(sealing, row))
    return _scan(row), b"".join(pieces)


def announced(tx: Connection, sealing: AtRest, scan_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a message says of a file inside, beside material and name, and what its envelope says."""
    row = tx.execute(select(scans).where(scans.c.scan_id == scan_id)).one()
    inside = {
        "media_type": MEDIA_TYPES[Kind(row.kind)],
        "size_bytes": row.size_bytes,
        "sha256": row.sha256,
        "ciphertext_sha256": row.ciphertext_sha256,
        "key": _key(sealing, row),
    }
    outside = {
        "ciphertext_sha256": row.ciphertext_sha256,
        "ciphertext_bytes": row.ciphertext_bytes,
        "part_sha256": parts.digests(tx, scan_id),
    }
    return inside, outside


def with_ciphertext(tx: Connection, sha256: bytes) -> str | None:
    """The id of the file whose sealed parts have this digest together; None when it was wiped."""
    found: str | None = tx.execute(select(scans.c.scan_id).where(scans.c.ciphertext_sha256 == sha256)).scalar()
    return found


def _key(sealing: AtRest, row: Any) -> bytes:
    return sealing.open(row.key_sealed, place=_place(row.scan_id))


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
    return f"taking_scans.key/{scan_id}"
