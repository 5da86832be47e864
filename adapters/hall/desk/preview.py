"""The first page of a license as a picture for the clerk's screen.

It came from another county, so it is drawn in the jail for strangers' files (`pages.uploads`), and nothing is left on
the disk.
"""

from typing import Final

from pages.uploads import jail, pdfpages
from schemas.errors import YunhuobanError

PDF_BYTES: Final = 8 * 1024 * 1024


def first_page_png(pdf: bytes) -> bytes:
    """The first page as PNG. Raises E-PAGE-030 without Poppler, E-PAGE-031 when it cannot be drawn in the limits."""
    if len(pdf) > PDF_BYTES or not pdf.startswith(b"%PDF-"):
        found = f"{len(pdf)} bytes"
        raise YunhuobanError(pdfpages.NOT_DRAWN, place="pdf", found=found, expected=f"PDF ≤ {PDF_BYTES} bytes")
    with jail.held(pdf) as file:
        return pdfpages.page_png(file)
