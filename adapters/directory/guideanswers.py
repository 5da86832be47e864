"""The answers in the guides of all counties, found by words. Pure.

Chinese parts no words: what shares more pairs of characters with what was typed stands before, and what shares none is
not found.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.directory.directoryview import DirectoryView

Record = Mapping[str, Any]


def of_item(directory: DirectoryView | None, county: str, service_item: str, words: str = "") -> Sequence[Record]:
    """Those of one item, the newest first; with words those that they are in, the nearest first."""
    if directory is None:
        return ()
    found = directory.stated.answers(county, service_item)
    asked = _pairs(words)
    if not asked:
        return found
    ranked = [(len(asked & _pairs(f"{each['question']} {each['answer']}")), each) for each in found]
    return [each for score, each in sorted(ranked, key=lambda pair: -pair[0]) if score]


def _pairs(text: str) -> frozenset[str]:
    """Two characters each of what is written without a break; a single one as it is."""
    parts = text.casefold().split()
    return frozenset(part[at : at + 2] for part in parts for at in range(max(1, len(part) - 1)))
