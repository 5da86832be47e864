"""A stranger's file is what its bytes say, once; pictures come back drawn anew; packages are counted before opened."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pages.uploads import jail, kinds, pictures, zips
from pages.uploads.kinds import Kind, kind_of
from pages.uploads.pdfpages import require_pages
from pages.uploads.zips import ZipLimits, members
from schemas.errors import YunhuobanError
from tests.hostile import COSTLY, noise, refusal
from tests.unit.adapters.licenses.examining.attacks import typeset


def picture(form: str, size: tuple[int, int] = (30, 20), **options: object) -> bytes:
    """A red picture with a blue corner."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (0, 0, size[0] // 3, size[1] // 2))
    output = io.BytesIO()
    made.save(output, form, **options)
    return output.getvalue()


def packed(*contents: tuple[str, bytes]) -> bytes:
    """A package of these members."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in contents:
            package.writestr(name, content)
    return output.getvalue()


PDF = b"%PDF-1.7\n...\n%%EOF\n"


@pytest.mark.parametrize(("data", "kind"), [(PDF, Kind.PDF), (picture("PNG"), Kind.PNG), (picture("JPEG"), Kind.JPEG)])
def test_a_file_is_what_its_bytes_say(data, kind):
    """Three kinds pass."""
    assert kind_of(io.BytesIO(data)) is kind


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", picture("GIF"), packed(("a", b"b")), b"\x00\x00\x00\x18ftypheic", b"MZ", b" %PDF-1.7"]
)
def test_other_kinds_are_refused(data):
    """No drawing with scripts, no office document, no telephone's own format, no program, nothing before a header."""
    with pytest.raises(YunhuobanError, match="E-PAGE-123"):
        kind_of(io.BytesIO(data))
    with pytest.raises(YunhuobanError, match="E-PAGE-123"):
        kind_of(io.BytesIO(picture("PNG")), allowed=frozenset({Kind.PDF}))


@pytest.mark.parametrize(
    ("data", "also"),
    [
        (PDF + packed(("evil.jar", b"x")), "ZIP"),
        (picture("JPEG") + packed(("evil.jar", b"x")), "ZIP"),
        (picture("JPEG", comment=PDF), "PDF"),
        (picture("JPEG", comment=b"<script>alert(1)</script>"), "HTML"),
        (b"%PDF-1.7\n<html><script>\n%%EOF", "HTML"),
        (picture("PNG") + b"#!/bin/sh", "PNG + ?"),
    ],
)
def test_two_files_in_one_are_refused(data, also):
    """What another program would open as something else."""
    with pytest.raises(YunhuobanError, match="E-PAGE-124") as refused:
        kind_of(io.BytesIO(data))
    assert refused.value.found == also


def redrawn(data: bytes, edge: int = 4000) -> Image.Image:
    """Through the jail, opened again."""
    with jail.held(data) as file:
        return Image.open(io.BytesIO(pictures.redrawn(file, longest_edge=edge)))


def test_a_picture_is_drawn_anew():
    """Turned upright by its EXIF, which is gone with place, time and comment; made smaller if asked."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SECRET MAKER"
    drawn = redrawn(picture("JPEG", exif=exif, comment=b"SECRET COMMENT"))
    assert drawn.size == (20, 30)
    assert not drawn.getexif()
    assert drawn.info == {}
    assert drawn.format == "PNG"


def test_bombs_and_broken_pictures_are_refused():
    """A picture that claims four billion pixels is not decoded; half of one is no picture."""
    with pytest.raises(YunhuobanError, match="E-PAGE-126"):
        redrawn(picture("JPEG")[:200])
    head = b"IHDR" + struct.pack(">IIBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    bomb += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(YunhuobanError, match="E-PAGE-127"):
        redrawn(bomb)


def test_pages_are_counted():
    """Three pages pass where three are allowed."""
    three = typeset("A #pagebreak() B #pagebreak() C")
    with jail.held(three) as file:
        assert require_pages(file, most=3) == 3
        with pytest.raises(YunhuobanError, match="E-PAGE-125"):
            require_pages(file, most=2)


def read(data: bytes, **limits: object) -> list[tuple[str, bytes]]:
    """Every member."""
    return list(members(io.BytesIO(data), ZipLimits(**limits)))  # type: ignore[arg-type]


def test_a_plain_package_is_read():
    """Names in Chinese, a folder, an empty file."""
    content = ("材料/申请书.txt", "内容".encode()), ("空.txt", b"")
    assert read(packed(*content)) == list(content)


def lying(data: bytes) -> bytes:
    """The same package, saying that its member is one byte long."""
    at = data.rfind(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", 1) + data[at + 28 :]


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (b"PK\x03\x04 and nothing", {}),
        (packed(*[(str(each), b"") for each in range(4)]), {"members": 3}),
        (packed(("a", bytes(100))), {"total_bytes": 50}),
        (packed(("a", bytes(100_000))), {}),  # its ratio
        (lying(packed(("a", bytes(300_000)))), {}),
        (packed(("a", bytes(range(256)))), {"member_bytes": 100}),
        (packed(("../a", b"")), {}),
        (packed(("/etc/passwd", b"")), {}),
        (packed(("c:\\a", b"")), {}),
        (packed(("a\u202egnp.exe", b"")), {}),
        (packed(("A.txt", b""), ("a.TXT", b"")), {}),
        (packed(("a.zip", packed(("b", b"c")))), {}),
    ],
)
def test_a_package_that_is_a_trap_is_refused(data, limits):
    """Broken, too many, too large, too thin, lying, leading out, hidden, twice the same, a package in a package."""
    with pytest.raises(YunhuobanError, match="E-PAGE-128"):
        read(data, **limits)


@COSTLY
@given(data=st.one_of(noise([packed(("a", b"hello"), ("b", bytes(50)))])))
def test_any_bytes_end_in_members_or_a_refusal(data):
    """Noise and damaged packages, and what kind any bytes are: only declared errors come out."""
    found = refusal(lambda: read(data)), refusal(lambda: kind_of(io.BytesIO(data)))
    assert {error.code for error in found if error} <= {zips.ZIP_REFUSED, kinds.KIND_REFUSED, kinds.POLYGLOT}
