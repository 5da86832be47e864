"""The first page of a license for the clerk's screen: as a picture, and how large it is on paper.

It came from another county, so it is drawn in the jail for strangers' files (`pages.uploads`), and nothing is left on
the disk.
"""

from typing import Final

from pages.uploads import jail, pdfpages
from schemas.errors import YunhuobanError

PDF_BYTES: Final = 8 * 1024 * 1024


def first_page_png(pdf: bytes) -> bytes:
    """The first page as PNG. Raises E-PAGE-030 without Poppler, E-PAGE-031 when it cannot be drawn in the limits."""
    _demand_pdf(pdf)
    with jail.held(pdf) as file:
        return pdfpages.page_png(file)


def first_page_mm(pdf: bytes) -> tuple[float, float]:
    """Width and height of the first page in millimetres. Raises as `first_page_png`."""
    _demand_pdf(pdf)
    with jail.held(pdf) as file:
        return pdfpages.page_mm(file)


def _demand_pdf(pdf: bytes) -> None:
    if len(pdf) > PDF_BYTES or not pdf.startswith(b"%PDF-"):
        found = f"{len(pdf)} bytes"
        raise YunhuobanError(pdfpages.NOT_DRAWN, place="pdf", found=found, expected=f"PDF ≤ {PDF_BYTES} bytes")
