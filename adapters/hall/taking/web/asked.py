"""What comes with a request to these pages: the window's number, typed fields, files.

How much it may be is held by `pages.listening.bodies`. A file goes from the socket into memory and from there, sealed,
into the store: never in the clear onto a disk.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from adapters.hall.taking import scans
from adapters.hall.taking.tables import WINDOW_CHARACTERS
from pages.frame import NOT_UNDERSTOOD
from schemas import errors, privacy
from schemas.errors import YunhuobanError

WINDOW_COOKIE: Final = "yhb-window"
WINDOW_SECONDS: Final = 365 * 86400
_MOST_FIELDS: Final = 500
WINDOW_ODD: Final = errors.declare(
    "E-TAKE-030", "这不是窗口号：窗口号里有数字，没有空格，最多三十个字符。", "请照窗口上的牌子填写，例如 07。"
)


def window_of(request: Request, otherwise: str) -> str:
    """The number of the window that this browser stands at; `otherwise` while nobody has said."""
    said = request.cookies.get(WINDOW_COOKIE, "")
    return said if _is_window(said) else otherwise[:WINDOW_CHARACTERS]


def checked_window(typed: str) -> str:
    """A window's number as typed. Raises E-TAKE-030."""
    said = typed.strip()
    if not _is_window(said):
        raise YunhuobanError(WINDOW_ODD, place="window_no")
    return said


async def typed(request: Request) -> Mapping[str, str]:
    """The fields of a form that is no upload. Raises E-PAGE-006 for what is none."""
    body = await request.body()
    try:
        said = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise YunhuobanError(NOT_UNDERSTOOD, place="form") from error
    return dict(said)


async def uploaded(request: Request) -> Sequence[tuple[str, bytes]]:
    """Names and contents of the files of an upload. Raises E-PAGE-006 for what is none."""
    parser = MultiPartParser(request.headers, request.stream(), max_files=scans.MOST_FILES, max_fields=0)
    parser.spool_max_size = scans.MOST_UPLOAD_BYTES  # the whole body is no larger: nothing is spooled onto a disk
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise YunhuobanError(NOT_UNDERSTOOD, place="file") from error
    files = [each for _name, each in form.multi_items() if isinstance(each, UploadFile)]
    found = [(each.filename or "", await each.read()) for each in files]
    await form.close()
    return found


def _is_window(text: str) -> bool:
    return 0 < len(text) <= WINDOW_CHARACTERS and privacy.is_code(text)
