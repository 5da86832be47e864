"""The seal's place in the file: whether it is a signature at all, of what is shown, and of everything that is there.

The published forgeries differ in where they lie to the reader: in the range that is said to be signed (universal
forgery), in what stands between its two parts (wrapping), or in what follows it (incremental saving; `appended`).
"""

import re
from collections.abc import Sequence
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from adapters.licenses.examining import appended, rawbytes, verdicts
from schemas.errors import Code

_SIGNATURE: Final = re.compile(rb"<(?!0{512})[0-9a-fA-F]{512,}>")  # 256 bytes at least; one of zeros signs nothing


def seals_of(reader: PdfFileReader) -> Sequence[EmbeddedPdfSignature] | None:
    """The signatures; None when there is something that calls itself one and cannot be read as one."""
    try:
        return list(reader.embedded_signatures)
    except Exception:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        return None


def place_problem(pdf: bytes, place: tuple[int, int, int, int] | None) -> Code | None:
    """What is wrong with the range that a seal says it covers, by the bytes alone."""
    if place is None:
        return verdicts.UNIVERSAL_FORGERY
    first, length, second, rest = place
    if min(place) < 0 or first != 0 or not 0 < length < second or not rest:
        return verdicts.UNIVERSAL_FORGERY
    if second > len(pdf):
        return verdicts.TRUNCATED
    signature = _SIGNATURE.search(pdf, length, second)
    if signature is None:
        return verdicts.UNIVERSAL_FORGERY
    return None if signature.span() == (length, second) else verdicts.WRAPPING


def after(pdf: bytes, place: tuple[int, int, int, int]) -> set[Code]:
    """What stands behind the end of what the seal covers; nothing when it covers the whole file."""
    covered = place[2] + place[3]
    if covered == len(pdf):
        return set()
    return {verdicts.TRUNCATED} if covered > len(pdf) else appended.kinds(pdf, covered)


def without_reader(pdf: bytes) -> set[Code]:
    """What can be said of a file that calls itself sealed and that no strict reader opens, or none finds a seal in."""
    place = rawbytes.byte_range(pdf)
    problem = place_problem(pdf, place)
    if place is None or problem is not None:
        return {problem or verdicts.UNIVERSAL_FORGERY}
    return after(pdf, place)


def place_of(seal: EmbeddedPdfSignature) -> tuple[int, int, int, int] | None:
    """The range as the seal's dictionary has it."""
    try:
        first, length, second, rest = (int(number) for number in seal.byte_range)
    except (TypeError, ValueError):
        return None
    return first, length, second, rest
