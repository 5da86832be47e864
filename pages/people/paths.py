"""Where the pages of signing in are, and which of the own addresses somebody may be led back to. Pure."""

from typing import Final
from urllib.parse import urlencode, urlsplit

from pages.people.signed import Step

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
STEPS: Final = {
    Step.SECOND: f"{SIGN_IN}/second",
    Step.ENROL: f"{SIGN_IN}/enrol",
    Step.CHANGE: f"{SIGN_IN}/password",
}
_OPEN: Final = (SIGN_IN, "/codes", "/language")
"""What whoever has not signed in may see: the way in, what a code means, in which language."""
_LONGEST: Final = 500


def is_open(path: str) -> bool:
    """Whether a page is for everybody who reaches this machine."""
    return any(path == each or path.startswith(f"{each}/") for each in _OPEN)


def own(wanted: str) -> str:
    """The page of this application that was wanted; the first page for anything that could lead elsewhere."""
    begins = wanted.startswith("/") and not wanted.startswith("//")
    plain = wanted.isprintable() and wanted.isascii() and not set(wanted) & set(' \\"<>#')
    path = wanted.partition("?")[0]
    leads_on = path != SIGN_OUT and not path.startswith(SIGN_IN)
    return wanted if begins and plain and leads_on and len(wanted) <= _LONGEST else "/"


def leading(path: str, wanted: str) -> str:
    """A page of signing in that leads on to the wanted one."""
    safe = own(wanted)
    return path if safe == "/" else f"{path}?{urlencode({'next': safe})}"


def shown_at(address: str) -> str:
    """Path and question of the page that is open in a browser, as it says itself."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return own(parts.path + (f"?{parts.query}" if parts.query else ""))
