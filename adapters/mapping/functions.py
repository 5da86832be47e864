"""The named functions of a mapping: small, pure, and each does one thing to one cell.

They take whatever a local system keeps (text, numbers, times) and either return the value or raise a
YunhuobanError whose `expected` says what would have been right; the caller adds the place and masks what was found.
Beijing time is UTC+8 without exception: hall systems keep no zone, and no summer time falls into their years.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from adapters.mapping import amounts
from schemas.errors import Code, YunhuobanError, declare
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.item import IMPLEMENTATION_LENGTH, ItemCode
from schemas.identifiers.license import LicenseIdentifier

Function = Callable[[object], object]

BEIJING: Final = timezone(timedelta(hours=8))
_LONGEST_TOKEN: Final = 200  # no date, amount or number is longer; a megabyte of remark is answered at once

NOT_TEXT = declare("E-MAP-011", "单元格里不是文字、数字或时间。", "请检查该列的数据类型。")
NOT_A_DATE = declare("E-MAP-012", "不是真实的日期。", "请写成 2026-11-22、20261122 或 2026年11月22日。")
NOT_A_TIME = declare("E-MAP-013", "不是真实的时间。", "请写成北京时间 2026-11-22 10:30:00。")
NOT_MONEY = declare(
    "E-MAP-014", "不是金额。", "请写成数字（可带元、万元）或大写金额，最多到分，例如 1000000.00、壹佰万元整。"
)
NOT_A_NUMBER = declare("E-MAP-015", "不是整数。", "请写成阿拉伯数字。")
NOT_A_PHONE = declare("E-MAP-016", "不是手机号码。", "请写 11 位手机号码，以 1 开头。")
NOT_A_FLAG = declare("E-MAP-018", "不是“是”或“否”。", "请填写 是/否、1/0、Y/N 或 true/false；空着算“否”。")
NOT_AN_ITEM = declare("E-MAP-017", "不是 31 位实施编码。", "请按国家政务服务平台事项库填写 31 位或 33 位编码。")

_FULL_WIDTH: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_ENDS: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + _INVISIBLE
_NOTHING: Final = frozenset({"", "无", "-", "--", "—", "——", "/", "NULL", "null", "None", "空", "暂无"})
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
_AMOUNT: Final = re.compile(r"([0-9]{1,16}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(\.[0-9]{1,6})?(亿元|万元|元|亿|万)?")
_FLAGS: Final = {
    **dict.fromkeys(("1", "是", "Y", "YES", "TRUE"), "true"),
    **dict.fromkeys(("0", "否", "N", "NO", "FALSE"), "false"),
}
_UNITS: Final = {"亿元": 10**8, "亿": 10**8, "万元": 10**4, "万": 10**4, "元": 1}
_CITIZEN_FORM: Final = re.compile("[0-9]{17}[0-9X]")
_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


def _unfit(code: Code, expected: str) -> YunhuobanError:
    return YunhuobanError(code, expected=expected)


def text_of(value: object) -> str:
    """Return a cell as text; None is the empty text. Raises E-MAP-011 for bytes and other things."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return (value.astimezone(BEIJING).replace(tzinfo=None) if value.tzinfo else value).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _unfit(NOT_TEXT, "文字、数字或时间")
    return format(value, "f").rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def trim(value: object) -> str:
    """Take away white space, full-width spaces and invisible characters at both ends."""
    return text_of(value).strip(_ENDS)


def half_width(value: object) -> str:
    """Turn full-width letters, digits and signs into ordinary ones; Chinese characters stay as they are."""
    return trim(text_of(value).translate(_FULL_WIDTH))


def blank(value: object) -> str:
    """Read 无, NULL, -, / and the like as nothing."""
    text = trim(value)
    return "" if half_width(text) in _NOTHING else text


def one_line(value: object) -> str:
    """Turn line breaks and runs of white space into single spaces."""
    return " ".join(text_of(value).split())


def upper(value: object) -> str:
    """Write Latin letters as capitals."""
    return half_width(value).upper()


def _token(value: object) -> str:
    text = half_width(value)
    return text if len(text) <= _LONGEST_TOKEN else ""


def integer(value: object) -> int:
    """Read a whole number of at most 18 digits; 1份 and 2 套 count as numbers. Raises E-MAP-015."""
    match = re.fullmatch(r"(-?[0-9]{1,18}) ?[份套张件页本个]?", _token(value))
    if match is None:
        raise _unfit(NOT_A_NUMBER, "整数，例如 1")
    return int(match[1])


def flag(value: object) -> str:
    """Read yes or no as `true` or `false`: 是, 1, Y, true, or a database's own truth value. Raises E-MAP-018."""
    found = _FLAGS.get(_token(str(value) if isinstance(value, bool) else value).upper())
    if found is None:
        raise _unfit(NOT_A_FLAG, "是 / 否")
    return found


