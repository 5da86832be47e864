"""Which cells of a local record hold persons, by what the mapping makes of them and what the contract says of that.

A column that the mapping does not use is none of its business and may hold anything: nothing of it is kept as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from adapters.local.mapping.canonical import Leaf
from adapters.local.mapping.rules import Cell, Condition, IgnoreRule, ReadRule, Rules

_ADDRESS: Final = "address"


class Holds(IntEnum):
    """What a cell may hold; of two uses of one column the higher counts."""

    UNKNOWN = 0
    PUBLIC = 1
    """Codes, amounts, days of the procedure, names of materials: the contract calls it `pii: none`."""
    PERSONAL = 2
    ADDRESS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A cell that holds a small table."""

    row_separator: str
    cell_separator: str
    columns: Sequence[str]
    holds: Mapping[str, Holds]


@dataclass(slots=True)
class Columns:
    """The columns of one kind of local record."""

    row: dict[str, Holds] = field(default_factory=dict)
    children: dict[str, dict[str, Holds]] = field(default_factory=dict)
    pieces: dict[str, Pieces] = field(default_factory=dict)

    def use(self, column: str, holds: Holds) -> None:
        """Note one use of a column, `表.列` for one of a table beside the record."""
        if not column:
            return
        _raise(self.row, column, holds)
        table, dot, name = column.partition(".")
        if dot:
            _raise(self.children.setdefault(table, {}), name, holds)


def of(rules: Rules, kind: str) -> Columns:
    """Every column that a mapping uses of one kind of record."""
    found = Columns()
    for rule in _conditional(rules):
        if rule.kind == kind:
            for condition in rule.when:
                found.use(condition.column, Holds.PUBLIC)
    for read in rules.reads:
        if read.kind != kind:
            continue
        for cell in (read.case, read.destination, read.service_item, read.trial):
            _use(found, cell, Holds.PUBLIC)
        for path, cell in read.cells.items():
            _use(found, cell, _holds(read.leaves[path]))
        for each in read.lists:
            inner = dict(_uses(each.cells.items(), each.target.leaves))
            if each.columns:
                found.pieces[each.source] = Pieces(
                    row_separator=each.row_separator,
                    cell_separator=each.cell_separator,
                    columns=each.columns,
                    holds=inner,
                )
            else:
                for column, holds in inner.items():
                    _raise(found.children.setdefault(each.source, {}), column, holds)
    return found


def vocabulary(rules: Rules) -> frozenset[str]:
    """The words of the mapping itself, which say nothing of anybody: codes, their meanings, what conditions ask for."""
    words: set[str] = set()
    for rule in _conditional(rules):
        words.update(_words(rule.when))
    for read in rules.reads:
        single = [each for each in (read.case, read.destination, read.service_item, read.trial) if each]
        for cell in (*single, *read.cells.values(), *(cell for each in read.lists for cell in each.cells.values())):
            words.update(_words(_asked(cell)))
            for way in (cell, *cell.one_of):
                words.update(each for each in (way.const, way.otherwise, way.empty) if isinstance(each, str))
                if way.table is not None:
                    words.update((*way.table.forward, *way.table.forward.values()))
    return frozenset(words)


def _conditional(rules: Rules) -> Sequence[ReadRule | IgnoreRule]:
    return [*rules.reads, *rules.ignores]


def _words(conditions: Iterable[Condition]) -> Iterable[str]:
    for each in conditions:
        yield from (*each.values, *each.refused, each.starts, each.starts_not)


def _uses(cells: Iterable[tuple[str, Cell]], leaves: Mapping[str, Leaf]) -> Iterable[tuple[str, Holds]]:
    found: dict[str, Holds] = {}
    for path, cell in cells:
        for column in cell.columns:
            _raise(found, column, _holds(leaves[path]))
        for condition in _asked(cell):
            _raise(found, condition.column, Holds.PUBLIC)
    return found.items()


def _use(found: Columns, cell: Cell | None, holds: Holds) -> None:
    if cell is None:
        return
    for column in cell.columns:
        found.use(column, holds)
    for condition in _asked(cell):
        found.use(condition.column, Holds.PUBLIC)


def _asked(cell: Cell) -> Sequence[Condition]:
    return [condition for way in cell.one_of for condition in way.when]


def _holds(leaf: Leaf) -> Holds:
    if not leaf.personal:
        return Holds.PUBLIC
    return Holds.ADDRESS if leaf.path.endswith(_ADDRESS) else Holds.PERSONAL


def _raise(holding: dict[str, Holds], column: str, holds: Holds) -> None:
    holding[column] = max(holding.get(column, Holds.UNKNOWN), holds)
