"""Which table belongs to the rows of another: by a column that both have, and by what stands in it."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from adapters.suggesting.seen import Table

_NEARLY_ALL: Final = 0.98
_NUMBERED: Final = ("no", "bh", "id", "guid", "编号", "号")
"""How the names of columns end that number something, and so may lead from one table to another."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How rows of a table belong to rows of the main one."""

    link: str
    """The column that both share."""
    single: bool
    """Whether every row of the main table has exactly one, so that its columns can be taken like its own."""
    proven: bool
    """Whether rows that belong together were seen; otherwise only the names say so."""


def between(main: Table, other: Table, case: str) -> Relation | None:
    """How a table belongs to the main one; None if it does not.

    The link is the number of the case, the main table's key, or another column that numbers something.
    """
    numbered = [name for name in main.columns if name.lower().endswith(_NUMBERED)]
    found = [
        relation
        for link in dict.fromkeys((case, *main.key, *numbered))
        if link and link in main.columns and link in other.columns and [link] != list(other.key)
        and (relation := _by(link, main, other))
    ]  # fmt: skip
    return max(found, key=lambda each: (each.proven, each.single), default=None)


def _by(link: str, main: Table, other: Table) -> Relation | None:
    parents = {str(value) for value in main.values[link]}
    children = Counter(str(value) for value in other.values[link])
    if not parents or not children:
        return Relation(link, single=not parents and not children, proven=False)
    if not parents & children.keys() and main.complete and other.complete:
        return None
    met = sum(parent in children for parent in parents) / len(parents)
    single = all(count == 1 for count in children.values()) and (met >= _NEARLY_ALL or not other.complete)
    return Relation(link, single=single, proven=bool(parents & children.keys()))
