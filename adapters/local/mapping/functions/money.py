"""Amounts: yuan, ten thousand yuan or capitals to fen, and back."""

import re
from decimal import Decimal
from typing import Final

from adapters.local.mapping import amounts
from adapters.local.mapping.functions import unfit
from adapters.local.mapping.functions.plain import integer, token
from schemas.errors import declare

NOT_MONEY = declare(
    "E-MAP-014", "不是金额。", "请写成数字（可带元、万元）或大写金额，最多到分，例如 1000000.00、壹佰万元整。"
)

_AMOUNT: Final = re.compile(r"([0-9]{1,16}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(\.[0-9]{1,6})?(亿元|万元|元|亿|万)?")
_UNITS: Final = {"亿元": 10**8, "亿": 10**8, "万元": 10**4, "万": 10**4, "元": 1}


def yuan(value: object) -> int:
    """Read an amount whose unit is yuan unless it names another; returns fen. Raises E-MAP-014."""
    return _fen(value, 1)


def wan_yuan(value: object) -> int:
    """Read an amount whose unit is ten thousand yuan unless it names another; returns fen. Raises E-MAP-014."""
    return _fen(value, 10_000)


def amount_words(value: object) -> int:
    """Read an amount in capitals, 壹佰万元整; returns fen. Raises E-MAP-014."""
    try:
        return amounts.fen_of(token(value).replace(" ", ""))
    except ValueError:
        raise unfit(NOT_MONEY, "大写金额，例如 壹佰万元整") from None


def _fen(value: object, unit: int) -> int:
    text = token(value).replace(" ", "").removeprefix("人民币").lstrip("¥￥")
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return amount_words(text)
    number = Decimal(match[1].replace(",", "") + (match[2] or ""))
    fen = number * _UNITS.get(match[3] or "", unit) * 100
    if fen != int(fen) or fen > amounts.LARGEST_FEN:
        raise unfit(NOT_MONEY, "金额，最多到分")
    return int(fen)


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
        raise unfit(NOT_MONEY, "不为负的金额")
    return fen


def in_words(value: object) -> str:
    """Write fen in capitals, 壹佰万元整. Raises E-MAP-014."""
    try:
        return amounts.words(integer(value))
    except ValueError:
        raise unfit(NOT_MONEY, "不为负的金额") from None
