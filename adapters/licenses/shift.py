"""Moves a print file on its sheet by the printer's calibration, after its digest was checked.

The bytes that the authorisation names are the bytes that were checked; rendering anew would print something nobody
signed. So the shift is applied to the checked file: its content is wrapped in one translation (ISO 32000-1 §8.3.4),
in an appended revision that leaves every original byte in place. The sheet's box stays at its origin, because
printers and drivers disagree about boxes that do not start at zero.
"""

import io
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from adapters.licenses.quiet import silence_libraries
from schemas.errors import YunhuobanError, declare

LARGEST_SHIFT_MM: Final = 15.0
_POINTS_PER_MM: Final = 72 / 25.4

SHIFT_REFUSED: Final = declare(
    "E-LIC-030", "打印机的校准偏移超出范围。", "偏移以毫米计，不得超过15；请重新打印校准页并量取偏移。"
)
PRINT_FILE_UNREADABLE: Final = declare("E-LIC-031", "套打件不是完好的单页 PDF。", "请勿打印；请属地重新出具打印授权。")


def shift_fill(pdf: bytes, *, shift_x_mm: float, shift_y_mm: float) -> bytes:
    """Move the page's content right by x and down by y millimetres.

    Zero and zero return the file as it is. Raises SHIFT_REFUSED or PRINT_FILE_UNREADABLE.
    """
    if not max(abs(shift_x_mm), abs(shift_y_mm)) <= LARGEST_SHIFT_MM:  # so that NaN is refused too
        raise YunhuobanError(SHIFT_REFUSED, found=f"{shift_x_mm} {shift_y_mm}", expected=f"<= {LARGEST_SHIFT_MM} mm")
    if not shift_x_mm and not shift_y_mm:
        return pdf
    silence_libraries()
    x, y = shift_x_mm * _POINTS_PER_MM, -shift_y_mm * _POINTS_PER_MM  # PDF counts upwards
    output = io.BytesIO()
    pages = 0
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        pages = int(writer.root["/Pages"]["/Count"])
        before = writer.add_object(generic.StreamObject(stream_data=f"q 1 0 0 1 {x:.4f} {y:.4f} cm\n".encode()))
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
