"""Pinyin of names, mostly their initials (gsdj for 公司登记): the only door to pypinyin.

A character with several readings (重, 行, 长) is found by each of them; the one that it has in its word counts more.
Its dictionaries take most of a second and a hundred megabytes: whoever never searches does not load them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

_LETTERS: Final = re.compile(r"[a-z]{2,30}")


def usual(name: str) -> str:
    """The initials of a name as it is read aloud, in small letters; what is not Chinese stands for itself."""
    return "".join(part[0] for part in _pinyin(name, first=True)).lower()


def spelled(name: str) -> str:
    """The whole pinyin of a name without tones (shiban for 试办), in small letters."""
    return "".join(part[0] for part in _pinyin(name)).lower()


def readings(names: Iterable[str]) -> Mapping[str, str]:
    """By letter, the characters of these names that some reading of theirs begins with."""
    characters = sorted({each for name in names for each in name.lower()})
    found: dict[str, list[str]] = defaultdict(list)
    for each, parts in zip(characters, _pinyin(characters, first=True, every=True), strict=True):
        for letter in {part[:1] for part in parts}:
            found[letter].append(each)
    return {letter: "".join(found[letter]) for letter in found}


def pattern(word: str, by_letter: Mapping[str, str]) -> re.Pattern[str] | None:
    """What finds a word of initials within a name, or None when it is none: two to thirty small letters."""
    if not _LETTERS.fullmatch(word) or not all(letter in by_letter for letter in word):
        return None
    return re.compile("".join(f"[{re.escape(by_letter[letter])}]" for letter in word))


def _pinyin(text: str | list[str], *, first: bool = False, every: bool = False) -> list[list[str]]:
    """By character or word its reading, or `every` one it can have; whole, or its first letter."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 -- see above

    return pinyin(text, style=Style.FIRST_LETTER if first else Style.NORMAL, heteronym=every)
