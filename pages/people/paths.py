"""Where the pages of signing in are, and which of the own addresses somebody may be led back to. Pure."""

from typing import Final
from urllib.parse import urlencode, urlsplit

from pages.people.signed import Step

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
ELSEWHERE: Final = f"{SIGN_OUT}/elsewhere"
STEPS: Final = {
    Step.SECOND: f"{SIGN_IN}/second",
    Step.ENROL: f"{SIGN_IN}/enrol",
    Step.CHANGE: f"{SIGN_IN}/password",
}
_OPEN: Final = (SIGN_IN, "/codes", "/language", "/type")
"""What whoever has not signed in may see: the way in, what a code means, in which language, in which type."""
_LONGEST: Final = 500


def is_open(path: str) -> bool:
    """Whether a page is for everybody who reaches this machine."""
    return any(path == each or path.startswith(f"{each}/") for each in _OPEN)


def own(wanted: str) -> str:
    """The page of this application that was wanted; the first page for anything that could lead elsewhere."""
    path = wanted.partition("?")[0]
    leads_on = path != SIGN_OUT and not path.startswith(SIGN_IN)
    return wanted if _is_here(wanted) and leads_on else "/"


def leading(path: str, wanted: str) -> str:
    """A page of signing in that leads on to the wanted one."""
    safe = own(wanted)
    return path if safe == "/" else f"{path}?{urlencode({'next': safe})}"


def shown_at(address: str) -> str:
    """Path and question of the page that is open in a browser, as it says itself."""
    return own(_place(address))


def came_from(address: str) -> str:
    """The same for a page that only looks different afterwards: those of signing in are led back to, too."""
    place = _place(address)
    return place if _is_here(place) and place != SIGN_OUT else "/"


def _place(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_here(wanted: str) -> bool:
    begins = wanted.startswith("/") and not wanted.startswith("//")
    plain = wanted.isprintable() and wanted.isascii() and not set(wanted) & set(' \\"<>#')
    return begins and plain and len(wanted) <= _LONGEST
