"""What an application and a license say of a permitted thing, by license: since version 1.2 of the contract.

One part of the record is for one license, and its fields are the lines of its templates that the applicant knows. What
the issuing authority decides (number, validity, where to complain) is not among them. A business license has none: its
contents are the registration. Sources: domain.md §5.2, the rules named in the records' docs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas import releases
from schemas.errors import YunhuobanError
from schemas.resolution import NOT_IN_VERSION

CREDIT_CODE, CITIZEN_NUMBER = "001", "111"
"""Kinds of a holder's code: GB/T 36903, annex A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """The part of one license."""

    part: str
    """Its field in `Application` and `License`."""
    holder: str
    """The field of the part that names who holds the license."""
    holder_code: str
    """The field that identifies the holder; empty where the applicant's own document does."""


BY_LICENSE: Final[Mapping[str, Particulars]] = {
    "food-license": Particulars(part="food", holder="operator_name", holder_code="credit_code"),
    "drug-license": Particulars(part="drug", holder="enterprise_name", holder_code="credit_code"),
    "performance-license": Particulars(part="performance", holder="unit_name", holder_code=""),
    "residence-proof": Particulars(part="residence", holder="name", holder_code="identity_no"),
    "elder-card": Particulars(part="elder", holder="name", holder_code="identity_no"),
}
PARTS: Final = tuple(each.part for each in BY_LICENSE.values())


def part_of(license_name: str) -> str:
    """The part that holds what a license, or a template of it, says; empty when it is the registration."""
    return next((each.part for name, each in BY_LICENSE.items() if license_name.startswith(name)), "")


def require_readable(application: Mapping[str, Any], version: str) -> None:
    """Demand that a license of this application can be said to a reader of a version, before it is sealed.

    `version` as `DirectoryView.contract` gives it. Raises E-CODEC-010: it waits until the reader is upgraded.
    """
    for part in PARTS:
        if application[part] is not None and not releases.has_field(version, "License", part):
            raise YunhuobanError(NOT_IN_VERSION, place=f"License.{part}", expected=version)


def holds_any(record: Mapping[str, Any]) -> bool:
    """Whether an application asks for a license that has a part of its own."""
    return any(record[part] is not None for part in PARTS)
