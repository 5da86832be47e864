"""Taking in what a license's QR code leads to, as its county says it when it issues the license.

It names no case and, but for a digest, no license. Whether the county may speak for that license is asked when somebody
scans (`hub.scanning.finding`): the message may come before the license itself.
"""

from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from hub.instants import to_millis
from hub.store import tables
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.scanning import SEALED_BYTES

NOT_A_SCAN: Final = declare(
    "E-VIEW-001",
    "扫码登记不合要求：密文长度不对，或者定位符已由别的证照登记。",
    "请县节点用新的令牌重新制证；程序是自己写的，请核对规范 14.5。",
)
_scans = tables.license_scans


def take(tx: Connection, envelope: Envelope) -> None:
    """Keep it; of one license the latest said counts, as it does when the license is made anew. Raises E-VIEW-001."""
    record = codec.decode(envelope.data, "LicenseScan")
    if len(record["face"]) != SEALED_BYTES:
        raise YunhuobanError(NOT_A_SCAN, place="face", found=f"{len(record['face'])} B", expected=f"{SEALED_BYTES} B")
    mine = (_scans.c.license_sha256 == record["license_sha256"], _scans.c.county == envelope.source)
    said_at = to_millis(envelope.time)
    before = tx.execute(select(_scans).where(*mine)).one_or_none()
    if before is not None and before.said_at > said_at:
        return  # two messages of one county may overtake each other
    taken = tx.execute(select(_scans).where(_scans.c.locator == record["locator"])).one_or_none()
    if taken is not None and not _same(taken, before):
        raise YunhuobanError(NOT_A_SCAN, place="locator")
    # Nobody comes in between: words without a case have one lock among them, as a case has (`hub.store.lock_cases`).
    tx.execute(delete(_scans).where(*mine))
    row = {name: record[name] for name in ("locator", "license_sha256")}
    row |= {"county": envelope.source, "face_sealed": record["face"], "said_at": said_at}
    tx.execute(insert(_scans).values(**row))


def _same(one: Any, other: Any) -> bool:
    return other is not None and one.locator == other.locator
