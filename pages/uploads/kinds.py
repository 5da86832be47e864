"""What kind of file it is, by its own bytes: name and declared type are a stranger's word and not looked at.

Three kinds are allowed. A file that another program would take for something else as well (a polyglot) is refused,
however good it is as the first: whoever made it wants two readers to see two things.
"""

import re
from enum import StrEnum
from typing import BinaryIO, Final

from schemas.errors import YunhuobanError, declare

KIND_REFUSED: Final = declare(
    "E-PAGE-123", "这种文件不能上传，只收 {expected}。", "请换成规定的格式再上传；改扩展名没有用，要另存或重新扫描。"
)
POLYGLOT: Final = declare(
    "E-PAGE-124",
    "这个文件同时又是另一种文件（{found}），没有收。",
    "请重新扫描或拍照后上传；文件是别人给的，请把来源告诉县信息中心。",
)


class Kind(StrEnum):
    """An allowed kind."""

    PDF = "PDF"
    JPEG = "JPEG"
    PNG = "PNG"


_MAGIC: Final = {Kind.PDF: b"%PDF-", Kind.JPEG: b"\xff\xd8\xff", Kind.PNG: b"\x89PNG\r\n\x1a\n"}
_HEAD: Final = 1024  # where readers of PDF look for its header, and browsers for markup
_TAIL: Final = 65_557  # the farthest from the end that a ZIP's directory may end
_MARKUP: Final = re.compile(rb"<\s*(?:!doctype|html|script|svg|\?xml|iframe)", re.IGNORECASE)
_PNG_END: Final = b"IEND\xaeB`\x82"


def kind_of(file: BinaryIO, *, allowed: frozenset[Kind] = frozenset(Kind)) -> Kind:
    """The file's kind. Raises KIND_REFUSED for any other, POLYGLOT for two at once. Reads the two ends only."""
    file.seek(0)
    head = file.read(_HEAD)
    found = next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)
    if found is None or found not in allowed:
        raise YunhuobanError(KIND_REFUSED, place="file", found=found or "", expected="、".join(sorted(allowed)))
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    file.seek(0)
    also = _also(found, head, tail)
    if also:
        raise YunhuobanError(POLYGLOT, place="file", found=also, expected=found)
    return found


def _also(kind: Kind, head: bytes, tail: bytes) -> str:
    """What else the file is; empty when it is nothing else."""
    if b"PK\x05\x06" in tail:
        return "ZIP"
    if kind is not Kind.PDF and b"%PDF-" in head:
        return "PDF"
    if _MARKUP.search(head[:_HEAD]):
        return "HTML"
    if kind is Kind.PNG and not tail.endswith(_PNG_END):
        return "PNG + ?"
    return ""
