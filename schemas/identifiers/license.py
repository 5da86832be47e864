"""电子证照标识: the identifier of one version of one electronic license (GB/T 36904-2018).

`1.2.156.3005.2.<type 21>.<issuer 18 or 6>.<serial 1–32>.<version 3>.<check 1>`. The check character is ISO 7064
(GB/T 17710) MOD 37,36 over type, issuer, serial and version without dots; the root does not take part.
"""

from dataclasses import dataclass
from typing import Final, Self

from stdnum.iso7064 import mod_37_36

from schemas.errors import YunhuobanError, declare
from schemas.identifiers import shape
from schemas.identifiers.credit import CreditCode

ROOT: Final = "1.2.156.3005.2"
LAST_VERSION: Final = 999
_ROOT_ARCS: Final = ROOT.count(".") + 1
_PARTS: Final = ("type", "issuer", "serial", "version", "check")
_LONGEST: Final = 128  # GB/T 36903's limit for the field; looked at before the text is taken apart

LICENSE_SHAPE = declare(
    "E-ID-041",
    "电子证照标识的构成不对：应为根代码、21位证照类型代码、18位或6位颁发机构代码、1至32位流水号、3位版本号、1位校验位，用点分隔。",
    "请按 GB/T 36904 核对标识，字母用大写，流水号去掉连字符。",
)
LICENSE_CHECK = declare(
    "E-ID-042",
    "电子证照标识的校验位不对。",
    "请与颁发机构核对标识；有的系统文档中的示例标识本身校验位有误。",
)
LICENSE_VERSION = declare(
    "E-ID-043", "电子证照版本号应在001至999之间。", "请核对版本号；版本号已用到999的证照需要重新取流水号。"
)
LICENSE_BODY = declare(
    "E-ID-044",
    "电子证照标识中的证照类型代码或颁发机构代码不是校验正确的统一社会信用代码，可能是地方旧代码。",
    "请与颁发机构核对；如证照上确实如此，可以继续办理。",
)


def check_character(body: str) -> str:
    """Return the MOD 37,36 check character of a text of 0-9A-Z without dots."""
    return str(mod_37_36.calc_check_digit(body))


@dataclass(frozen=True, slots=True)
class LicenseIdentifier:
    """A license identifier whose parts have their lengths and whose check character is right."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            raise YunhuobanError(LICENSE_SHAPE, found=f"len={len(self.text)}", expected=f"len≤{_LONGEST}")
        arcs = self.text.split(".")
        if ".".join(arcs[:_ROOT_ARCS]) != ROOT or len(arcs) != _ROOT_ARCS + len(_PARTS):
            raise YunhuobanError(LICENSE_SHAPE, found=f"{len(arcs)} arcs", expected=f"{ROOT}.{'.'.join(_PARTS)}")
        lengths = ((21,), (18, 6), range(1, 33), (3,), (1,))
        for part, allowed, arc in zip(_PARTS, lengths, arcs[_ROOT_ARCS:], strict=True):
            alphabet = shape.DIGITS if part == "version" else shape.DIGITS_AND_LETTERS
            shape.require(arc, LICENSE_SHAPE, lengths=allowed, alphabet=alphabet, place=part)
        if self.version < 1:
            raise YunhuobanError(LICENSE_VERSION, place="version", found="000", expected="001…999")
        expected = check_character("".join(arcs[_ROOT_ARCS:-1]))
        if arcs[-1] != expected:
            raise YunhuobanError(LICENSE_CHECK, place="check", found=arcs[-1], expected=expected)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an identifier with its root. Raises E-ID-041, E-ID-042 (with the expected character) or E-ID-043."""
        return cls(text)

    @classmethod
    def build(cls, type_code: str, issuer: str, serial: str, version: int = 1) -> Self:
        """Put an identifier together and compute its check character. Raises E-ID-041 or E-ID-043."""
        if not 1 <= version <= LAST_VERSION:
            raise YunhuobanError(LICENSE_VERSION, place="version", found=str(version), expected="001…999")
        for part, arc, lengths in (
            ("type", type_code, (21,)),
            ("issuer", issuer, (18, 6)),
            ("serial", serial, range(1, 33)),
        ):
            shape.require(arc, LICENSE_SHAPE, lengths=lengths, alphabet=shape.DIGITS_AND_LETTERS, place=part)
        check = check_character(f"{type_code}{issuer}{serial}{version:03}")
        return cls(f"{ROOT}.{type_code}.{issuer}.{serial}.{version:03}.{check}")

    def next_version(self) -> "LicenseIdentifier":
        """Return the identifier after a change or an extension. Raises E-ID-043 after 999."""
        return LicenseIdentifier.build(self.type_code, self.issuer, self.serial, self.version + 1)

    def previous_version(self) -> "LicenseIdentifier":
        """Return the identifier that this one continues. Raises E-ID-043 for the first."""
        return LicenseIdentifier.build(self.type_code, self.issuer, self.serial, self.version - 1)

    def _arc(self, position: int) -> str:
        return self.text.split(".")[_ROOT_ARCS + position]

    @property
    def type_code(self) -> str:
        """证照类型代码: the defining authority's credit code and three digits."""
        return self._arc(0)

    @property
    def issuer(self) -> str:
        """证照颁发机构代码: a credit code, or in older licenses a division code."""
        return self._arc(1)

    @property
    def serial(self) -> str:
        """流水号, unique for its type and issuer."""
        return self._arc(2)

    @property
    def version(self) -> int:
        """版本号, from 1, raised by every change and extension."""
        return int(self._arc(3))

    @property
    def warnings(self) -> tuple[YunhuobanError, ...]:
        """E-ID-044 for a type or issuer that is no right credit code: local codes are in use."""
        found = []
        for part, code in (("type", self.type_code[:18]), ("issuer", self.issuer)):
            try:
                CreditCode(code)
            except YunhuobanError as error:
                found.append(YunhuobanError(LICENSE_BODY, place=part, found=error.found, expected=error.expected))
        return tuple(found)

    def __str__(self) -> str:
        """Return the identifier with its root."""
        return self.text
