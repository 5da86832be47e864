"""What comes from the pad is a small picture and nothing else, whatever is sent in its place."""

import base64
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from adapters.hall.handwriting.pad import LARGEST_BYTES, NOT_DRAWN, picture
from schemas.errors import YunhuobanError


def url(png: bytes) -> str:
    """As a canvas gives it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def drawn(size: tuple[int, int] = (600, 200), info: PngInfo | None = None) -> bytes:
    """A picture of this size."""
    out = io.BytesIO()
    Image.new("RGBA", size).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def test_a_drawn_picture_is_taken_as_it_is() -> None:
    """Byte for byte."""
    assert picture(url(drawn())) == drawn()


def named() -> PngInfo:
    """A chunk of text, in which a name could travel."""
    info = PngInfo()
    info.add_text("name", "x")
    return info


@pytest.mark.parametrize(
    "said",
    [
        "",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:image/png;base64,!!!",
        url(b"GIF89a"),
        url(drawn()[:-5]),
        url(drawn() + b"%PDF-1.7"),
        url(drawn((4000, 200))),
        url(drawn(info=named())),
        url(drawn()[:50] + b"\0" + drawn()[51:]),
        url(b"\x89PNG\r\n\x1a\n" + b"\0" * LARGEST_BYTES),
    ],
)
def test_anything_else_is_refused(said: str) -> None:
    """Another type, cut, longer than it says, too large, with text in it, altered."""
    with pytest.raises(YunhuobanError, match=NOT_DRAWN.code):
        picture(said)


@given(st.binary(max_size=300), st.integers(0, 60))
def test_no_bytes_make_it_stumble(tail: bytes, kept: int) -> None:
    """Any end behind any beginning is taken or refused, never anything else."""
    with suppress(YunhuobanError):
        picture(url(drawn()[:kept] + tail))
