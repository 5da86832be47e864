"""The identifier by which a person or a body is looked for: checked by its own algorithm before anything is read."""

import unicodedata
from typing import Final

from schemas.errors import YunhuobanError
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.credit import CreditCode

_LETTERED: Final = 17
"""Leading digits of a citizen's number; a credit code that has only digits there is tried second."""


def parse(typed: str) -> str:
    """A citizen's number or a unified social credit code. Raises E-ID-011, -012, or E-ID-021 to -023."""
    text = unicodedata.normalize("NFKC", typed).strip().upper()
    if not text[:_LETTERED].isdigit() and len(text) == _LETTERED + 1:
        return CreditCode.parse(text).text
    try:
        return CitizenNumber.parse(text).reveal()
    except YunhuobanError as error:
        try:
            return CreditCode.parse(text).text
        except YunhuobanError:
            raise error from None


def masked(number: str) -> str:
    """As it may stand on a page."""
    try:
        return CitizenNumber.parse(number).masked()
    except YunhuobanError:
        return f"{number[:2]}************{number[-4:]}"
