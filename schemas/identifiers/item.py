"""政务服务事项编码: the code of a service item in its three lengths (GB/T 39554.1-2020).

基本编码 12 `RR TT DD MMM SSS`; 实施编码 31 = issuing body's credit code 18 + level 1 + 12; 业务办理项编码 33 = 31 + 2.
"""

from dataclasses import dataclass
from typing import Final, Self

from schemas.errors import YunhuobanError, declare
from schemas.identifiers import shape
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.division import PROVINCES

BASIC_LENGTH: Final = 12
IMPLEMENTATION_LENGTH: Final = 31
HANDLING_LENGTH: Final = 33
_LEVELS: Final = "123456"

ITEM_SHAPE = declare(
    "E-ID-031",
    "事项编码应为12位基本编码、31位实施编码或33位业务办理项编码；基本编码为数字，末位可为 Y。",
    "请按国家政务服务平台事项库填写编码，用半角字符，不留空格。",
)
ITEM_LEVEL = declare(
    "E-ID-032", "实施编码第19位（行使层级）应为1至6。", "请核对：1国家、2省、3市、4县、5乡镇街道、6村社区。"
)
ITEM_CATALOGUE = declare(
    "E-ID-033",
    "基本编码的前两位既不是国家目录（00），也不是省级代码。",
    "请与事项库核对；如事项库中确实如此，可以继续办理。",
)


@dataclass(frozen=True, slots=True)
class ItemCode:
    """A service item's code of 12, 31 or 33 characters; the parts that a shorter one lacks are None."""

    text: str

    def __post_init__(self) -> None:
        lengths = (BASIC_LENGTH, IMPLEMENTATION_LENGTH, HANDLING_LENGTH)
        shape.require(self.text, ITEM_SHAPE, lengths=lengths, alphabet=shape.DIGITS_AND_LETTERS)
        self.authority  # noqa: B018  # asked for its refusal
        shape.require(self._basic[:11], ITEM_SHAPE, lengths=(11,), alphabet=shape.DIGITS, place="RRTTDDMMMSS")
        shape.require(self._basic[11], ITEM_SHAPE, lengths=(1,), alphabet=shape.DIGITS + "Y", place="S")
        if self.handling is not None:
            shape.require(self.handling, ITEM_SHAPE, lengths=(2,), alphabet=shape.DIGITS, place="32-33")
        if self.level is not None and self.level not in _LEVELS:
            raise YunhuobanError(ITEM_LEVEL, found=self.level, expected="1…6")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read any of the three lengths. Raises E-ID-031, E-ID-032, and what `CreditCode` raises."""
        return cls(text)

    @property
    def _basic(self) -> str:
        return self.text if len(self.text) == BASIC_LENGTH else self.text[19:31]

    @property
    def basic(self) -> "ItemCode":
        """The 12 characters that the whole country or province shares."""
        return ItemCode(self._basic)

    @property
    def implementation(self) -> "ItemCode | None":
        """The 31 characters: this item at this authority."""
        return ItemCode(self.text[:IMPLEMENTATION_LENGTH]) if len(self.text) > BASIC_LENGTH else None

    @property
    def authority(self) -> CreditCode | None:
        """The body that handles the item."""
        return CreditCode(self.text[:18]) if len(self.text) > BASIC_LENGTH else None

    @property
    def level(self) -> str | None:
        """行使层级: 1 state, 2 province, 3 city, 4 county, 5 township, 6 village."""
        return self.text[18] if len(self.text) > BASIC_LENGTH else None

    @property
    def catalogue(self) -> str:
        """RR: 00 for the national catalogue, else the two digits of the province that set the item."""
        return self._basic[:2]

    @property
    def item_type(self) -> str:
        """TT: 01 is a permit; further values differ by province and are not judged."""
        return self._basic[2:4]

    @property
    def department(self) -> str:
        """DD: the line of administration."""
        return self._basic[4:6]

    @property
    def main_item(self) -> str:
        """主项, three digits."""
        return self._basic[6:9]

    @property
    def sub_item(self) -> str:
        """子项: 000 when there is none, 00Y for a parent that has some."""
        return self._basic[9:12]

    @property
    def handling(self) -> str | None:
        """办理项, two digits: establishment, change, cancellation and the like."""
        return self.text[31:33] if len(self.text) == HANDLING_LENGTH else None

    @property
    def warnings(self) -> tuple[YunhuobanError, ...]:
        """E-ID-033 for an unknown catalogue, and what the authority's code warns of."""
        found = () if self.authority is None else self.authority.warnings
        if self.catalogue == "00" or self.catalogue in PROVINCES:
            return found
        return (*found, YunhuobanError(ITEM_CATALOGUE, found=self.catalogue, expected="00 / GB/T 2260"))

    def __str__(self) -> str:
        """Return the 12, 31 or 33 characters."""
        return self.text
