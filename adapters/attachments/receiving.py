"""The receiving side's book: what was announced, which parts are here, and whether the whole is what was announced.

Every part is checked when it comes: its place, length and digest as the signed envelope says, and that it opens under
the attachment's key. What is kept is committed, so that a process that is killed asks only for the rest.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.attachments import sealing
from adapters.attachments.tables import received
from adapters.instants import to_millis
from certs import attachments
from certs.atrest import AtRest
from schemas.attachments import part_bytes, parts_of
from schemas.envelope import Envelope, derived_id
from schemas.errors import Code, YunhuobanError, declare

PART_DIFFERS: Final = declare(
    "E-PART-011", "传来的一片与信封上宣布的不同，没有收下。", "无需处理：会自动再次索取；反复出现时请联系联盟运维。"
)
WHOLE_DIFFERS: Final = declare(
    "E-PART-012",
    "附件的各片都到了，合起来的摘要或大小却与发送方签名的不同。",
    "这个附件不能使用；请发送方核对后以新报文重新报送。",
)

_AT_ONCE: Final = 20
COMING, HERE, FAILED = "coming", "whole", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One announced attachment."""

    file_id: str
    case_no: str
    source: str
    message_id: str
    attachment: int
    material: int
    name: str = field(repr=False)
    media_type: str
    size_bytes: int
    sha256: bytes
    ciphertext_bytes: int
    ciphertext_sha256: bytes
    part_sha256: Sequence[bytes] = field(repr=False)
    key: bytes = field(repr=False)
    here_bytes: int
    state: str
    code: str

    @property
    def part_count(self) -> int:
        """How many parts it has."""
        return parts_of(self.ciphertext_bytes)


def expect(tx: Connection, storage: AtRest, envelope: Envelope, record: Mapping[str, Any], now: datetime) -> None:
    """An applied message announces these; twice is once."""
    if not envelope.attachments:
        return
    for number, (file, announced) in enumerate(zip(record["files"], envelope.attachments, strict=True)):
        file_id = derived_id(envelope.id, f"attachment/{number}")
        if tx.execute(select(received.c.file_id).where(received.c.file_id == file_id)).first() is not None:
            continue
        about = {name: file[name] for name in ("name", "media_type")}
        about |= {name: file[name].hex() for name in ("sha256", "ciphertext_sha256", "key")}
        about["part_sha256"] = b"".join(announced["part_sha256"]).hex()
        tx.execute(
            insert(received).values(
                file_id=file_id,
                case_no=envelope.case_no,
                source=envelope.source,
                message_id=envelope.id,
                attachment=number,
                material=file["material"],
                about_sealed=storage.seal(json.dumps(about, ensure_ascii=False).encode(), place=_place(file_id)),
                size_bytes=file["size_bytes"],
                ciphertext_bytes=announced["ciphertext_bytes"],
                here_bytes=0,
                state=COMING,
                announced_at=to_millis(now),
                changed_at=to_millis(now),
            )
        )


def find(tx: Connection, storage: AtRest, source: str, message_id: str, attachment: int) -> Coming | None:
    """One that was announced; None when it was not, or its content was erased."""
    columns = received.c
    here = (columns.source == source) & (columns.message_id == message_id) & (columns.attachment == attachment)
    row = tx.execute(select(received).where(here)).one_or_none()
    return _coming(storage, row) if row is not None and row.about_sealed else None


def of_case(tx: Connection, storage: AtRest, case_no: str) -> list[Coming]:
    """All of a case whose content is still kept, in the order of their messages and materials."""
    rows = tx.execute(
        select(received)
        .where(received.c.case_no == case_no)
        .order_by(received.c.announced_at, received.c.message_id, received.c.attachment)
    )
    return [_coming(storage, row) for row in rows if row.about_sealed]


def coming(tx: Connection, storage: AtRest) -> list[Coming]:
    """Those that are not here as a whole: of each county a few, what was announced first first.

    So a county that is silent with a hundred files does not hide those of another.
    """
    under_way = select(received).where(received.c.state == COMING)
    found: list[Coming] = []
    for source in tx.execute(select(received.c.source).where(received.c.state == COMING).distinct()).scalars().all():
        mine = under_way.where(received.c.source == source)
        ordered = mine.order_by(received.c.announced_at, received.c.message_id, received.c.attachment)
        found += [_coming(storage, row) for row in tx.execute(ordered.limit(_AT_ONCE)).all()]
    return found


def take(tx: Connection, found: Coming, part: int, data: bytes, now: datetime) -> bool:
    """Keep one part; False when it is here already. Raises E-PART-011 when it is not what was announced."""
    fits = 0 <= part < found.part_count and len(data) == part_bytes(found.ciphertext_bytes, part)
    if not fits or hashlib.sha256(data).digest() != found.part_sha256[part]:
        raise YunhuobanError(PART_DIFFERS, place=f"part {part}", found=f"{len(data)} B")
    try:
        attachments.open_part(data, key=found.key, index=part, last=part == found.part_count - 1)
    except YunhuobanError as error:
        raise YunhuobanError(PART_DIFFERS, place=f"part {part}", found=error.code.code) from error
    if found.state != COMING or part in sealing.held(tx, found.file_id):
        return False
    sealing.keep_part(tx, found.file_id, part, data)
    here = received.c.file_id == found.file_id
    come = {"here_bytes": received.c.here_bytes + len(data), "changed_at": to_millis(now)}
    tx.execute(update(received).where(here).values(**come))
    return True


def judge(tx: Connection, found: Coming) -> Code | None:
    """What is wrong with an attachment whose parts are all here; None when it is what was announced."""
    cipher, plain, size = hashlib.sha256(), hashlib.sha256(), 0
    try:
        for number, sealed in enumerate(sealing.sealed_parts(tx, found.file_id, found.part_count)):
            piece = attachments.open_part(sealed, key=found.key, index=number, last=number == found.part_count - 1)
            cipher.update(sealed)
            plain.update(piece)
            size += len(piece)
    except YunhuobanError as error:
        return error.code
    same = (cipher.digest(), plain.digest(), size) == (found.ciphertext_sha256, found.sha256, found.size_bytes)
    return None if same else WHOLE_DIFFERS


def settle(tx: Connection, file_id: str, code: str | None, now: datetime) -> None:
    """It is here as a whole, or it failed and what came of it is forgotten."""
    values = {"state": FAILED if code else HERE, "code": code, "changed_at": to_millis(now)}
    tx.execute(update(received).where(received.c.file_id == file_id, received.c.state == COMING).values(**values))
    if code:
        sealing.forget(tx, [file_id])


def _coming(storage: AtRest, row: Any) -> Coming:
    about = json.loads(storage.open(row.about_sealed, place=_place(row.file_id)))
    digests = bytes.fromhex(about["part_sha256"])
    return Coming(
        file_id=row.file_id,
        case_no=row.case_no,
        source=row.source,
        message_id=row.message_id,
        attachment=row.attachment,
        material=row.material,
        name=about["name"],
        media_type=about["media_type"],
        size_bytes=row.size_bytes,
        sha256=bytes.fromhex(about["sha256"]),
        ciphertext_bytes=row.ciphertext_bytes,
        ciphertext_sha256=bytes.fromhex(about["ciphertext_sha256"]),
        part_sha256=[digests[at : at + 32] for at in range(0, len(digests), 32)],
        key=bytes.fromhex(about["key"]),
        here_bytes=row.here_bytes,
        state=row.state,
        code=row.code or "",
    )


def _place(file_id: str) -> str:
    return f"attachments_received/{file_id}"
