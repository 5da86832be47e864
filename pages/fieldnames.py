"""The names of the contract's fields, as people read them: what its `doc` says, without what it explains behind it.

A name is Chinese and its own msgid; `pages.catalogue` demands English for that of every field, so that the language
switch leaves none behind. The same of the words that an enumeration's `doc` gives its symbols (`words`).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_EXPLAINED: Final = re.compile("[：；，（]")
_WORD: Final = re.compile(r"(\S+) ([a-z][a-z0-9_]*)")


def name(doc: str) -> str:
    """The name that a field's `doc` begins with; marked."""
    return _EXPLAINED.split(doc, maxsplit=1)[0].strip()


def names(shape: Mapping[str, Any]) -> list[str]:
    """Those of all fields of one named type, as its `.avsc` says; an enumeration has none."""
    return [name(field["doc"]) for field in shape.get("fields", ())]


def words(shape: Mapping[str, Any]) -> Mapping[str, str]:
    """The word of every symbol of an enumeration, where its `doc` names them all (`健在 alive / 已故 deceased`)."""
    symbols = shape.get("symbols", ())
    said = _WORD.findall(str(shape.get("doc", "")).rpartition("：")[2])
    found = {symbol: word for word, symbol in said}
    return found if list(found) == list(symbols) else {}
