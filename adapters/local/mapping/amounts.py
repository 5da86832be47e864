"""Money in Chinese capitals, `壹佰万元整`, to fen and back (支付结算办法, annex 1: 正确填写票据和结算凭证的基本规定).

Reading is writing turned round: digits are collected, then the amount is written again and must be the same text.
So a text that could mean two amounts (壹佰壹元: 101, or 110 as people speak) is refused, never guessed.
"""

import re
from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_SECTIONS: Final = ("", "万", "亿", "万亿")
LARGEST_FEN: Final = 10**16 * 100 - 1

_FORMAL: Final = str.maketrans(
    "〇○一二两三四五六七八九十百千弍叄圆圓萬億貳陸", "零零壹贰贰叁肆伍陆柒捌玖拾佰仟贰叁元元万亿贰陆"
)
# After 万, 亿 and 元 the 零 may be left out where a place name follows the next digit.
_OPTIONAL_ZERO: Final = re.compile("(?<=[万亿元])零(?=.[拾佰仟角])")


def words(fen: int) -> str:
    """Write an amount in capitals, ending in 整 when there are no fen. Raises ValueError outside 0…10^18-1 fen."""
    if not 0 <= fen <= LARGEST_FEN:
        raise ValueError("amount out of range")
    yuan, cents = divmod(fen, 100)
    jiao, rest = divmod(cents, 10)
    text = _whole(yuan) + "元" if yuan or not cents else ""
    if not cents:
        return text + "整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif text:
        text += "零"
    return text + (_DIGITS[rest] + "分" if rest else "整")


def fen_of(text: str) -> int:
    """Read an amount in capitals; 人民币 before and 整 or 正 behind may stand or not. Raises ValueError."""
    bare = _bare(text)
    match = re.fullmatch("(?:([^元角分]+)元)?零?(?:([壹贰叁肆伍陆柒捌玖])角)?零?(?:([壹贰叁肆伍陆柒捌玖])分)?", bare)
    if not bare or match is None:
        raise ValueError("not an amount in capitals")
    yuan, jiao, cents = match.groups()
    fen = _number(yuan or "") * 100 + _DIGITS.index(jiao or "零") * 10 + _DIGITS.index(cents or "零")
    if _OPTIONAL_ZERO.sub("", bare) != _OPTIONAL_ZERO.sub("", _bare(words(fen))):
        raise ValueError("not the one way to write this amount")
    return fen


def _bare(text: str) -> str:
    formal = text.translate(_FORMAL).removeprefix("人民币").lstrip(":：￥¥").rstrip("整正")
    return "壹" + formal if formal.startswith("拾") else formal


def _whole(number: int) -> str:
    """Write a whole number: sections of four digits, each with its name; one 零 for any run of zeros inside."""
    if number == 0:
        return "零"
    text, gap = "", False
    for index in range(3, -1, -1):
        section = number // 10_000**index % 10_000
        if section == 0:
            gap = bool(text)
            continue
        text += ("零" if text and (gap or section < 1000) else "") + _section(section)
        # 万亿 is written once as 亿 when a plain 亿 section follows.
        follows = index == 3 and number // 10_000**2 % 10_000
        text += "万" if follows else _SECTIONS[index]
        gap = False
    return text


def _section(number: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text


def _number(text: str) -> int:
    """Add up digits, places and sections; what is no proper number is caught by writing it again."""
    total = section = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS.index(character)
        elif character in _PLACES:
            section += digit * 10 ** _PLACES.index(character)
            digit = 0
        elif character == "万":
            total += (section + digit) * 10_000
            section = digit = 0
        elif character == "亿":
            total = (total + section + digit) * 10**8
            section = digit = 0
        else:
            raise ValueError("not a numeral")
    total += section + digit
    if total * 100 > LARGEST_FEN:
        raise ValueError("amount out of range")
    return total
