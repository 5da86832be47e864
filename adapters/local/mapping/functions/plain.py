"""What any cell is: a text, tidied; a whole number; yes or no."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from adapters.local.mapping.functions import BEIJING, unfit
from schemas.errors import declare

_LONGEST_TOKEN: Final = 200  # no date, amount or number is longer; a megabyte of remark is answered at once

NOT_TEXT = declare("E-MAP-011", "单元格里不是文字、数字或时间。", "请检查该列的数据类型。")
NOT_A_NUMBER = declare("E-MAP-015", "不是整数。", "请写成阿拉伯数字。")
NOT_A_FLAG = declare("E-MAP-018", "不是“是”或“否”。", "请填写 是/否、1/0、Y/N 或 true/false；空着算“否”。")

_FULL_WIDTH: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_ENDS: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + _INVISIBLE
_NOTHING: Final = frozenset({"", "无", "-", "--", "—", "——", "/", "NULL", "null", "None", "空", "暂无"})
_FLAGS: Final = {
    **dict.fromkeys(("1", "是", "Y", "YES", "TRUE"), "true"),
    **dict.fromkeys(("0", "否", "N", "NO", "FALSE"), "false"),
}


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
        raise unfit(NOT_TEXT, "文字、数字或时间")
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


def token(value: object) -> str:
    """A cell that can only be short: in half width, and nothing when it is longer than any date, amount or number."""
    text = half_width(value)
    return text if len(text) <= _LONGEST_TOKEN else ""


def integer(value: object) -> int:
    """Read a whole number of at most 18 digits; 1份 and 2 套 count as numbers. Raises E-MAP-015."""
    match = re.fullmatch(r"(-?[0-9]{1,18}) ?[份套张件页本个]?", token(value))
    if match is None:
        raise unfit(NOT_A_NUMBER, "整数，例如 1")
    return int(match[1])


def flag(value: object) -> str:
    """Read yes or no as `true` or `false`: 是, 1, Y, true, or a database's own truth value. Raises E-MAP-018."""
    found = _FLAGS.get(token(str(value) if isinstance(value, bool) else value).upper())
    if found is None:
        raise unfit(NOT_A_FLAG, "是 / 否")
    return found
