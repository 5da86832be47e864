"""Every character for another of its own kind, so that a text stays as long and as hard to encode as it was.

A rare character of a name becomes another rare one (GB 18030 four bytes, four bytes in UTF-8), a digit a digit,
full-width stays full-width. Spaces, punctuation and control characters stay: they are what mappings stumble over.
"""

import unicodedata
from functools import cache
from typing import Final

from adapters.countyit.recording.pseudonyms import Pseudonyms

# Lead bytes of GB 2312, level 1 (common characters) and 2; the block of which GBK has the rest; CJK extensions A and B.
_LEVEL_1: Final = (0xB0, 0xD7)
_LEVEL_2: Final = (0xD8, 0xF7)
_CJK: Final = range(0x4E00, 0x9FA6)
_EXTENSIONS: Final = (range(0x3400, 0x4DB6), range(0x20000, 0x2A6D7))
_RUNS: Final = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_TO_FULL_WIDTH: Final = 0xFEE0
_PAGE: Final = 128


def other(text: str, pseudonyms: Pseudonyms, *, of: str = "", kept: str = "") -> str:
    """Exchange every character but those in `kept`; `of` is what the choice depends on, if not the text."""
    return "".join(
        character
        if character in kept or not (kin := _kin(character))
        else pseudonyms.one_of("character", of or text, position, kin)
        for position, character in enumerate(text)
    )


@cache
def _kin(character: str) -> str:
    """The characters of the same kind; empty for what stays."""
    point = ord(character)
    if point in _CJK:
        return _hanzi(character)
    for extension in _EXTENSIONS:
        if point in extension:
            return _extension(extension, len(character.encode("gb18030")))
    for run in _RUNS:
        if character in run:
            return run
        if (wide := "".join(chr(ord(each) + _TO_FULL_WIDTH) for each in run)) and character in wide:
            return wide
    category = unicodedata.category(character)
    if category[0] not in "LN":
        return ""
    page = range(point // _PAGE * _PAGE, point // _PAGE * _PAGE + _PAGE)
    return "".join(each for each in map(chr, page) if unicodedata.category(each) == category)


def _hanzi(character: str) -> str:
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return _only_gbk()
    return _gb2312(*(_LEVEL_1 if lead <= _LEVEL_1[1] else _LEVEL_2))


@cache
def _gb2312(first: int, last: int) -> str:
    pairs = bytes(byte for lead in range(first, last + 1) for trail in range(0xA1, 0xFF) for byte in (lead, trail))
    return pairs.decode("gb2312", errors="ignore")


@cache
def _extension(points: range, size: int) -> str:
    """Some of extension A, among them 䶮, have two bytes in GB 18030; the others have four."""
    return "".join(each for each in _all_of(points) if len(each.encode("gb18030")) == size)


@cache
def _only_gbk() -> str:
    everything = _all_of(_CJK)
    return "".join(each for each in everything if not each.encode("gb2312", errors="ignore"))


@cache
def _all_of(points: range) -> str:
    return "".join(map(chr, points))
