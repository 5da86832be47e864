r"""The form of a backup file: a manifest in the clear, then frames of files and rows that one private key opens.

    "YHB-BACKUP-1\n" ‖ length (4 bytes, big-endian) ‖ manifest (JSON) ‖ content as in `certs.sealedfile`

The content is a row of frames, each `length of head (4) ‖ head (JSON) ‖ octets (as many as the head says)`:

    {"kind": "file", "name": …, "octets": n}           a file of the hub's folder
    {"kind": "rows", "table": …, "columns": […], "rows": [[…], …], "octets": n}
                                                       values as JSON; {"b": n} stands for the next n octets
    {"kind": "end", "files": n, "rows": {table: n}}    the last frame: nothing is missing

Rows and not pages of a database file: one moment of the store is read in one reading transaction, which on SQLite (WAL)
and on PostgreSQL (REPEATABLE READ) holds up no writer, and what was saved from one can be restored into the other.
"""

import base64
import binascii
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final, Self

from schemas.errors import YunhuobanError, declare

MAGIC: Final = b"YHB-BACKUP-1\n"
FORMAT: Final = "yunhuoban-backup-1"
_LENGTH: Final = struct.Struct(">I")
_MOST_MANIFEST_BYTES: Final = 64 * 1024
_MOST_HEAD_BYTES: Final = 64 * 1024 * 1024
_MOST_OCTETS: Final = 256 * 1024 * 1024

NOT_A_BACKUP: Final = declare("E-BACKUP-001", "这不是一份完好的中枢备份。", "请核对文件；若曾传输，请重新取一份。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What may be known of a backup without its key. None of it names a person."""

    made_at: str
    origin: str
    version: str
    revision: str
    """Of the store's schema."""
    dialect: str
    epoch: int
    size: int
    root: str
    checkpoint: str
    """The newest checkpoint's exact bytes in base64; empty for an empty journal."""
    checkpoint_signature: str
    recovery_key: str
    """SHA-256 of the public key that the file is for, in hex."""
    format: str = FORMAT

    def to_bytes(self) -> bytes:
        """Magic, length and manifest: the header that the content is bound to."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()
        return MAGIC + _LENGTH.pack(len(text)) + text

    @property
    def at(self) -> datetime:
        """When the backup was made."""
        return datetime.fromisoformat(self.made_at)

    @property
    def checkpoint_bytes(self) -> bytes:
        """The newest checkpoint's exact bytes."""
        return base64.b64decode(self.checkpoint)

    @classmethod
    def read(cls, file: BinaryIO) -> tuple[Self, bytes]:
        """The manifest and the header's exact bytes; the file stands at the content. Raises E-BACKUP-001."""
        start = file.read(len(MAGIC) + _LENGTH.size)
        if not start.startswith(MAGIC) or len(start) != len(MAGIC) + _LENGTH.size:
            raise YunhuobanError(NOT_A_BACKUP, place="magic")
        (length,) = _LENGTH.unpack(start[len(MAGIC) :])
        text = file.read(min(length, _MOST_MANIFEST_BYTES + 1))
        try:
            if length > _MOST_MANIFEST_BYTES or len(text) != length:
                raise YunhuobanError(NOT_A_BACKUP, place="manifest")
            manifest = cls(**json.loads(text))
            _check(manifest)
        except (ValueError, TypeError, binascii.Error) as error:
            raise YunhuobanError(NOT_A_BACKUP, place="manifest", found=type(error).__name__) from error
        return manifest, start + text


def _check(manifest: Manifest) -> None:
    """Raises ValueError or TypeError for what is not of the form."""
    wanted: Mapping[str, type] = {"epoch": int, "size": int}
    for name, value in asdict(manifest).items():
        if type(value) is not wanted.get(name, str):
            raise TypeError(name)
    base64.b64decode(manifest.checkpoint, validate=True)
    bytes.fromhex(manifest.root)
    if manifest.format != FORMAT or manifest.at.utcoffset() is None:
        raise ValueError("format")


def file_frame(name: str, data: bytes) -> bytes:
    """A file of the hub's folder."""
    return _frame({"kind": "file", "name": name, "octets": len(data)}, [data])


def rows_frame(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Some rows of one table."""
    octets: list[bytes] = []

    def value(each: Any) -> Any:
        if not isinstance(each, (bytes, memoryview)):
            return each
        octets.append(bytes(each))
        return {"b": len(octets[-1])}

    written = [[value(each) for each in row] for row in rows]
    head = {"kind": "rows", "table": table, "columns": list(columns), "rows": written}
    return _frame(head | {"octets": sum(map(len, octets))}, octets)


def end_frame(files: int, rows: Mapping[str, int]) -> bytes:
    """The last frame."""
    return _frame({"kind": "end", "files": files, "rows": dict(rows), "octets": 0}, [])


def _frame(head: Mapping[str, Any], octets: Sequence[bytes]) -> bytes:
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((_LENGTH.pack(len(text)), text, *octets))


def frames(chunks: Iterator[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Heads with their octets, until the content ends. Raises E-BACKUP-001, and what `chunks` raises."""
    reader = _Reader(chunks)
    while (length := reader.take(_LENGTH.size, at_end=True)) is not None:
        (size,) = _LENGTH.unpack(length)
        try:
            head = json.loads(reader.exactly(size, _MOST_HEAD_BYTES))
            octets = reader.exactly(int(head["octets"]), _MOST_OCTETS)
        except (ValueError, TypeError, KeyError) as error:
            raise YunhuobanError(NOT_A_BACKUP, place="frame", found=type(error).__name__) from error
        yield head, octets


def rows_of(head: Mapping[str, Any], octets: bytes) -> list[dict[str, Any]]:
    """The rows of a frame, by column. Raises E-BACKUP-001."""
    at = 0

    def value(each: Any) -> Any:
        nonlocal at
        if not isinstance(each, dict):
            return each
        start, at = at, at + int(each["b"])
        return octets[start:at]

    try:
        columns = head["columns"]
        rows = [dict(zip(columns, map(value, row), strict=True)) for row in head["rows"]]
    except (ValueError, TypeError, KeyError) as error:
        raise YunhuobanError(NOT_A_BACKUP, place="rows", found=type(error).__name__) from error
    if at != len(octets):
        raise YunhuobanError(NOT_A_BACKUP, place="rows")
    return rows


class _Reader:
    """Exactly so many bytes out of chunks of any size."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = bytearray()

    def exactly(self, size: int, most: int) -> bytes:
        """So many bytes. Raises E-BACKUP-001 when there are fewer, or when nobody would have written so many."""
        if not 0 <= size <= most:
            raise YunhuobanError(NOT_A_BACKUP, place="frame", found=str(size))
        found = self.take(size, at_end=False)
        return b"" if found is None else found

    def take(self, size: int, *, at_end: bool) -> bytes | None:
        """So many bytes, or None at the very end when the content may end here."""
        while len(self._buffer) < size:
            more = next(self._chunks, None)
            if more is None:
                if at_end and not self._buffer:
                    return None
                raise YunhuobanError(NOT_A_BACKUP, place="frame")
            self._buffer += more
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found