def day(value: object) -> date:
    """Read a date in ISO, compact or Chinese form; a time of day behind it is left out. Raises E-MAP-012."""
    if isinstance(value, datetime):
        return (value.astimezone(BEIJING) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    found, rest = _day(_token(value))
    if found is None or (rest and _clock(rest) is None):
        raise _unfit(NOT_A_DATE, "真实的日期，例如 2026-11-22")
    return found


def moment(value: object) -> datetime:
    """Read a time; without a zone it is Beijing time. Returns UTC in whole milliseconds. Raises E-MAP-013."""
    if isinstance(value, datetime):
        found: datetime | None = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day, tzinfo=BEIJING)
    else:
        found = _moment(_token(value))
    if found is None:
        raise _unfit(NOT_A_TIME, "真实的时间，例如 2026-11-22 10:30:00")
    try:
        aware = (found if found.tzinfo else found.replace(tzinfo=BEIJING)).astimezone(UTC)
    except OverflowError:
        raise _unfit(NOT_A_TIME, "1970 至 2100 年之间的时间") from None
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


def citizen(value: object) -> str:
    """Read a person's number (GB 11643); a final x becomes X. Raises E-ID-021 to E-ID-023."""
    return CitizenNumber.parse(_token(value).replace(" ", "")).number


def credit(value: object) -> str:
    """Read a unified social credit code (GB 32100). Raises E-ID-011 or E-ID-012."""
    return CreditCode.parse(_token(value).replace(" ", "").upper()).text


def document_no(value: object) -> str:
    """Read a person's number or a credit code, whichever it is. Raises what the likelier of the two raises."""
    text = _token(value).replace(" ", "").upper()
    if len(text) == 18 and not _CITIZEN_FORM.fullmatch(text):
        return credit(text)
    try:
        return citizen(text)
    except YunhuobanError:
        # A credit code may happen to be all digits.
        try:
            return credit(text)
        except YunhuobanError:
            pass
        raise


def item(value: object) -> str:
    """Read an item's 31 characters, also from the 33 of a handling item. Raises E-MAP-017 or E-ID-…."""
    found = ItemCode.parse(_token(value).upper()).implementation
    if found is None or len(found.text) != IMPLEMENTATION_LENGTH:
        raise _unfit(NOT_AN_ITEM, "31 位实施编码")
    return found.text


def division_of_item(value: object) -> str:
    """Read which division an item belongs to, from the issuing body's credit code. Raises like `item`."""
    return CreditCode.parse(item(value)[:18]).division


def license_identifier(value: object) -> str:
    """Read a license identifier (GB/T 36904). Raises E-ID-041 to E-ID-043."""
    return LicenseIdentifier.parse(_token(value)).text


def phone(value: object) -> str:
    """Read a mobile number of eleven digits, with or without +86, spaces and hyphens. Raises E-MAP-016."""
    match = _MOBILE.fullmatch(_token(value).replace(" ", "").replace("-", ""))
    if match is None:
        raise _unfit(NOT_A_PHONE, "11 位手机号码")
    return match[1]


def yuan(value: object) -> int:
    """Read an amount whose unit is yuan unless it names another; returns fen. Raises E-MAP-014."""
    return _fen(value, 1)


def wan_yuan(value: object) -> int:
    """Read an amount whose unit is ten thousand yuan unless it names another; returns fen. Raises E-MAP-014."""
    return _fen(value, 10_000)


def amount_words(value: object) -> int:
    """Read an amount in capitals, 壹佰万元整; returns fen. Raises E-MAP-014."""
    try:
        return amounts.fen_of(_token(value).replace(" ", ""))
    except ValueError:
        raise _unfit(NOT_MONEY, "大写金额，例如 壹佰万元整") from None


def _fen(value: object, unit: int) -> int:
    text = _token(value).replace(" ", "").removeprefix("人民币").lstrip("¥￥")
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return amount_words(text)
    number = Decimal(match[1].replace(",", "") + (match[2] or ""))
    fen = number * _UNITS.get(match[3] or "", unit) * 100
    if fen != int(fen) or fen > amounts.LARGEST_FEN:
        raise _unfit(NOT_MONEY, "金额，最多到分")
    return int(fen)


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


def in_yuan(value: object) -> str:
    """Write fen as yuan, 1000000.00. Raises E-MAP-014 below zero."""
    whole, cents = divmod(_not_negative(value), 100)
    return f"{whole}.{cents:02}"


def in_wan_yuan(value: object) -> str:
    """Write fen as ten thousand yuan without needless zeros, 100 or 0.5. Raises E-MAP-014 below zero."""
    return format(Decimal(_not_negative(value)) / 1_000_000, "f")


def _not_negative(value: object) -> int:
    fen = integer(value)
    if fen < 0:
        raise _unfit(NOT_MONEY, "不为负的金额")
    return fen


def in_words(value: object) -> str:
    """Write fen in capitals, 壹佰万元整. Raises E-MAP-014."""
    try:
        return amounts.words(integer(value))
    except ValueError:
        raise _unfit(NOT_MONEY, "不为负的金额") from None
