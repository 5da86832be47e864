"""Taking in what a license's QR code leads to, as its county says it when it issues the license.

It names no case and, but for a digest, no license. Whether the county may speak for that license is asked when somebody
scans (`hub.scanning.finding`): the message may come before the license itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from hub.instants import to_millis
from hub.store import tables
from hub.store.writing import insert_new
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
    row = {name: record[name] for name in ("locator", "license_sha256")}
    row |= {"county": envelope.source, "face_sealed": record["face"], "said_at": to_millis(envelope.time)}
    for _time in range(2):  # what another worker was writing just now is there to be seen the second time
        if _entered(tx, row):
            return
    raise _taken()


def _entered(tx: Connection, row: Mapping[str, Any]) -> bool:
    """Whether it is settled; not when another worker came in between. Raises E-VIEW-001 for another's locator."""
    mine = (_scans.c.license_sha256 == row["license_sha256"], _scans.c.county == row["county"])
    before = tx.execute(select(_scans).where(*mine)).one_or_none()
    if before is not None and before.said_at > row["said_at"]:
        return True  # two messages of one county may overtake each other
    taken = tx.execute(select(_scans).where(_scans.c.locator == row["locator"])).one_or_none()
    if taken is not None and not _same(taken, before):
        raise _taken()
    tx.execute(delete(_scans).where(*mine))
    if insert_new(tx, _scans, **row):
        return True
    if before is not None:
        insert_new(tx, _scans, **before._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
    return False


def _same(one: Any, other: Any) -> bool:
    return other is not None and one.locator == other.locator


def _taken() -> YunhuobanError:
    return YunhuobanError(NOT_A_SCAN, place="locator")
