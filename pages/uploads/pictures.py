"""A photograph as it may be shown and kept: drawn anew inside the jail, upright, without EXIF or anything unseen."""

import io
import json
from typing import BinaryIO, Final

from pages.uploads import jail
from pages.uploads.confinement import Limits
from schemas.errors import YunhuobanError, declare

MOST_PIXELS: Final = 50_000_000  # twice what telephones take; three bytes each
LIMITS: Final = Limits(cpu_seconds=15)
SECONDS: Final = 120  # by the clock, on a busy machine; the seconds of computing are in LIMITS
PICTURE_BYTES: Final = 64 * 1024 * 1024

PICTURE_BROKEN: Final = declare(
    "E-PAGE-126", "图片打不开或不完整。", "请重新拍照或扫描后上传；用聊天软件传来的，请对方发原图。"
)
PICTURE_TOO_LARGE: Final = declare(
    "E-PAGE-127", "图片的像素太多，没有打开。", "请把相机分辨率调低（两千万像素以下），重新拍照后上传。"
)
_SAYS: Final = {b"broken": PICTURE_BROKEN, b"too large": PICTURE_TOO_LARGE}


def redrawn(file: BinaryIO, *, longest_edge: int = 4000) -> bytes:
    """The picture as PNG, its longest edge no longer than that many pixels.

    Raises PICTURE_BROKEN or PICTURE_TOO_LARGE, and `jail`'s OVER_LIMITS or NOT_LOOKED_AT.
    """
    given = json.dumps({"longest_edge": longest_edge}).encode()
    answer = jail.run_task(
        "pages.uploads.pictures:draw", given, file, limits=LIMITS, seconds=SECONDS, most_bytes=PICTURE_BYTES
    )
    if answer in _SAYS:
        raise YunhuobanError(_SAYS[answer], place="file")
    return answer


def draw(data: bytes, given: bytes) -> bytes:
    """Inside the jail: the picture drawn anew, or the word for why not."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - nowhere but here

    Image.MAX_IMAGE_PIXELS = None  # our own limit stands below, and is no warning
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return b"too large"
            # A large JPEG is decoded at a half, a quarter, an eighth: much less memory, same picture.
            edge = json.loads(given)["longest_edge"]
            opened.draft("RGB", (edge, edge))
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((edge, edge))
            plain = Image.new("RGB", upright.size, "white")
            has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
            drawn = upright.convert("RGBA") if has_alpha else upright.convert("RGB")
            plain.paste(drawn, mask=drawn if has_alpha else None)
    except Exception:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        return b"broken"
    output = io.BytesIO()
    plain.save(output, format="PNG")
    return output.getvalue()
