"""公民身份号码: the number of a person, 18 characters (GB 11643-1999).

`[6 region][8 yyyyMMdd][3 sequence][1 check, MOD 11-2]`. Only the check character and a real date are demanded.
The region is a warning at most: codes were renamed and moved, and python-stdnum's `cn.ric.validate`, which wants
the region to have existed in the year of birth, refuses many true numbers.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from schemas.errors import YunhuobanError, declare
from schemas.identifiers import shape
from schemas.identifiers.division import PROVINCES

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = "10X98765432"
# 83: Taiwan's residents in their residence permit; GB/T 2260 itself gives Taiwan 71.
_REGIONS: Final = PROVINCES | {"83"}

CITIZEN_SHAPE = declare(
    "E-ID-021", "公民身份号码应为18位：前17位为数字，末位为数字或 X。", "请按居民身份证填写，用半角字符，不留空格。"
)
CITIZEN_DATE = declare("E-ID-022", "公民身份号码第7至14位不是真实的日期。", "请与居民身份证逐位核对出生日期。")
CITIZEN_CHECK = declare(
    "E-ID-023", "公民身份号码的末位校验字符不对。", "号码中有一位可能写错，请与居民身份证逐位核对。"
)
CITIZEN_REGION = declare(
    "E-ID-024", "公民身份号码的前两位不是已知的省级代码。", "请与居民身份证核对；如证件上确实如此，可以继续办理。"
)


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A person's number. `repr`, `str` and format show it masked; only `reveal` gives it in full."""

    number: str

    def __post_init__(self) -> None:
        shape.require(self.number, CITIZEN_SHAPE, lengths=(18,), alphabet=shape.DIGITS + "X")
        shape.require(self.number[:17], CITIZEN_SHAPE, lengths=(17,), alphabet=shape.DIGITS)
        weighted = zip(self.number, _WEIGHTS, strict=False)
        expected = _CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in weighted) % 11]
        if self.number[17] != expected:
            raise YunhuobanError(CITIZEN_CHECK, found=self.number[17], expected=expected)
        try:
            self.born_on  # noqa: B018  # asked for its refusal
        except ValueError:
            # The digits stay untold: a date of birth with one wrong digit is still a date of birth.
            raise YunhuobanError(CITIZEN_DATE, found="********", expected="yyyyMMdd") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 18 characters, a final x as X. Raises E-ID-021, E-ID-022 or E-ID-023."""
        return cls(text[:-1] + "X" if text.endswith("x") else text)

    @property
    def born_on(self) -> date:
        """The date of birth."""
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def warnings(self) -> tuple[YunhuobanError, ...]:
        """E-ID-024 when no province, past or present, begins with these two digits."""
        if self.number[:2] in _REGIONS:
            return ()
        return (YunhuobanError(CITIZEN_REGION, found=self.number[:2], expected=" ".join(sorted(_REGIONS))),)

    def masked(self) -> str:
        """Return the form for lists and pages, date of birth hidden: `130928********0014`."""
        return f"{self.number[:6]}********{self.number[14:]}"

    def reveal(self) -> str:
        """Return all 18 characters: for the payload and for a page whose purpose was asked and recorded."""
        return self.number

    def __str__(self) -> str:
        """Return the masked form, so that no message or page shows the number by accident."""
        return self.masked()

    def __repr__(self) -> str:
        """Return the masked form: a traceback may be logged."""
        return f"CitizenNumber({self.masked()})"
