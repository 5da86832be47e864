"""统一社会信用代码: the number of a body or a firm, 18 characters (GB 32100-2015; inner part GB 11714).

`[1 registrar][1 kind][6 division][8 body + 1 check, GB 11714][1 check, MOD 31]`
"""

from dataclasses import dataclass
from typing import Final, Self

from stdnum.cn import uscc

from schemas.errors import YunhuobanError, declare
from schemas.identifiers import shape

# 31 symbols: I, O, S, V and Z are left out because they are mistaken for digits or for U.
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INNER_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

CREDIT_SHAPE = declare(
    "E-ID-011",
    "统一社会信用代码应为18位：数字或大写字母，不用 I、O、S、V、Z，第3至8位为数字。",
    "请按营业执照或法人登记证书上的代码填写，用半角字符，不留空格。",
)
CREDIT_CHECK = declare("E-ID-012", "统一社会信用代码的末位校验字符不对。", "代码中有一位可能写错，请与证书逐位核对。")
CREDIT_INNER_CHECK = declare(
    "E-ID-013",
    "统一社会信用代码中的主体标识码（第9至17位）校验不对，可能是早期赋码。",
    "请与证书核对；如证书上确实如此，可以继续办理。",
)


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A unified social credit code whose check character is right."""

    text: str

    def __post_init__(self) -> None:
        shape.require(self.text, CREDIT_SHAPE, lengths=(18,), alphabet=ALPHABET)
        shape.require(self.text[2:8], CREDIT_SHAPE, lengths=(6,), alphabet=shape.DIGITS, place="3-8")
        expected = uscc.calc_check_digit(self.text)
        if self.text[17] != expected:
            raise YunhuobanError(CREDIT_CHECK, found=self.text[17], expected=expected)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 18 characters. Raises E-ID-011 or E-ID-012 (with the expected character)."""
        return cls(text)

    @property
    def division(self) -> str:
        """The six digits of the registrar's division; 100000 for bodies of the central state."""
        return self.text[2:8]

    @property
    def warnings(self) -> tuple[YunhuobanError, ...]:
        """E-ID-013 when the inner check of GB 11714 is wrong: early codes exist for which it is."""
        weighted = zip(self.text[8:16], _INNER_WEIGHTS, strict=True)
        remainder = sum(shape.DIGITS_AND_LETTERS.index(character) * weight for character, weight in weighted) % 11
        expected = "0X987654321"[remainder]  # 11 - remainder, where 10 is written X and 11 is written 0
        if self.text[16] == expected:
            return ()
        return (YunhuobanError(CREDIT_INNER_CHECK, found=self.text[16], expected=expected),)

    def __str__(self) -> str:
        """Return the 18 characters."""
        return self.text
