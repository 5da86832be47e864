"""Moves a print file on its sheet by the printer's calibration, after its digest was checked; and measures its page.

The bytes that the authorisation names are the bytes that were checked; rendering anew would print something nobody
signed. So the shift is applied to the checked file: its content is wrapped in one transformation (ISO 32000-1 §8.3.4),
in an appended revision that leaves every original byte in place. The sheet's box stays at its origin, because printers
and drivers disagree about boxes that do not start at zero.
"""

import io
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from adapters.licenses.pdf_file import opened
from adapters.licenses.quiet import silence_libraries
from schemas.errors import YunhuobanError, declare

LARGEST_SHIFT_MM: Final = 10.0
SMALLEST_SCALE: Final = 0.98
LARGEST_SCALE: Final = 1.02
_POINTS_PER_MM: Final = 72 / 25.4

SHIFT_REFUSED: Final = declare(
    "E-LIC-030",
    "打印机的校准偏移超出范围。",
    "偏移以毫米计，不得超过 10，缩放在 0.98 到 1.02 之间；请重新打印校准页并量取偏移。",
)
PRINT_FILE_UNREADABLE: Final = declare("E-LIC-031", "套打件不是完好的单页 PDF。", "请勿打印；请属地重新出具打印授权。")


def is_bearable(x_mm: float, y_mm: float, scale: float) -> bool:
    """Whether a calibration is one that a printer can need; NaN is none."""
    return all(abs(each) <= LARGEST_SHIFT_MM for each in (x_mm, y_mm)) and SMALLEST_SCALE <= scale <= LARGEST_SCALE


def shift_fill(pdf: bytes, *, shift_x_mm: float, shift_y_mm: float, scale: float = 1.0) -> bytes:
    """Move the page's content right by x and down by y millimetres, scaled about the middle of the sheet.

    Nothing to move returns the file as it is. Raises SHIFT_REFUSED or PRINT_FILE_UNREADABLE.
    """
    if not is_bearable(shift_x_mm, shift_y_mm, scale):
        found = f"{shift_x_mm} {shift_y_mm} {scale}"
        raise YunhuobanError(SHIFT_REFUSED, found=found, expected=f"<= {LARGEST_SHIFT_MM} mm")
    if not shift_x_mm and not shift_y_mm and scale == 1.0:
        return pdf
    silence_libraries()
    x, y = shift_x_mm * _POINTS_PER_MM, -shift_y_mm * _POINTS_PER_MM  # PDF counts upwards
    output = io.BytesIO()
    pages = 0
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        pages = int(writer.root["/Pages"]["/Count"])
        width, height = _box(writer.root["/Pages"]["/Kids"][0])
        x, y = x + width / 2 * (1 - scale), y + height / 2 * (1 - scale)
        matrix = f"q {scale:.5f} 0 0 {scale:.5f} {x:.4f} {y:.4f} cm\n"
        before = writer.add_object(generic.StreamObject(stream_data=matrix.encode()))
        after = writer.add_object(generic.StreamObject(stream_data=b"\nQ\n"))
        page_reference, _ = writer.find_page_for_modification(0)  # type: ignore[no-untyped-call]  # pyHanko leaves it bare
        page = page_reference.get_object()
        contents = page.raw_get("/Contents")
        inner = list(page["/Contents"]) if isinstance(page["/Contents"], generic.ArrayObject) else [contents]
        page["/Contents"] = generic.ArrayObject([before, *inner, after])
        writer.mark_update(page_reference)
        writer.write(output)  # type: ignore[no-untyped-call]  # the same
    except Exception as error:  # noqa: BLE001 - a parser of bytes from outside promises nothing
        raise YunhuobanError(PRINT_FILE_UNREADABLE, found=type(error).__name__) from None
    if pages != 1:
        raise YunhuobanError(PRINT_FILE_UNREADABLE, found=str(pages), expected="1")
    return output.getvalue()


def page_size_mm(pdf: bytes) -> tuple[float, float]:
    """Width and height of the only page. Raises PRINT_FILE_UNREADABLE, or E-LIC-04… for what is no bearable PDF."""
    reader = opened(pdf)
    try:
        pages = reader.root["/Pages"]
        count = int(pages["/Count"])
        width, height = _box(pages["/Kids"][0])
    except Exception as error:  # noqa: BLE001 - a parser of bytes from outside promises nothing
        raise YunhuobanError(PRINT_FILE_UNREADABLE, found=type(error).__name__) from None
    if count != 1:
        raise YunhuobanError(PRINT_FILE_UNREADABLE, found=str(count), expected="1")
    return width / _POINTS_PER_MM, height / _POINTS_PER_MM


def _box(page: Any) -> tuple[float, float]:
    """The sheet's width and height in points; a box that does not begin at the origin is none of our files."""
    while "/Kids" in page:
        page = page["/Kids"][0]
    while "/MediaBox" not in page:  # inheritable: ISO 32000-1 table 30
        page = page["/Parent"]
    left, low, right, high = (float(each) for each in page["/MediaBox"])
    if left or low or right <= 0 or high <= 0:
        raise ValueError(page)
    return right, high
