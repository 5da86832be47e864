"""Chinese with English beside it, for the terminal: operators of both languages read the same screen."""

from datetime import datetime, timedelta, timezone
from typing import Final

from pages import wording
from pages.wording import LANGUAGES

OTHER: Final = {language: other for language in LANGUAGES for other in LANGUAGES if other != language}
NOTHING: Final = "—"
_BEIJING: Final = timezone(timedelta(hours=8))  # one time all year round and in every county


def both(text: str, language: str = "zh", **params: object) -> str:
    """A marked text in the reader's language, then in the other one when it differs."""
    first, second = (wording.say(text, each, **params) for each in (language, OTHER[language]))
    return first if first == second else f"{first} {second}"


def heading(text: str, language: str = "zh") -> str:
    """The same over two lines, for the head of a column."""
    first, second = (wording.say(text, each) for each in (language, OTHER[language]))
    return first if first == second else f"{first}\n{second}"


def moment(at: datetime | None) -> str:
    """A time to the second, Beijing time."""
    return at.astimezone(_BEIJING).strftime("%m-%d %H:%M:%S") if at else NOTHING


def seconds(value: float | None) -> str:
    """A duration: milliseconds count where the steps of a machine are told apart, seconds where people act."""
    if value is None:
        return NOTHING
    return f"{value:.1f} s" if abs(value) < 600 else f"{value / 60:.0f} min"
