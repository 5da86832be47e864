"""Codes of the domain: what is accepted with its parts, and what is refused with which code."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from deploy.contract.values import CASE_NO, ITEM, LICENSE, Json
from schemas.errors import YunhuobanError
from schemas.identifiers.case import CaseNo
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.item import ItemCode
from schemas.identifiers.license import LicenseIdentifier, check_character

_CREDIT: Final = "11140881MB0000000U"
_TYPE: Final = "11100000MB03271699001"
KINDS: Final[dict[str, Callable[[str], Any]]] = {
    "division_code": DivisionCode.parse,
    "credit_code": CreditCode.parse,
    "service_item": ItemCode.parse,
    "case_no": CaseNo.parse,
    "license_identifier": LicenseIdentifier.parse,
}


def _numbered(division: str, day: str, serial: str) -> str:
    """A case number with the right check character, whatever the rest of it."""
    return f"{division}-{day}-{serial}-{check_character(division + day + serial)}"


_REFUSED: Final = {
    "division_code": ("13092", "13092８", "990928", "13092a"),
    "credit_code": ("11140881MB0000000", "11140881MB0000000V", "11140881MI0000000U", "11140881MB00000001"),
    "service_item": (
        ITEM[:-1],
        ITEM[:18] + "7" + ITEM[19:],
        ITEM[:17] + "0" + ITEM[18:],
        ITEM[:-1] + "X",
        "00013112700a",
        ITEM + "0A",
    ),
    "case_no": (
        "130928-20261122-000017-8",
        "130928-20261122-000071-7",
        _numbered("130928", "20261122", "000000"),
        _numbered("130928", "20261131", "000017"),
        _numbered("990928", "20261122", "000017"),
        "130928-20261122-17-7",
        "130928/20261122/000017/7",
        "１30928-20261122-000017-7",
    ),
    "license_identifier": (
        LICENSE[:-1] + "H",
        LICENSE[: -len("001.G")] + "000." + check_character("".join(LICENSE.split(".")[5:8]) + "000"),
        LICENSE.replace("1.2.156.3005.2", "1.2.156.3005.3"),
        LICENSE.removeprefix("1.2.156.3005.2."),
        LICENSE.lower(),
    ),
}
_DAYS: Final = ((date(2026, 11, 22), 1), (date(2026, 11, 22), 17), (date(2028, 2, 29), 999_999), (date(2026, 1, 1), 10))


def vectors() -> Json:
    """The file `identifiers.json`."""
    accepted = {
        "division_code": ["110000", "130928", "140881", "810000"],
        "credit_code": [_CREDIT, _TYPE[:18]],
        "service_item": ["000131127004", "00013112700Y", ITEM, ITEM + "01"],
        "case_no": [CASE_NO],
        "license_identifier": [LICENSE, str(LicenseIdentifier.build(_TYPE, "130928", "A1", 999))],
    }
    return {
        "about": "`accepted` must be taken as they are, `refused` must not, with this code; `minted` are case numbers.",
        "accepted": [{"kind": kind, "text": text} for kind, texts in accepted.items() for text in texts],
        "refused": [refusal(kind, text) for kind, texts in _REFUSED.items() for text in texts],
        "minted": [
            {"division_code": "130928", "day": day.isoformat(), "serial": serial, "case_no": _mint(day, serial)}
            for day, serial in _DAYS
        ],
        "built": [_built("001"), _built("20261122000017"), _built("Z" * 32)],
    }


def refusal(kind: str, text: str) -> Json:
    """What comes of a text that is no such code."""
    try:
        KINDS[kind](text)
    except YunhuobanError as error:
        return {"kind": kind, "text": text, "code": error.code.code}
    raise AssertionError(text)


def _mint(day: date, serial: int) -> str:
    return str(CaseNo.mint(DivisionCode("130928"), day, serial))


def _built(serial: str) -> Json:
    made = LicenseIdentifier.build(_TYPE, _CREDIT, serial, 1)
    return {"type": _TYPE, "issuer": _CREDIT, "serial": serial, "version": 1, "license_identifier": str(made)}
