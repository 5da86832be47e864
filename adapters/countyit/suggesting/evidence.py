"""What the values of a column are: the share of them that each function of the mapping reads.

An identity number, a credit code, an item or a telephone number hardly happens by chance; a date or an amount says
less, and a handful of codes little.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local.mapping.functions import money, numbers, plain, times
from schemas.errors import YunhuobanError

LONGEST_CODE: Final = 20
_FEW: Final = 12  # no code table of a hall has more values in use
_LONGEST_LOOKED_AT: Final = 4000

SHAPES: Final[Mapping[str, Callable[[object], object]]] = {
    "citizen": numbers.citizen,
    "credit": numbers.credit,
    "document_no": numbers.document_no,
    "item": numbers.item,
    "license_identifier": numbers.license_identifier,
    "phone": numbers.phone,
    "time": times.moment,
    "amount": money.yuan,
    "integer": plain.integer,
    "flag": plain.flag,
}
SAID: Final[Mapping[str, str]] = {
    "citizen": "公民身份号码",
    "credit": "统一社会信用代码",
    "document_no": "证件号码",
    "item": "实施编码",
    "license_identifier": "电子证照标识",
    "phone": "手机号码",
    "time": "日期或时间",
    "amount": "金额",
    "integer": "整数",
    "flag": "是或否",
    "code": "代码",
}
CHECKED: Final = ("citizen", "item", "license_identifier", "phone", "credit")
"""Shapes that do not come about by chance."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one column holds."""

    rows: int
    texts: Sequence[str]
    """Its values as text, at least one character each."""
    shares: Mapping[str, float]
    """By shape, the share of values that have it, 0 to 1; `code` is 1 when they look like those of a code table."""

    @property
    def has_empty(self) -> bool:
        """Whether a row of the sample leaves it empty."""
        return len(self.texts) < self.rows

    def codes(self) -> Sequence[str]:
        """The different values, in the order in which they were seen."""
        return list(dict.fromkeys(self.texts))


def of(values: Sequence[object], rows: int) -> Evidence:
    """Look at the values of a column, its empty cells left out; `rows` counts them, too."""
    readable = [(value, text) for value in values if (text := _text(value))]
    texts = [text for _, text in readable]
    often = Counter(texts)
    different = {text: value for value, text in readable}  # a thousand times 1 is looked at once
    shares = {
        name: sum(often[text] for text, value in different.items() if _reads(read, value)) / len(texts)
        if texts
        else 0.0
        for name, read in SHAPES.items()
    }
    few = 0 < len(different) <= _FEW and all(len(text) <= LONGEST_CODE for text in different)
    return Evidence(rows, texts, shares | {"code": float(few)})


def _text(value: object) -> str:
    try:
        return plain.half_width(value)[:_LONGEST_LOOKED_AT]
    except YunhuobanError:
        return ""


def _reads(read: Callable[[object], object], value: object) -> bool:
    try:
        read(value)
    except YunhuobanError:
        return False
    return True
