"""The masked face of a license: what whoever scans its QR code gets to see, enough to compare with the paper.

Kind, holder and identifier with their middle hidden, authority and dates. Nothing that is not printed on the paper, and
less than is (GB/T 35273, de-identified display). Pure.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from schemas.identifiers.license import ROOT, LicenseIdentifier
from schemas.identifiers.masking import masked_name

_VERSION: Final = 1
_ORGANISATION: Final = "001"  # holder_code_kind: 统一社会信用代码, GB/T 36903 annex A
_LONG_NAME: Final = 10
_SHOWN_BEFORE: Final = 2
_SHOWN_AFTER: Final = 4


def masked_face(record: Mapping[str, Any], *, trial: bool) -> bytes:
    """Of a License record, as JSON; `trial` marks what has no legal effect."""
    face = {
        "v": _VERSION,
        "name": record["name"],
        "holder": masked_holder(record["holder"], record["holder_code_kind"]),
        "identifier": masked_identifier(record["identifier"]),
        "authority": record["issuing_authority"],
        "issued_on": _day(record["issued_on"]),
        "valid_from": _day(record["valid_from"]),
        "valid_until": _day(record["valid_until"]),
        "trial": trial,
    }
    return json.dumps(face, ensure_ascii=False, separators=(",", ":")).encode()


def masked_holder(holder: str, code_kind: str) -> str:
    """A person's as everywhere: the surname. Of an organisation's long name its place and its kind: 永济*****有限公司.

    A short one (李四面馆) may be a person's name in the main, and is masked like one.
    """
    if code_kind != _ORGANISATION or len(holder) < _LONG_NAME:
        return masked_name(holder)
    hidden = "*" * (len(holder) - _SHOWN_BEFORE - _SHOWN_AFTER)
    return f"{holder[:_SHOWN_BEFORE]}{hidden}{holder[-_SHOWN_AFTER:]}"


def masked_identifier(identifier: str) -> str:
    """Type, the last four of the serial, version and check character; issuer and the rest of the serial are hidden."""
    read = LicenseIdentifier.parse(identifier)
    check = identifier.rpartition(".")[2]
    return f"{ROOT}.{read.type_code}.****.****{read.serial[-4:]}.{read.version:03}.{check}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
