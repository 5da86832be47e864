"""What comes with a request to these pages: the window's number and typed fields. Files come in by `pages.uploads`."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

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


def _is_window(text: str) -> bool:
    return 0 < len(text) <= WINDOW_CHARACTERS and privacy.is_code(text)
