"""Files in the parts in which they travel: cut and sealed once, read and sent one part at a time.

A file is never whole in memory here, and what is sent is what lies in the store: nothing is encrypted twice.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, delete, insert, select

from adapters.attachments.tables import parts
from certs import attachments
from schemas.attachments import PART_BYTES, TAG_BYTES
from schemas.errors import YunhuobanError

PLAIN_BYTES: Final = PART_BYTES - TAG_BYTES
"""Of the file in every part but the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What of a file everybody may know."""

    size_bytes: int
    sha256: bytes
    ciphertext_bytes: int
    ciphertext_sha256: bytes


def keep(tx: Connection, file_id: str, file: BinaryIO, key: bytes) -> Sealed:
    """Cut and seal a file, of at least one byte, from where it stands to its end."""
    plain, cipher = hashlib.sha256(), hashlib.sha256()
    size, sealed_size, number = 0, 0, 0
    piece = file.read(PLAIN_BYTES)
    while piece:
        following = file.read(PLAIN_BYTES)
        sealed = attachments.seal_part(piece, key=key, index=number, last=not following)
        keep_part(tx, file_id, number, sealed)
        plain.update(piece)
        cipher.update(sealed)
        size, sealed_size, number = size + len(piece), sealed_size + len(sealed), number + 1
        piece = following
    return Sealed(
        size_bytes=size,
        sha256=plain.digest(),
        ciphertext_bytes=sealed_size,
        ciphertext_sha256=cipher.digest(),
    )


def keep_part(tx: Connection, file_id: str, part: int, ciphertext: bytes) -> None:
    """Store one part that is not there yet."""
    digest = hashlib.sha256(ciphertext).digest()
    tx.execute(insert(parts).values(file_id=file_id, part=part, sha256=digest, ciphertext=ciphertext))


def part_of(tx: Connection, file_id: str, part: int) -> bytes | None:
    """One sealed part; None when it is not there."""
    here = (parts.c.file_id == file_id) & (parts.c.part == part)
    found: bytes | None = tx.execute(select(parts.c.ciphertext).where(here)).scalar()
    return found


def digests(tx: Connection, file_id: str) -> list[bytes]:
    """Of all its parts, in order."""
    mine = select(parts.c.sha256).where(parts.c.file_id == file_id).order_by(parts.c.part)
    return list(tx.execute(mine).scalars())


def held(tx: Connection, file_id: str) -> frozenset[int]:
    """Which parts are there."""
    return frozenset(tx.execute(select(parts.c.part).where(parts.c.file_id == file_id)).scalars())


def sealed_parts(tx: Connection, file_id: str, count: int) -> Iterator[bytes]:
    """Its parts as they lie, one at a time. Raises E-CERT-083 for one that is not there."""
    for number in range(count):
        sealed = part_of(tx, file_id, number)
        if sealed is None:
            raise YunhuobanError(attachments.PART_NOT_OPENED, place=f"part {number}")
        yield sealed


def opened(tx: Connection, file_id: str, count: int, key: bytes) -> Iterator[bytes]:
    """The file, piece by piece. Raises E-CERT-083 for a part that is not there or does not open."""
    for number, sealed in enumerate(sealed_parts(tx, file_id, count)):
        yield attachments.open_part(sealed, key=key, index=number, last=number == count - 1)


def forget(tx: Connection, file_ids: Sequence[str] | Any) -> None:
    """Delete the parts of these files; an SQL selection of ids does as well."""
    tx.execute(delete(parts).where(parts.c.file_id.in_(file_ids)))
