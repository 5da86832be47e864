"""The first page of a license as a picture for the clerk's screen, made by pdftoppm in a process of its own.

A PDF comes from another county and its parser is large: it runs as a short-lived child without a shell, with limits
on time, memory and output, reads standard input and writes standard output, so that nothing is left on the disk.
Source: pdftoppm(1) of Poppler.
"""

import resource
import shutil
import subprocess
from typing import Final

from schemas import errors
from schemas.errors import YunhuobanError

SECONDS: Final = 15
MEMORY_BYTES: Final = 1024 * 1024 * 1024
PDF_BYTES: Final = 8 * 1024 * 1024
PICTURE_BYTES: Final = 8 * 1024 * 1024
LIMITS: Final = {
    resource.RLIMIT_AS: MEMORY_BYTES,
    resource.RLIMIT_CPU: SECONDS,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 0,  # it writes to a pipe and to no file
}
PIXELS: Final = 1400  # longest edge: legible on the screen, useless as a copy of the license

NO_PDFTOPPM: Final = errors.declare(
    "E-PAGE-030", "这台机器没有 pdftoppm，不能显示预览。", "请安装系统软件包 poppler-utils。"
)
NOT_DRAWN: Final = errors.declare(
    "E-PAGE-031",
    "证照的预览没有画出来：{found}。",
    "请刷新页面再试；仍不行时请把代码告诉县信息中心。打印与预览无关，但看不到预览时不要打印。",
)


def first_page_png(pdf: bytes) -> bytes:
    """The first page as PNG. Raises E-PAGE-030 without Poppler, E-PAGE-031 when it cannot be drawn in the limits."""
    program = shutil.which("pdftoppm")
    if program is None:
        raise YunhuobanError(NO_PDFTOPPM, place="pdftoppm")
    if len(pdf) > PDF_BYTES or not pdf.startswith(b"%PDF-"):
        raise YunhuobanError(NOT_DRAWN, place="pdf", found=f"{len(pdf)} bytes", expected=f"PDF ≤ {PDF_BYTES} bytes")
    command = [program, "-png", "-singlefile", "-f", "1", "-l", "1", "-scale-to", str(PIXELS), "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - a fixed program, no shell, no argument from outside
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={"LC_ALL": "C"}
    ) as child:
        try:
            # Before it gets a byte to parse; not by preexec_fn, which may deadlock in a process with threads.
            for limit, value in LIMITS.items():
                resource.prlimit(child.pid, limit, (value, value))
            picture, _nothing = child.communicate(pdf, timeout=SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            child.kill()
            raise YunhuobanError(NOT_DRAWN, place="pdftoppm", found=type(error).__name__) from error
    if child.returncode != 0 or not picture.startswith(b"\x89PNG") or len(picture) > PICTURE_BYTES:
        raise YunhuobanError(NOT_DRAWN, place="pdftoppm", found=f"exit {child.returncode}")
    return picture
