"""办件编号: the number of one case, minted once by the window county, `130928-20261122-000017-C`.

Division of the opener, day of opening, serial of that day, and an ISO 7064 MOD 37,36 check character over the
twenty digits without hyphens, because clerks read these numbers to each other over the telephone.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from stdnum.iso7064 import mod_37_36

from schemas.errors import YunhuobanError, declare
from schemas.identifiers import shape
from schemas.identifiers.division import DivisionCode

LAST_SERIAL: Final = 999_999
_LENGTH: Final = 24
_HYPHENS: Final = (6, 15, 22)

CASE_SHAPE = declare(
    "E-ID-051",
    "办件编号的构成不对：应为六位行政区划代码、八位日期、六位流水号和一位校验字符，用连字符分隔。",
    "请按受理单上的编号填写，用半角字符，例如 130928-20261122-000017 加校验字符。",
)
CASE_DAY = declare("E-ID-052", "办件编号中的日期不是真实的日期。", "请与受理单逐位核对日期。")
CASE_CHECK = declare("E-ID-053", "办件编号的末位校验字符不对。", "编号中有一位可能写错，请与受理单逐位核对。")
CASE_SERIAL = declare(
    "E-ID-054", "办件编号的流水号应在000001至999999之间。", "请核对流水号；一天用满的县请与运维联系。"
)


@dataclass(frozen=True, slots=True)
class CaseNo:
    """A case number whose day is real and whose check character is right."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) != _LENGTH:
            raise YunhuobanError(CASE_SHAPE, found=f"len={len(self.text)}", expected=f"len={_LENGTH}")
        for position in _HYPHENS:
            shape.require(self.text[position], CASE_SHAPE, lengths=(1,), alphabet="-", place=str(position + 1))
        digits = self.text[:22].replace("-", "")
        shape.require(digits, CASE_SHAPE, lengths=(20,), alphabet=shape.DIGITS)
        shape.require(self.text[23], CASE_SHAPE, lengths=(1,), alphabet=shape.DIGITS_AND_LETTERS, place="24")
        expected = mod_37_36.calc_check_digit(digits)
        if self.text[23] != expected:
            raise YunhuobanError(CASE_CHECK, found=self.text[23], expected=expected)
        self.division  # noqa: B018  # asked for its refusal
        try:
            self.day  # noqa: B018  # the same
        except ValueError:
            raise YunhuobanError(CASE_DAY, found=self.text[7:15], expected="yyyyMMdd") from None
        if self.serial == 0:
            raise YunhuobanError(CASE_SERIAL, found="000000", expected="000001…999999")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a case number. Raises E-ID-051 to E-ID-054, or what `DivisionCode` raises."""
        return cls(text)

    @classmethod
    def mint(cls, division: DivisionCode, day: date, serial: int) -> Self:
        """Make the number of the case that `division` opens as its `serial`-th of `day`. Raises E-ID-054.

        `day` is the county's calendar day (China Standard Time), which the caller knows.
        """
        if not 1 <= serial <= LAST_SERIAL:
            raise YunhuobanError(CASE_SERIAL, found=str(serial), expected="000001…999999")
        written = f"{day.year:04}{day.month:02}{day.day:02}"
        check = mod_37_36.calc_check_digit(f"{division}{written}{serial:06}")
        return cls(f"{division}-{written}-{serial:06}-{check}")

    @property
    def division(self) -> DivisionCode:
        """The county that opened the case."""
        return DivisionCode(self.text[:6])

    @property
    def day(self) -> date:
        """The day on which the case was opened there."""
        return date(int(self.text[7:11]), int(self.text[11:13]), int(self.text[13:15]))

    @property
    def serial(self) -> int:
        """The county's serial of that day, from 1."""
        return int(self.text[16:22])

    def __str__(self) -> str:
        """Return the number with its hyphens."""
        return self.text
