"""A value as it may be shown to a person who only wants to see what kind of column this is.

Whether a column is personal is not known before it is mapped, so every value is treated as if it were: only words of
code tables, short codes and item codes, which are public, are shown as they are.
"""

from collections.abc import Sequence
from typing import Final

from adapters.countyit.suggesting import codes
from adapters.countyit.suggesting.evidence import Evidence
from schemas.errors import YunhuobanError
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.masking import masked_name, masked_phone

_MOST: Final = 0.5
_LONGEST: Final = 6
_SAMPLES: Final = 2


def samples(found: Evidence) -> str:
    """Two different values of a column, masked."""
    return "，".join(dict.fromkeys(masked(text, found) for text in found.codes()[:_SAMPLES]))


def masked(text: str, found: Evidence) -> str:
    """One value of a column, masked by what the column holds."""
    if (codes.harmless(text) and found.shares["code"] == 1) or found.shares["item"] >= _MOST:
        return text
    if found.shares["citizen"] >= _MOST:
        try:
            return CitizenNumber.parse(text.replace(" ", "").upper()).masked()
        except YunhuobanError:
            return "*" * _LONGEST
    if found.shares["phone"] >= _MOST:
        return masked_phone(text)
    if found.shares["time"] >= _MOST:
        return f"{text[:4]}***"
    hidden = masked_name(text)
    return hidden if len(hidden) <= _LONGEST else f"{hidden[:_LONGEST]}（{len(text)} 字）"


def shown_codes(found: Evidence) -> Sequence[str]:
    """The codes of a column that may be written down."""
    return [text for text in found.codes() if codes.harmless(text)]
