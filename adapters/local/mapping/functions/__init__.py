"""The named functions of a mapping: small, pure, and each does one thing to one cell.

They take whatever a local system keeps (text, numbers, times) and either return the value or raise a
YunhuobanError whose `expected` says what would have been right; the caller adds the place and masks what was found.
Beijing time is UTC+8 without exception: hall systems keep no zone, and no summer time falls into their years.
"""

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Final

from schemas.errors import Code, YunhuobanError

Function = Callable[[object], object]
BEIJING: Final = timezone(timedelta(hours=8))


def unfit(code: Code, expected: str) -> YunhuobanError:
    """What a function raises: what is wrong, and what would have been right."""
    return YunhuobanError(code, expected=expected)
