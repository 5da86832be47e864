"""Which table belongs to the rows of another: by a column that both have, and by what stands in it."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from adapters.countyit.suggesting.seen import Table

_NEARLY_ALL: Final = 0.95
_NUMBERED: Final = ("no", "bh", "id", "guid", "编号", "号")
"""How the names of columns end that number something, and so may lead from one table to another."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How rows of a table belong to rows of the main one."""

    link: str
    """The column that both share."""
    single: bool
    """Whether a row of the main table never has two, so that its columns can be taken like its own."""
    met: float
    """The share of rows of the main table that have one. Others may be of another kind: accepted, not applied for."""

    @property
    def proven(self) -> bool:
        """Whether rows that belong together were seen; otherwise only the names say so."""
        return self.met > 0


def between(main: Table, other: Table, case: str) -> Relation | None:
    """How a table belongs to the main one; None if it does not.

    The link is the number of the case, the main table's key, or another column that numbers something. Rows that lie
    inside those of the other belong to them whatever they hold; further sheets belong by a column as tables do; files
    of their own do not.
    """
    one_place = (main.form, main.folder, main.pattern) == (other.form, other.folder, other.pattern)
    if other.inside:
        return _inside(other) if one_place and other.inside == main.name else None
    if main.form and not (one_place and main.form == "xlsx"):
        return None
    if other.form and not main.form:
        return None
    numbered = [name for name in main.columns if name.lower().endswith(_NUMBERED)]
    found = [
        relation
        for link in dict.fromkeys((case, *main.key, *numbered))
        if link and link in main.columns and link in other.columns and [link] != list(other.key)
        and (relation := _by(link, main, other))
    ]  # fmt: skip
    return max(found, key=lambda each: (each.met, each.single), default=None)


def _inside(other: Table) -> Relation:
    met = sum(count > 0 for count in other.owners) / (len(other.owners) or 1)
    return Relation(other.place, single=all(count <= 1 for count in other.owners) and met > 0, met=met)


def _by(link: str, main: Table, other: Table) -> Relation | None:
    parents = {str(value) for value in main.values[link]}
    children = Counter(str(value) for value in other.values[link])
    if not parents or not children:
        return Relation(link, single=not parents and not children, met=0)
    met = sum(parent in children for parent in parents) / len(parents)
    if not met and main.complete and other.complete:
        return None
    once = sum(count == 1 for count in children.values()) / len(children)
    return Relation(link, single=once >= _NEARLY_ALL and (met > 0 or not other.complete), met=met)
