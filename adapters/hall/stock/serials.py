"""Numbers on sheets of blank stock: a printed head and digits that count on, `冀A00000017`.

The digits at the end are what counts; what stands before them tells one print run from another. So the form of a
number is read off the number itself, and a number belongs to exactly one form.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from schemas import privacy
from schemas.errors import YunhuobanError, declare

LONGEST: Final = 40
"""Characters of a number, as the wire carries it (`PrintOutcome.stock_serial`)."""
MOST: Final = 100_000
"""Sheets in one act: a delivery to a county is some thousands, and more is a slip of the scanner."""
_FORM: Final = re.compile(r"((?:.*[^0-9])?)([0-9]{1,18})")

SERIAL_ODD: Final = declare(
    "E-STOCK-001",
    "这不是空白证照编号：编号以数字结尾，没有空格。",
    "请照着纸上的编号重新填写，或用扫码枪扫入。",
)
SPAN_ODD: Final = declare(
    "E-STOCK-002",
    "起止编号不能成为一段：{first} 到 {last}。",
    "起止编号的字头和位数要相同，止号不小于起号，一次最多十万张；不同字头的请分开登记。",
)


@dataclass(frozen=True, slots=True, order=True)
class Form:
    """How the numbers of one print run look."""

    prefix: str
    digits: int

    def written(self, number: int) -> str:
        """The number as it stands on the sheet."""
        return f"{self.prefix}{number:0{self.digits}}"


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers of one form from `first` to `last`, both among them."""

    form: Form
    first: int
    last: int

    @property
    def count(self) -> int:
        """Sheets."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        head = self.form.written(self.first)
        return head if self.first == self.last else f"{head}–{self.form.written(self.last)}"


def parse(text: str) -> tuple[Form, int]:
    """The form and number of what was typed or scanned, in whatever width and case. Raises E-STOCK-001."""
    serial = unicodedata.normalize("NFKC", text).strip().upper()
    found = _FORM.fullmatch(serial)
    if found is None or len(serial) > LONGEST or not privacy.is_code(serial):
        raise YunhuobanError(SERIAL_ODD, place="serial")  # not what was typed: it may be a name
    return Form(found[1], len(found[2])), int(found[2])


def canonical(text: str) -> str:
    """The number as the book writes it. Raises E-STOCK-001."""
    form, number = parse(text)
    return form.written(number)


def span(first: str, last: str = "") -> Span:
    """The numbers from one to another; one alone without a last. Raises E-STOCK-001, E-STOCK-002."""
    form, start = parse(first)
    other, end = parse(last) if last.strip() else (form, start)
    if form != other or end < start or end - start >= MOST:
        raise YunhuobanError(SPAN_ODD, place="serial", first=form.written(start), last=other.written(end))
    return Span(form, start, end)


def without(whole: Span, missing: Iterable[int]) -> Iterator[Span]:
    """What is left of a span when some of its numbers are not there, in order."""
    start = whole.first
    for number in sorted({each for each in missing if whole.first <= each <= whole.last}):
        if start < number:
            yield Span(whole.form, start, number - 1)
        start = number + 1
    if start <= whole.last:
        yield Span(whole.form, start, whole.last)
