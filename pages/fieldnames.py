"""The names of the contract's fields, as people read them: what its `doc` says, without what it explains behind it.

A name is Chinese and its own msgid; `pages.catalogue` demands English for that of every field, so that the language
switch leaves none behind.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_EXPLAINED: Final = re.compile("[：；，（]")


def name(doc: str) -> str:
    """The name that a field's `doc` begins with; marked."""
    return _EXPLAINED.split(doc, maxsplit=1)[0].strip()


def names(shape: Mapping[str, Any]) -> list[str]:
    """Those of all fields of one named type, as its `.avsc` says; an enumeration has none."""
    return [name(field["doc"]) for field in shape.get("fields", ())]
