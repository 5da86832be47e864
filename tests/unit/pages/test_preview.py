"""The preview: a picture of the first page, within limits, and a sentence when it cannot be made."""

import pytest
import typst

from adapters.hall.desk import preview
from adapters.hall.desk.preview import first_page_png
from pages.uploads import jail, pdfpages
from pages.uploads.confinement import Limits
from schemas.errors import YunhuobanError

pytestmark = pytest.mark.skipif(pdfpages.shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")


def test_the_first_page_becomes_a_png():
    """Two pages in, one picture out, its longest edge as stated."""
    pdf = typst.compile(b'#set page(paper: "a4")\nA #pagebreak() B', format="pdf")
    picture = first_page_png(pdf)
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[20:24], "big") == pdfpages.PIXELS


@pytest.mark.parametrize("pdf", [b"", b"not a pdf", b"%PDF-1.7 broken", b"%PDF-" + b"0" * preview.PDF_BYTES])
def test_what_is_no_pdf_is_refused(pdf):
    """Empty, foreign, broken and oversized input end in E-PAGE-031, never in a hang or a traceback."""
    with pytest.raises(YunhuobanError) as refused:
        first_page_png(pdf)
    assert refused.value.code is pdfpages.NOT_DRAWN


def test_a_page_that_takes_too_long_is_given_up(monkeypatch):
    """A child that does not answer is killed at the limit."""
    monkeypatch.setattr(pdfpages.shutil, "which", lambda _name: "/usr/bin/sleep")
    monkeypatch.setattr(pdfpages, "SECONDS", 0)
    with pytest.raises(YunhuobanError) as refused:
        first_page_png(b"%PDF-1.7")
    assert refused.value.code is pdfpages.NOT_DRAWN


def test_a_page_that_takes_too_much_memory_is_given_up(monkeypatch):
    """A child that wants more than it may have ends, and the clerk is told."""
    monkeypatch.setattr(pdfpages, "LIMITS", Limits(memory_bytes=96 * 1024 * 1024))
    pdf = typst.compile(b"#set page(width: 9000pt, height: 9000pt)\nA", format="pdf")
    with jail.held(pdf) as file, pytest.raises(YunhuobanError) as refused:
        pdfpages.page_png(file, pixels=9000)
    assert refused.value.code is pdfpages.NOT_DRAWN


def test_without_poppler_the_remedy_names_the_package(monkeypatch):
    """A machine without pdftoppm says which package to install."""
    monkeypatch.setattr(pdfpages.shutil, "which", lambda _name: None)
    with pytest.raises(YunhuobanError) as refused:
        first_page_png(b"%PDF-1.7")
    assert refused.value.code is pdfpages.NO_POPPLER
    assert "poppler-utils" in refused.value.code.remedy
