"""What the pad on the page sends: a data URL of a PNG, checked byte by byte without being drawn.

Only the three chunks that a canvas writes may stand in it, each with a right checksum, and no more pixels than the pad
has. Source: PNG (Third Edition) sections 5 and 11. Pure.
"""

import base64
import binascii
import struct
import zlib
from typing import Final

from schemas.errors import YunhuobanError, declare

NOT_DRAWN: Final = declare("E-HAND-001", "没有签名，或者签名的图片不合要求。", "请在签名框里重新签一次，再提交。")

LARGEST_BYTES: Final = 65_536
LARGEST_PIXELS: Final = (1200, 600)
PAD: Final = (600, 200)
"""Pixels of the pad on the page."""
_PREFIX: Final = "data:image/png;base64,"
_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">I4s")
_CHUNKS: Final = (b"IHDR", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"pHYs")
_MOST_CHUNKS: Final = 64


def picture(data_url: str) -> bytes:
    """The PNG. Raises E-HAND-001 for anything else."""
    if not data_url.startswith(_PREFIX) or len(data_url) > len(_PREFIX) + LARGEST_BYTES * 4 // 3 + 4:
        raise _wrong("data URL")
    try:
        png = base64.b64decode(data_url.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise _wrong("base64") from None
    if not png.startswith(_MAGIC) or len(png) > LARGEST_BYTES:
        raise _wrong(f"PNG <= {LARGEST_BYTES} bytes")
    _walk(png)
    return png


def _walk(png: bytes) -> None:
    """Chunk after chunk, from IHDR to IEND, and nothing behind it."""
    at = len(_MAGIC)
    kinds: list[bytes] = []
    while at < len(png):
        if at + _HEADER.size > len(png) or len(kinds) == _MOST_CHUNKS:
            raise _wrong("chunks")
        length, kind = _HEADER.unpack_from(png, at)
        end = at + _HEADER.size + length + 4
        body = png[at + 4 : end - 4]
        if kind not in _CHUNKS or end > len(png) or zlib.crc32(body) != int.from_bytes(png[end - 4 : end]):
            raise _wrong("chunks")
        if not kinds and (kind != b"IHDR" or length != 13):
            raise _wrong("IHDR")
        if not kinds:
            width, height = struct.unpack_from(">II", body, 4)
            if not (0 < width <= LARGEST_PIXELS[0] and 0 < height <= LARGEST_PIXELS[1]):
                raise _wrong(f"<= {LARGEST_PIXELS[0]} × {LARGEST_PIXELS[1]}")
        kinds.append(kind)
        at = end
    if kinds[-1:] != [b"IEND"] or kinds.count(b"IEND") != 1 or b"IDAT" not in kinds:
        raise _wrong("IEND")


def _wrong(expected: str) -> YunhuobanError:
    return YunhuobanError(NOT_DRAWN, place="signature", expected=expected)
