"""Lays pages over the pages of a license file, in an appended revision: every byte of the original stays in place.

So the original's seal can still be verified within the copy, while whatever verifies the copy as a license sees a later
revision and refuses it (`examining.appended`): an annotated copy is never a license. Source: domain.md §1.7.
"""

import io
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from adapters.licenses.pdf_file import FILE_UNREADABLE, opened
from adapters.licenses.quiet import silence_libraries
from schemas.errors import YunhuobanError

_POINTS_PER_MM: Final = 72 / 25.4
_MOST_PAGES: Final = 20
_NAME: Final = "/YhbAnnotation"


def page_sizes_mm(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of every page. Raises E-LIC-040 or -041."""
    reader = opened(pdf)
    try:
        count = int(reader.root["/Pages"]["/Count"])
        sizes = [_size(reader, at) for at in range(min(count, _MOST_PAGES))]
    except Exception as error:  # noqa: BLE001 - a parser of bytes from outside promises nothing
        raise YunhuobanError(FILE_UNREADABLE, place="/Pages", found=type(error).__name__) from None
    if len(sizes) != count or not sizes:
        raise YunhuobanError(FILE_UNREADABLE, place="/Pages", found=str(count), expected=f"1…{_MOST_PAGES}")
    return sizes


def laid_over(pdf: bytes, overlay: bytes) -> bytes:
    """The file with page n of `overlay` drawn over its page n. Raises E-LIC-040 or -041."""
    count = len(page_sizes_mm(pdf))
    silence_libraries()
    output = io.BytesIO()
    try:
        writer, drawn = IncrementalPdfFileWriter(io.BytesIO(pdf)), opened(overlay)
        before = writer.add_object(generic.StreamObject(stream_data=b"q\n"))
        for at in range(count):
            form = writer.import_page_as_xobject(drawn, page_ix=at)
            after = writer.add_object(generic.StreamObject(stream_data=f"\nQ q {_NAME} Do Q\n".encode()))
            resources = _dictionary("/XObject", _dictionary(_NAME, form))
            writer.add_stream_to_page(at, before, prepend=True)  # type: ignore[no-untyped-call]  # pyHanko leaves it bare
            writer.add_stream_to_page(at, after, resources=resources)  # type: ignore[no-untyped-call]  # the same
        writer.write(output)  # type: ignore[no-untyped-call]  # the same
    except Exception as error:  # noqa: BLE001 - a parser of bytes from outside promises nothing
        raise YunhuobanError(FILE_UNREADABLE, found=type(error).__name__) from None
    return output.getvalue()


def _dictionary(name: str, value: Any) -> Any:
    return generic.DictionaryObject({generic.NameObject(name): value})  # type: ignore[no-untyped-call]  # the same


def _size(reader: PdfFileReader, at: int) -> tuple[float, float]:
    page: Any = reader.find_page_for_modification(at)[0].get_object()  # type: ignore[no-untyped-call]  # the same
    while "/MediaBox" not in page:  # inheritable: ISO 32000-1 table 30
        page = page["/Parent"]
    left, low, right, high = (float(each) for each in page["/MediaBox"])
    return (right - left) / _POINTS_PER_MM, (high - low) / _POINTS_PER_MM
