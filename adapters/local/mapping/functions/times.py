"""Dates and times, read from every way in which halls write them, and written as a local system wants them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from adapters.local.mapping.functions import BEIJING, unfit
from adapters.local.mapping.functions.plain import token
from schemas.errors import declare

NOT_A_DATE = declare("E-MAP-012", "不是真实的日期。", "请写成 2026-11-22、20261122 或 2026年11月22日。")
NOT_A_TIME = declare("E-MAP-013", "不是真实的时间。", "请写成北京时间 2026-11-22 10:30:00。")

_CHINESE_DIGITS: Final = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})日?"
)
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_CHINESE_DATE: Final = re.compile(
    "([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_CLOCK: Final = re.compile(
    r"([0-9]{1,2})[:时]([0-9]{2})(?:[:分]([0-9]{2})(?:[.,]([0-9]{1,9}))?秒?|分)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_COMPACT_CLOCK: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")


def day(value: object) -> date:
    """Read a date in ISO, compact or Chinese form; a time of day behind it is left out. Raises E-MAP-012."""
    if isinstance(value, datetime):
        return (value.astimezone(BEIJING) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    found, rest = _day(token(value))
    if found is None or (rest and _clock(rest) is None):
        raise unfit(NOT_A_DATE, "真实的日期，例如 2026-11-22")
    return found


def moment(value: object) -> datetime:
    """Read a time; without a zone it is Beijing time. Returns UTC in whole milliseconds. Raises E-MAP-013."""
    if isinstance(value, datetime):
        found: datetime | None = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day, tzinfo=BEIJING)
    else:
        found = _moment(token(value))
    if found is None:
        raise unfit(NOT_A_TIME, "真实的时间，例如 2026-11-22 10:30:00")
    try:
        aware = (found if found.tzinfo else found.replace(tzinfo=BEIJING)).astimezone(UTC)
    except OverflowError:
        raise unfit(NOT_A_TIME, "1970 至 2100 年之间的时间") from None
    return aware.replace(microsecond=aware.microsecond // 1000 * 1000)


def _moment(text: str) -> datetime | None:
    found, rest = _day(text)
    if found is None:
        return None
    midnight = datetime(found.year, found.month, found.day, tzinfo=BEIJING)
    if not rest:
        return midnight
    clock = _clock(rest)
    return None if clock is None else midnight.replace(tzinfo=clock[1]) + clock[0]


def _day(text: str) -> tuple[date | None, str]:
    """Read the date at the beginning of a text; returns it, or None, and what stands behind it."""
    match = _DATE.match(text) or _COMPACT.match(text)
    if match:
        numbers = [int(group) for group in match.groups() if group is not None]
    elif match := _CHINESE_DATE.match(text):
        numbers = [int(match[1].translate(_CHINESE_DIGITS)), _small(match[2]), _small(match[3])]
    else:
        return None, text
    try:
        return date(*numbers), text[match.end() :].removeprefix("T").strip()
    except ValueError:
        return None, text


def _small(text: str) -> int:
    """Read 一 … 三十一."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int(ones.translate(_CHINESE_DIGITS)) if len(ones) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return int(tens.translate(_CHINESE_DIGITS) or "1") * 10 + int(ones.translate(_CHINESE_DIGITS) or "0")


def _clock(text: str) -> tuple[timedelta, timezone] | None:
    match = _CLOCK.fullmatch(text)
    if match:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        micros, zone = int((match[4] or "0")[:6].ljust(6, "0")), match[5]
    elif match := _COMPACT_CLOCK.fullmatch(text):
        hour, minute, second, micros, zone = int(match[1]), int(match[2]), int(match[3]), 0, None
    else:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    offset = BEIJING
    if zone == "Z":
        offset = timezone(timedelta(0))
    elif zone:
        digits = zone[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if shift >= timedelta(hours=24):
            return None
        offset = timezone(-shift if zone[0] == "-" else shift)
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros), offset


def beijing_time(value: object) -> str:
    """Write a time as Beijing time, 2026-11-22 10:30:00."""
    return moment(value).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def iso_date(value: object) -> str:
    """Write a date as 2026-11-22."""
    return day(value).isoformat()


def compact_date(value: object) -> str:
    """Write a date as 20261122."""
    return day(value).isoformat().replace("-", "")


def chinese_date(value: object) -> str:
    """Write a date as 2026年11月22日."""
    found = day(value)
    return f"{found.year:04}年{found.month}月{found.day}日"
