"""行政区划代码: the six digits that name a province, a prefecture or a county (GB/T 2260).

Only the form is judged here; which codes were in force on a day, and their names, is `schemas.divisions`' knowledge.
"""

from dataclasses import dataclass
from typing import Final, Self

from schemas.errors import YunhuobanError, declare
from schemas.identifiers import shape

# The 34 provinces, autonomous regions, municipalities and special administrative regions of GB/T 2260.
# fmt: off
PROVINCES: Final = frozenset(
    {
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
        "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    }
)
# fmt: on

DIVISION_SHAPE = declare(
    "E-ID-001", "行政区划代码应为六位半角数字。", "请按民政部公布的行政区划代码填写，例如 130928。"
)
DIVISION_PROVINCE = declare(
    "E-ID-002", "行政区划代码的前两位不是省级行政区的代码。", "请核对前两位，例如河北为 13，山西为 14。"
)


@dataclass(frozen=True, slots=True)
class DivisionCode:
    """A division code of plausible form; its `text` is what stands in keys and queue names."""

    text: str

    def __post_init__(self) -> None:
        shape.require(self.text, DIVISION_SHAPE, lengths=(6,), alphabet=shape.DIGITS)
        if self.text[:2] not in PROVINCES:
            raise YunhuobanError(DIVISION_PROVINCE, found=self.text[:2], expected=" ".join(sorted(PROVINCES)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read six digits. Raises E-ID-001 or E-ID-002."""
        return cls(text)

    @property
    def is_county_level(self) -> bool:
        """Whether the code has a county part.

        Four prefecture-level cities without counties (441900, 442000, 460400, 620200) act as counties although
        this is false for them; `schemas.divisions` says so, the code cannot.
        """
        return not self.text.endswith("00")

    @property
    def province(self) -> "DivisionCode":
        """The province that the division lies in."""
        return DivisionCode(self.text[:2] + "0000")

    def __str__(self) -> str:
        """Return the six digits."""
        return self.text
