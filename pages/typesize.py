"""The type of the pages: the usual one, or 关怀版 for whoever reads larger letters and stronger contrast more easily.

A form of its own, so that it works where script does not; remembered by the browser, not by the account: two people at
one window see differently, and the choice is also there before anybody has signed in.
"""

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response

from pages.people import paths

TYPE_COOKIE: Final = "yhb-type"
LARGE: Final = "large"
SIZES: Final = ("normal", LARGE)
_YEAR_SECONDS: Final = 365 * 86400


def is_large(connection: HTTPConnection) -> bool:
    """Whether this browser chose the large type."""
    return connection.cookies.get(TYPE_COOKIE) == LARGE


def remembering(connection: HTTPConnection, size: str) -> Response:
    """Back to the page where it was chosen, with the cookie."""
    answer = RedirectResponse(paths.came_from(connection.headers.get("referer", "")), status_code=303)
    answer.set_cookie(TYPE_COOKIE, size, max_age=_YEAR_SECONDS, httponly=True, samesite="strict", path="/")
    return answer
