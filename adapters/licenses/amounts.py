"""Amounts and dates as a license writes them: 壹佰万元整, 2026年11月22日.

Source: 支付结算办法 (银发〔1997〕393号), annex 正确填写票据和结算凭证的基本规定, sections 1, 2 and 4. Where it leaves
a choice, the shorter form is taken (no 整 after 角, no 零 between 元 and 角).
"""

from datetime import date
from typing import Final

from schemas.errors import YunhuobanError, declare

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")
LARGEST_FEN: Final = 10**18 - 1  # four groups of four digits of 元, and 角 and 分

AMOUNT_OUT_OF_RANGE: Final = declare(
    "E-LIC-001", "金额不在可以书写的范围内。", "请核对金额：单位是分，不得为负，不得超过9999万亿元。"
)


def amount_in_words(fen: int) -> str:
    """Write an amount in fen as 大写金额, without a currency before it. Raises AMOUNT_OUT_OF_RANGE."""
    if not 0 <= fen <= LARGEST_FEN:
        raise YunhuobanError(AMOUNT_OUT_OF_RANGE, expected=f"0..{LARGEST_FEN}")
    yuan, jiao, cents = fen // 100, fen // 10 % 10, fen % 10
    words = f"{_integer(yuan)}元" if yuan or not (jiao or cents) else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif cents and yuan:
        words += "零"
    if cents:
        return f"{words}{_DIGITS[cents]}分"
    return words if jiao else f"{words}整"


def _integer(number: int) -> str:
    """A whole number: inner zeros of any length are read as one 零, a group of zeros leaves out its name."""
    if number == 0:
        return _DIGITS[0]
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            continue
        # a zero stands between groups when the digit before, or this group's first digit, is missing
        if words and (group < 1000 or groups[index + 1] == 0):
            words += _DIGITS[0]
        # 万亿 is one unit: its 亿 is dropped when the 亿 group follows and carries it
        name = "万" if index == 3 and groups[2] else _GROUPS[index]
        words += _group(group) + name
    return words


def _group(group: int) -> str:
    """Up to four digits, without zeros at either end."""
    words, pending = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            words += (_DIGITS[0] if pending and words else "") + _DIGITS[digit] + _PLACES[place]
            pending = False
        else:
            pending = True
    return words


def chinese_date(day: date) -> str:
    """Write a day as 2026年11月22日: two digits for month and day, as licenses print them."""
    return f"{day.year:04}年{day.month:02}月{day.day:02}日"


def chinese_date_in_characters(day: date) -> str:
    """Write a day as 二〇二六年十一月二十二日, as a license that is dated across its seal does (GB/T 15835, 5.2)."""
    return f"{year_in_characters(day.year)}年{count_in_characters(day.month)}月{count_in_characters(day.day)}日"


def year_in_characters(year: int) -> str:
    """A year digit by digit, with 〇."""
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{year:04}")


def count_in_characters(number: int) -> str:
    """A number of a month or a day, 1 to 31: 十, 十一, 二十."""
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    words = "" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十"
    return words + (digits[ones] if ones else "")
