"""How a demand on a document is written down: a field that must say something, a day that must not lie before another.

Each demand looks at one record and names the first thing that is wrong, with its field. Pure.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta, timezone
from typing import Any, Final

from schemas.errors import Code, declare

DATE_TOO_EARLY: Final = declare("E-DOC-005", "文书中的日期早于文书本身的日期。", "请核对日期。")

Record = Mapping[str, Any]
Demand = Callable[[Record], tuple[Code, str] | None]
_CHINA: Final = timezone(timedelta(hours=8))


def filled(name: str, code: Code) -> Demand:
    """This text must not be empty."""
    return lambda record: None if record[name].strip() else (code, name)


def not_before(name: str, moment: str) -> Demand:
    """This day must not lie before the day of that moment, in China."""

    def check(record: Record) -> tuple[Code, str] | None:
        day: date = record[name]
        return None if day >= record[moment].astimezone(_CHINA).date() else (DATE_TOO_EARLY, name)

    return check


def in_order(begins: str, ends: str, record: Record, place: str) -> tuple[Code, str] | None:
    """The end of a span must lie after its beginning."""
    return None if record[begins] < record[ends] else (DATE_TOO_EARLY, place)
