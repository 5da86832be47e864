"""All functions that a mapping may name, each with what a person calls it and the way back.

`back` undoes what the function did, so that a county's own column can be written from the canonical value by naming
the functions of its reading: reading what was written gives the canonical value again. What was only tidied is written
as it stands now. A function that loses what the local system needs has no way back and says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.local.mapping import places
from adapters.local.mapping.functions import BEIJING, Function, money, numbers, plain, times

_DIGITS: Final = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One function of the mapping language."""

    apply: Function
    zh: str
    """What a clerk or an engineer of the county calls what it does."""
    back: Function | None
    refuses: str = ""
    """Why there is no way back, when there is none."""


def as_it_stands(value: object) -> object:
    """Write the canonical value itself."""
    return value


def exact_time(value: object) -> str:
    """Write a time as Beijing time, with its milliseconds if it has any. Raises E-MAP-013."""
    text = times.moment(value).astimezone(BEIJING).replace(tzinfo=None).isoformat(" ")
    return text.removesuffix("000") if "." in text else text


def yes_or_no(value: object) -> str:
    """Write a flag as 是 or 否. Raises E-MAP-018."""
    return "是" if plain.flag(value) == "true" else "否"


def day_in_words(value: object) -> str:
    """Write a date in characters, 二〇二六年三月五日. Raises E-MAP-012."""
    found = times.day(value)
    year = "".join(_DIGITS[int(each)] for each in f"{found.year:04}")
    return f"{year}年{_small(found.month)}月{_small(found.day)}日"


def _small(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _tidy(apply: Function, zh: str) -> Named:
    """One whose result the local system takes as well as what it wrote itself."""
    return Named(apply=apply, zh=zh, back=as_it_stands)


def _pair(apply: Function, zh: str, back: Function) -> Named:
    return Named(apply=apply, zh=zh, back=back)


def _one_way(apply: Function, zh: str, refuses: str) -> Named:
    return Named(apply=apply, zh=zh, back=None, refuses=refuses)


NAMED: Final[Mapping[str, Named]] = MappingProxyType(
    {
        "trim": _tidy(plain.trim, "去掉首尾空格"),
        "half_width": _tidy(plain.half_width, "全角转半角"),
        "blank": _tidy(plain.blank, "“无”等算空"),
        "one_line": _tidy(plain.one_line, "并成一行"),
        "upper": _tidy(plain.upper, "大写字母"),
        "integer": _tidy(plain.integer, "整数"),
        "flag": _pair(plain.flag, "是或否", yes_or_no),
        "date": _pair(times.day, "日期", times.iso_date),
        "datetime": _pair(times.moment, "时间", exact_time),
        "citizen": _tidy(numbers.citizen, "身份证号"),
        "credit": _tidy(numbers.credit, "统一社会信用代码"),
        "document_no": _tidy(numbers.document_no, "证件号码"),
        "item": _one_way(
            numbers.item, "实施编码", "33 位业务办理项编码读成 31 位，后两位没有了；事项编码请从本地系统自己取"
        ),
        "division_of_item": _one_way(
            numbers.division_of_item, "实施编码中的区划代码", "由区划代码得不出是哪个机关的哪个事项"
        ),
        "division": _pair(places.division, "行政区划代码", places.division_name),
        "license_identifier": _tidy(numbers.license_identifier, "电子证照标识"),
        "phone": _tidy(numbers.phone, "手机号码"),
        "address": _tidy(places.address, "地址"),
        "yuan": _pair(money.yuan, "金额（元）", money.in_yuan),
        "wan_yuan": _pair(money.wan_yuan, "金额（万元）", money.in_wan_yuan),
        "amount_words": _pair(money.amount_words, "大写金额", money.in_words),
        "beijing_time": _pair(times.beijing_time, "写成北京时间", times.moment),
        "iso_date": _pair(times.iso_date, "写成 2026-11-22", times.day),
        "compact_date": _pair(times.compact_date, "写成 20261122", times.day),
        "chinese_date": _pair(times.chinese_date, "写成 2026年11月22日", times.day),
        "day_in_words": _pair(day_in_words, "写成 二〇二六年十一月二十二日", times.day),
        "division_name": _pair(places.division_name, "写成行政区划全称", places.division),
        "yes_or_no": _pair(yes_or_no, "写成 是、否", plain.flag),
        "in_yuan": _pair(money.in_yuan, "写成元", money.yuan),
        "in_wan_yuan": _pair(money.in_wan_yuan, "写成万元", money.wan_yuan),
        "in_words": _pair(money.in_words, "写成大写金额", money.amount_words),
    }
)

_SPOKEN: Final = {"const": "固定值", "children": "所属的行"}


def spoken(rule: str) -> str:
    """A rule of a lineage as a clerk reads it: `document_no` becomes 证件号码, `table 收件方式` 对照表“收件方式”."""
    return " / ".join(" → ".join(map(_word, way.split(" → "))) for way in rule.split(" / "))


def _word(step: str) -> str:
    if step.startswith("table "):
        return f"对照表“{step.removeprefix('table ')}”"
    if step.startswith("rows "):
        return "一格分成几条"
    return NAMED[step].zh if step in NAMED else _SPOKEN.get(step, step)
