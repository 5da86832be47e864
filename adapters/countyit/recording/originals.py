"""The values that must not come out: gathered from the records first, looked for in everything that is written last."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

_SHORTEST_WORD: Final = 2
_SHORTEST_NUMBER: Final = 6  # shorter ones are quantities and codes, which say nothing of anybody


class Originals:
    """A set of texts that finds its members within other texts."""

    def __init__(self, harmless: Iterable[str]) -> None:
        """What stands in one of the harmless texts, such as the mapping's own words, is not looked for."""
        self._harmless = "\0".join(harmless)
        self._found: set[str] = set()
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)

    def add(self, text: str) -> None:
        """Look for this text from now on, unless it is too short to say anything."""
        shortest = _SHORTEST_NUMBER if text.isascii() and text.isdecimal() else _SHORTEST_WORD
        if len(text) >= shortest and text not in self._harmless and any(map(str.isalnum, text)):
            self._found.add(text)
            self._lengths[text[:_SHORTEST_WORD]].add(len(text))

    def __contains__(self, text: str) -> bool:
        """Whether this very text is one of them."""
        return text in self._found

    def within(self, text: str) -> list[str]:
        """Those that stand in a text, the longest first; a megabyte of remark is gone through once."""
        found = [
            text[at : at + length]
            for at in range(len(text) - _SHORTEST_WORD + 1)
            for length in self._lengths.get(text[at : at + _SHORTEST_WORD], ())
            if text[at : at + length] in self._found
        ]
        return sorted(found, key=len, reverse=True)
