"""Takes an upload in as it comes: piece by piece into a file that nobody else can read, and nothing of it into memory.

The framework's own form parser keeps a megabyte in memory and the rest in the system's folder for everybody; so the
body is read here, before anything else looks at it. What was received is overwritten and gone when its work is done;
what a killed process left behind goes when the next one begins.
"""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from fastapi import Request
from python_multipart.exceptions import ParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from schemas.errors import YunhuobanError, declare

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

UPLOAD_TOO_LARGE: Final = declare(
    "E-PAGE-129", "文件太大，没有收。", "请上传不超过 {expected} 的文件；扫描件可以降低分辨率后重新扫描。"
)
NOTHING_CHOSEN: Final = declare("E-PAGE-130", "没有收到文件。", "请选一个文件，或把一个文件拖进框里，再按按钮。")
UPLOAD_BROKEN: Final = declare("E-PAGE-131", "文件没有传完。", "请检查网络，再传一次。")
_PREFIX: Final = "upload-"
_PIECE: Final = 65_536
_AROUND: Final = 65_536  # what a form may hold beside its file: boundaries, headers, small fields


class Shelf:
    """A private folder for uploads under way. One process at a time owns it."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if need be, for its owner alone, and wipe what an earlier process left."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.folder = folder
        for left in folder.glob(f"{_PREFIX}*"):
            wipe(left)

    @asynccontextmanager
    async def receive(self, request: Request, *, most_bytes: int, field: str = "file") -> AsyncIterator[BinaryIO]:
        """The one file of a form, at its beginning; wiped when the block ends, whatever happens in it.

        Raises UPLOAD_TOO_LARGE as soon as it is known, NOTHING_CHOSEN for no file or an empty one, UPLOAD_BROKEN.
        """
        stated = request.headers.get("content-length", "")
        if stated.isdecimal() and int(stated) > most_bytes + _AROUND:
            raise _too_large(most_bytes)
        descriptor, name = tempfile.mkstemp(prefix=_PREFIX, dir=self.folder)  # 0600, by Python's promise
        try:
            with os.fdopen(descriptor, "w+b") as file:
                await _take(request, file, most_bytes, field)
                if file.tell() == 0:
                    raise YunhuobanError(NOTHING_CHOSEN, place=field)
                file.flush()
                file.seek(0)
                yield file
        finally:
            wipe(Path(name))


def wipe(file: Path) -> None:
    """Overwrite and remove. Where a disk writes elsewhere (flash, snapshots), only its encryption does more."""
    with suppress(FileNotFoundError):
        left = file.stat().st_size
        with file.open("r+b") as stream:
            while left > 0:
                left -= stream.write(bytes(min(left, _PIECE)))
            stream.flush()
            os.fsync(stream.fileno())
        file.unlink()


async def _take(request: Request, file: BinaryIO, most_bytes: int, field: str) -> None:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise YunhuobanError(NOTHING_CHOSEN, place=field, found=kind.decode("ascii", "replace")[:40])
    part = _Part(file, most_bytes, field)
    parser = MultipartParser(options[b"boundary"], part.callbacks())
    around = 0
    try:
        async for piece in request.stream():
            before = file.tell()
            parser.write(piece)
            around += len(piece) - (file.tell() - before)
            if around > _AROUND:
                raise _too_large(most_bytes)
        parser.finalize()
    except (ParseError, ClientDisconnect) as error:
        raise YunhuobanError(UPLOAD_BROKEN, place=field, found=type(error).__name__) from None
    if not part.ended:
        raise YunhuobanError(UPLOAD_BROKEN, place=field)


class _Part:
    """The wanted part of the form goes into the file; every other is passed over."""

    def __init__(self, file: BinaryIO, most_bytes: int, field: str) -> None:
        self._file = file
        self._most = most_bytes
        self._field = field.encode()
        self._name, self._value, self._wanted, self._taken = b"", b"", False, False
        self.ended = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._wanted, self._name, self._value = False, b"", b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._wanted = options.get(b"name") == self._field and not self._taken
            self._taken = self._taken or self._wanted
        self._name, self._value = b"", b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._wanted:
            if self._file.tell() + end - start > self._most:
                raise _too_large(self._most)
            self._file.write(data[start:end])

    def _end(self) -> None:
        self.ended = True


def _too_large(most_bytes: int) -> YunhuobanError:
    return YunhuobanError(UPLOAD_TOO_LARGE, place="file", expected=f"{most_bytes / 1024 / 1024:g} MB")
