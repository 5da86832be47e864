"""What of a scan is ever shown: pictures of its pages, made in the jail (`pages.uploads`). The file itself never is.

A stranger brought the file. What it is say its own bytes; whether it can be looked at is tried before it is kept, so
that nobody finds out in front of an empty page. Scanned on a printer or photographed, it has few pages.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from pages.uploads import jail, kinds, pdfpages, pictures
from pages.uploads.kinds import Kind
from schemas.errors import YunhuobanError, declare

MOST_PAGES: Final = 50
PIXELS: Final = 1400
"""The longest edge of a picture: legible on the screen."""
_AT_ONCE: Final = 2
"""Children that look at the same time: each may take a gigabyte."""

NOT_OPENED: Final = declare(
    "E-TAKE-006",
    "这份扫描件打不开，没有收下。",
    "请重新扫描成 PDF 或直接拍照后再上传；有密码的 PDF，请先去掉密码。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file that was looked at."""

    kind: Kind
    pages: int
    data: bytes = field(repr=False)


class Picturing:
    """Looks at strangers' files, a few at a time; threads share it."""

    def __init__(self) -> None:
        """Nobody looks yet."""
        self._gate = threading.Semaphore(_AT_ONCE)

    def look(self, file: BinaryIO) -> Seen:
        """A file as it was handed in. Raises E-PAGE-120 to -127 when refused, E-TAKE-006 when it does not open."""
        kind, pages = self.measured(file)
        self.drawn(kind, file, 1)
        file.seek(0)
        return Seen(kind=kind, pages=pages, data=file.read())

    def measured(self, file: BinaryIO) -> tuple[Kind, int]:
        """What a file is and how many pages it has. Raises as `look`."""
        kind = kinds.kind_of(file)
        with self._gate, _of_a_scan():
            return kind, pdfpages.require_pages(file, most=MOST_PAGES) if kind is Kind.PDF else 1

    def drawn(self, kind: Kind, file: BinaryIO, page: int) -> bytes:
        """One page of a file as PNG. Raises as `look`."""
        with self._gate, _of_a_scan():
            return _drawn(kind, file, page)

    def picture(self, kind: Kind, data: bytes, page: int) -> bytes:
        """The same of a file's bytes."""
        with jail.held(data) as file:
            return self.drawn(kind, file, page)


def _drawn(kind: Kind, file: BinaryIO, page: int) -> bytes:
    if kind is Kind.PDF:
        return pdfpages.page_png(file, page=page, pixels=PIXELS)
    return pictures.redrawn(file, longest_edge=PIXELS)


@contextmanager
def _of_a_scan() -> Iterator[None]:
    """What Poppler cannot draw is told of a scan, and not of a license that is to be printed."""
    try:
        yield
    except YunhuobanError as error:
        if error.code is not pdfpages.NOT_DRAWN:
            raise
        raise YunhuobanError(NOT_OPENED, place="file", found=error.found) from error
