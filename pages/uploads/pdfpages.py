"""A page of a PDF as a picture, and how many pages it has: made by Poppler inside the jail, never shown otherwise.

Source: pdftoppm(1) and pdfinfo(1) of Poppler.
"""

import re
import shutil
from typing import BinaryIO, Final

from pages.uploads import jail
from pages.uploads.confinement import Limits
from schemas.errors import YunhuobanError, declare

SECONDS: Final = 120  # by the clock, on a busy machine; the seconds of computing are in LIMITS
LIMITS: Final = Limits(cpu_seconds=15)
PICTURE_BYTES: Final = 8 * 1024 * 1024
PIXELS: Final = 1400  # longest edge: legible on the screen, useless as a copy of the license

NO_POPPLER: Final = declare("E-PAGE-030", "这台机器没有 pdftoppm，不能显示预览。", "请安装系统软件包 poppler-utils。")
NOT_DRAWN: Final = declare(
    "E-PAGE-031",
    "证照的预览没有画出来：{found}。",
    "请刷新页面再试；仍不行时请把代码告诉县信息中心。打印与预览无关，但看不到预览时不要打印。",
)
TOO_MANY_PAGES: Final = declare(
    "E-PAGE-125", "PDF 有 {found} 页，太多了。", "请只上传需要的那几页，每个文件不超过规定的页数。"
)
_PNG_END: Final = b"IEND\xaeB`\x82"
_SIZE: Final = re.compile(rb"^Page size:\s+(\d{1,5}(?:\.\d+)?) x (\d{1,5}(?:\.\d+)?) pts", re.MULTILINE)
_TURNED: Final = re.compile(rb"^Page rot:\s+(?:90|270)$", re.MULTILINE)
_MM_PER_POINT: Final = 25.4 / 72
_PAGES: Final = re.compile(rb"^Pages:\s+(\d{1,9})$", re.MULTILINE)


def page_png(file: BinaryIO, *, page: int = 1, pixels: int = PIXELS) -> bytes:
    """One page as PNG. Raises NO_POPPLER, or NOT_DRAWN when it cannot be drawn within the limits."""
    number = str(page)
    arguments = ["-png", "-singlefile", "-f", number, "-l", number, "-scale-to", str(pixels), "-"]
    picture = _poppler("pdftoppm", arguments, file, PICTURE_BYTES)
    # Without the memory it wants, it draws one single pixel and is content.
    edges = [int.from_bytes(picture[at : at + 4], "big") for at in (16, 20)]
    if not picture.startswith(b"\x89PNG") or not picture.endswith(_PNG_END) or max(edges) != pixels:
        raise YunhuobanError(NOT_DRAWN, place="pdftoppm", found="no picture")
    return picture


def page_mm(file: BinaryIO) -> tuple[float, float]:
    """Width and height of the first page in millimetres, as it is seen. Raises as `page_png`."""
    said = _poppler("pdfinfo", ["-"], file, 65_536)
    match = _SIZE.search(said)
    if match is None:
        raise YunhuobanError(NOT_DRAWN, place="pdfinfo", found="size")
    width, height = (round(float(each) * _MM_PER_POINT, 1) for each in match.groups())
    return (height, width) if _TURNED.search(said) else (width, height)


def require_pages(file: BinaryIO, *, most: int) -> int:
    """How many pages it has. Raises TOO_MANY_PAGES, and as `page_png`."""
    match = _PAGES.search(_poppler("pdfinfo", ["-"], file, 65_536))
    if match is None:
        raise YunhuobanError(NOT_DRAWN, place="pdfinfo", found="pages")
    if int(match[1]) > most:
        raise YunhuobanError(TOO_MANY_PAGES, place="file", found=str(int(match[1])), expected=f"<= {most}")
    return int(match[1])


def _poppler(name: str, arguments: list[str], file: BinaryIO, most_bytes: int) -> bytes:
    program = shutil.which(name)
    if program is None:
        raise YunhuobanError(NO_POPPLER, place=name)
    try:
        return jail.run_program(program, arguments, file, limits=LIMITS, seconds=SECONDS, most_bytes=most_bytes)
    except YunhuobanError as error:
        raise YunhuobanError(NOT_DRAWN, place=name, found=error.found or error.code.code) from error
