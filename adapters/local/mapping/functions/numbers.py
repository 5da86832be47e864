"""The numbers by which persons, bodies, items and licenses are known: checked, and written in one way."""

import re
from typing import Final

from adapters.local.mapping.functions import unfit
from adapters.local.mapping.functions.plain import token
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.item import IMPLEMENTATION_LENGTH, ItemCode
from schemas.identifiers.license import LicenseIdentifier

NOT_A_PHONE = declare("E-MAP-016", "不是手机号码。", "请写 11 位手机号码，以 1 开头。")
NOT_AN_ITEM = declare("E-MAP-017", "不是 31 位实施编码。", "请按国家政务服务平台事项库填写 31 位或 33 位编码。")

_CITIZEN_FORM: Final = re.compile("[0-9]{17}[0-9X]")
_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


def citizen(value: object) -> str:
    """Read a person's number (GB 11643); a final x becomes X. Raises E-ID-021 to E-ID-023."""
    return CitizenNumber.parse(token(value).replace(" ", "")).number


def credit(value: object) -> str:
    """Read a unified social credit code (GB 32100). Raises E-ID-011 or E-ID-012."""
    return CreditCode.parse(token(value).replace(" ", "").upper()).text


def document_no(value: object) -> str:
    """Read a person's number or a credit code, whichever it is. Raises what the likelier of the two raises."""
    text = token(value).replace(" ", "").upper()
    if len(text) == 18 and not _CITIZEN_FORM.fullmatch(text):
        return credit(text)
    try:
        return citizen(text)
    except YunhuobanError:
        # A credit code may happen to be all digits.
        try:
            return credit(text)
        except YunhuobanError:
            pass
        raise


def item(value: object) -> str:
    """Read an item's 31 characters, also from the 33 of a handling item. Raises E-MAP-017 or E-ID-…."""
    found = ItemCode.parse(token(value).upper()).implementation
    if found is None or len(found.text) != IMPLEMENTATION_LENGTH:
        raise unfit(NOT_AN_ITEM, "31 位实施编码")
    return found.text


def division_of_item(value: object) -> str:
    """Read which division an item belongs to, from the issuing body's credit code. Raises like `item`."""
    return CreditCode.parse(item(value)[:18]).division


def license_identifier(value: object) -> str:
    """Read a license identifier (GB/T 36904). Raises E-ID-041 to E-ID-043."""
    return LicenseIdentifier.parse(token(value)).text


def phone(value: object) -> str:
    """Read a mobile number of eleven digits, with or without +86, spaces and hyphens. Raises E-MAP-016."""
    match = _MOBILE.fullmatch(token(value).replace(" ", "").replace("-", ""))
    if match is None:
        raise unfit(NOT_A_PHONE, "11 位手机号码")
    return match[1]
