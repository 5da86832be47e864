"""A PDF that may be hostile is looked at before any library opens it."""

import zlib

import pytest

from adapters.licenses.pdf_file import LARGEST_BYTES, LARGEST_INFLATED_BYTES, opened, statement_in
from schemas.errors import YunhuobanError

BOMB = zlib.compress(bytes(LARGEST_INFLATED_BYTES + 1))


def stream(dictionary: bytes, data: bytes = b"x") -> bytes:
    """A file of one stream."""
    return b"%PDF-1.7\n1 0 obj\n<<" + dictionary + b">>\nstream\n" + data + b"\nendstream\nendobj\n"


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        (b"", "E-LIC-040"),
        (b"<html>", "E-LIC-040"),
        (b"%PDF-1.7 and nothing", "E-LIC-040"),
        (b"%PDF-1.7" + bytes(LARGEST_BYTES), "E-LIC-041"),
        (stream(b"/Filter /FlateDecode", BOMB), "E-LIC-041"),
        (stream(b"/Filter /LZWDecode"), "E-LIC-041"),
        (stream(b"/F#69lter /FlateDecode"), "E-LIC-041"),
        (stream(b"") * 2001, "E-LIC-041"),
    ],
)
def test_what_is_no_license_file_is_not_opened(pdf, code):
    """Too large, inflating without end, another filter, a hidden name, too many streams, or no PDF at all."""
    for read in (opened, statement_in):
        with pytest.raises(YunhuobanError) as caught:
            read(pdf)
        assert caught.value.code.code == code
