"""What can be said of a PDF's bytes before any parser opens them, and of files that no parser opens.

Names are undone of their `#hh` (ISO 32000-1 §7.3.5), object streams are inflated within a bound; the content of other
streams is left out, because compressed bytes spell anything. Everything is linear in the file's length.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from adapters.licenses.examining import verdicts
from schemas.errors import Code

DEEPEST: Final = 64  # a sealed license nests seven deep
_MOST_INFLATED: Final = 4 * 1024 * 1024
_TAIL: Final = 1024  # where readers look for the end mark (ISO 32000-1 annex H, note 18)
_HEX: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_LITERAL: Final = re.compile(rb"\((?:\\.|[^\\()])*\)", re.DOTALL)
_BRACKET: Final = re.compile(rb"<<|>>|\[|\]|\bendobj\b")
_NAME: Final = re.compile(rb"/([A-Za-z]+)(?=[\x00\s/<>\[\]()%]|$)")
BYTE_RANGE: Final = re.compile(rb"/ByteRange\s*\[\s*(-?\d+)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)\s*\]")

ACTIVE: Final[dict[str, Code]] = {
    "JavaScript": verdicts.JAVASCRIPT,
    "JS": verdicts.JAVASCRIPT,
    "Launch": verdicts.LAUNCH,
    "EmbeddedFile": verdicts.EMBEDDED_FILE,
    "EmbeddedFiles": verdicts.EMBEDDED_FILE,
    "EF": verdicts.EMBEDDED_FILE,
    "RichMedia": verdicts.EMBEDDED_FILE,
    "XFA": verdicts.XFA_FORM,
    "URI": verdicts.EXTERNAL,
    "GoToR": verdicts.EXTERNAL,
    "GoToE": verdicts.EXTERNAL,
    "SubmitForm": verdicts.EXTERNAL,
    "ImportData": verdicts.EXTERNAL,
    "FFilter": verdicts.EXTERNAL,
}
"""Names that no license holds, and what a file is that holds one."""


def outside_streams(pdf: bytes) -> bytes:
    """The bytes between streams, and what object streams hold, names spelt out."""
    parts = list(_between(pdf))
    return _HEX.sub(lambda match: bytes([int(match[1], 16)]), b"\n".join(parts))


def active(text: bytes) -> list[tuple[Code, str]]:
    """What the names in `outside_streams` betray, each code once with the name that did."""
    found: dict[Code, str] = {}
    for match in _NAME.finditer(text):
        name = match[1].decode("ascii")
        if name in ACTIVE:
            found.setdefault(ACTIVE[name], f"/{name}")
    return list(found.items())


def is_encrypted(text: bytes) -> bool:
    """Whether a trailer speaks of encryption."""
    return any(match[1] == b"Encrypt" for match in _NAME.finditer(text))


def is_too_deep(text: bytes) -> bool:
    """Whether arrays and dictionaries are nested as no license nests them."""
    depth = 0
    for match in _BRACKET.finditer(_LITERAL.sub(b"()", text)):
        token = match[0]
        depth = 0 if token == b"endobj" else max(0, depth + (1 if token in (b"<<", b"[") else -1))
        if depth > DEEPEST:
            return True
    return False


def only_pictures(text: bytes) -> bool:
    """Whether there are pictures and no fonts: what scanners and cameras make."""
    names = {match[1] for match in _NAME.finditer(text)}
    return b"Image" in names and b"Font" not in names


def ends_short(pdf: bytes) -> bool:
    """Whether the end is missing: no end mark, or a seal that reaches beyond what is there."""
    covered = byte_range(pdf)
    return b"%%EOF" not in pdf[-_TAIL:] or (covered is not None and sum(covered[2:]) > len(pdf))


def byte_range(pdf: bytes) -> tuple[int, int, int, int] | None:
    """The first seal's range, as it stands in the bytes."""
    match = BYTE_RANGE.search(pdf)
    if match is None or any(len(part) > 12 for part in match.groups()):
        return None
    first, length, second, rest = (int(part) for part in match.groups())
    return first, length, second, rest


def _between(pdf: bytes) -> Iterator[bytes]:
    here, left = 0, _MOST_INFLATED
    while True:
        begin = pdf.find(b"stream", here)
        end = pdf.find(b"endstream", begin + 6) if begin >= 0 else -1
        if end < 0:
            yield pdf[here:]
            return
        yield pdf[here:begin]
        dictionary = pdf[pdf.rfind(b"obj", here, begin) : begin]
        if b"/ObjStm" in _HEX.sub(lambda match: bytes([int(match[1], 16)]), dictionary):
            inflated = _inflated(pdf[begin + 6 : end].lstrip(b"\r\n"), left)
            left -= len(inflated)
            yield inflated
        here = end + 9


def _inflated(data: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, max(1, most))
    except zlib.error:
        return data
