"""The rules of a mapping after its file was read and checked: frozen records with no way to be wrong."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.local.mapping.canonical import Leaf, Repeated
from adapters.local.mapping.functions import Function
from adapters.local.mapping.functions.plain import half_width
from adapters.local.mapping.records import Lineage
from schemas.errors import YunhuobanError, declare

FUNCTION_BROKE = declare(
    "E-MAP-028",
    "映射中的函数 {function} 在该单元格上出错。",
    "请检查 overrides.py 中的该函数；“应为”一栏写着出错的行。",
)


class _Missing:
    """The rule names no value for this situation."""


MISSING: Final = _Missing()
UNFILLED: Final = "待填"
"""What stands for a column that a mapping in the making does not know yet: it loads, but no record passes it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One named function on the way of a value."""

    name: str
    apply: Function

    def run(self, value: object) -> object:
        """Apply the function. Raises YunhuobanError only, whatever a county's own function does."""
        try:
            return self.apply(value)
        except YunhuobanError:
            raise
        except Exception as error:  # noqa: BLE001 -- a county's own function may raise anything; one cell, one problem
            raise YunhuobanError(FUNCTION_BROKE, expected=_where(error), function=self.name) from None


def _where(error: Exception) -> str:
    """The kind of an error and the line of the county's own file in which it came out; its text may quote a cell."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.endswith("overrides.py")]
    return f"{type(error).__name__}，overrides.py 第 {lines[-1]} 行" if lines else type(error).__name__


@dataclass(frozen=True, slots=True)
class Table:
    """A code table: local code to canonical value, and back (of several local codes, the first)."""

    name: str
    forward: Mapping[str, str]
    backward: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One column's part of a `when`: all that is given must hold. Texts are compared half-width and trimmed."""

    column: str
    values: Sequence[str] = ()
    refused: Sequence[str] = ()
    starts: str = ""
    starts_not: str = ""
    empty: bool | None = None

    def holds(self, row: Mapping[str, object]) -> bool:
        """Say whether a row fulfils the condition; a column that the row does not have is empty."""
        try:
            text = half_width(row.get(self.column))
        except YunhuobanError:
            return False
        return (
            (not self.values or text in self.values)
            and text not in self.refused
            and text.startswith(self.starts)
            and not (self.starts_not and text.startswith(self.starts_not))
            and (self.empty is None or self.empty == (text == ""))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Where one canonical value comes from."""

    column: str = ""
    """The local column, `表.列` for a column of a table that belongs to the row, or empty for a constant."""
    const: object = MISSING
    steps: Sequence[Step] = ()
    table: Table | None = None
    otherwise: object = MISSING
    """What a code that the table does not have becomes."""
    empty: object = MISSING
    """What an empty cell becomes; without it an empty cell is a problem."""
    when: Sequence[Condition] = ()
    """Of one of several: the rows that it is for."""
    one_of: Sequence["Cell"] = ()
    """Several ways to the value; the first whose `when` holds is taken. The last has no `when`."""

    @property
    def rule(self) -> str:
        """The way of the value in the mapping's own words."""
        if self.one_of:
            return " / ".join(dict.fromkeys(each.rule for each in self.one_of))
        if not self.column:
            return "const"
        names = [step.name for step in self.steps] + ([f"table {self.table.name}"] if self.table else [])
        return " → ".join(names) or "trim"

    @property
    def columns(self) -> Sequence[str]:
        """The columns that the value may come from."""
        ways = self.one_of or (self,)
        return list(dict.fromkeys(each.column for each in ways if each.column))

    def fitting(self, row: Mapping[str, object]) -> "Cell":
        """The way to the value in this row."""
        ways = (each for each in self.one_of if all(one.holds(row) for one in each.when))
        return next(ways, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRule:
    """Where the rows of a canonical array come from: a table that belongs to the row, or one cell cut into pieces."""

    target: Repeated
    source: str
    row_separator: str = ""
    cell_separator: str = ""
    columns: Sequence[str] = ()
    """Names of the pieces, when one cell is cut up."""
    cells: Mapping[str, Cell]

    @property
    def rule(self) -> str:
        """How the rows are found, in the mapping's own words."""
        return f"rows {self.row_separator!r} cells {self.cell_separator!r}" if self.columns else "children"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRule:
    """How one kind of local record becomes one type of message."""

    message_type: str
    kind: str
    when: Sequence[Condition]
    case: Cell
    destination: Cell | None
    service_item: Cell | None
    trial: Cell | None
    cells: Mapping[str, Cell]
    leaves: Mapping[str, Leaf]
    lists: Sequence[ListRule] = ()

    @property
    def lineage(self) -> Sequence[Lineage]:
        """Where each canonical value of such a record comes from, the same for every record."""
        whole = {"case_no": self.case, "destination": self.destination, "service_item": self.service_item}
        whole["trial"] = self.trial
        plain = {path: cell for path, cell in whole.items() if cell is not None} | dict(self.cells)
        found = [Lineage(path, "、".join(cell.columns), cell.rule) for path, cell in plain.items()]
        for each in self.lists:
            found.append(Lineage(f"{each.target.path}[]", each.source, each.rule))
            for name, cell in each.cells.items():
                local = "、".join(f"{each.source}.{column}" for column in cell.columns)
                found.append(Lineage(f"{each.target.path}[].{name}", local, cell.rule))
        return tuple(found)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the row itself that the rule asks for, those of its `when` among them."""
        cells = [each for each in (self.case, self.destination, self.service_item, self.trial) if each is not None]
        cells += self.cells.values()
        asked = {column for cell in cells for column in cell.columns} | {each.column for each in self.when}
        asked |= {one.column for cell in cells for way in cell.one_of for one in way.when}
        return frozenset(asked | {each.source for each in self.lists})


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRule:
    """Local records that are none of ours, and why."""

    kind: str
    when: Sequence[Condition]
    why: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `{path|function|function}` in a text."""

    path: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A canonical array written into one cell."""

    path: str
    pieces: Sequence["Entry"]
    row_separator: str
    cell_separator: str
    instead: Mapping[str, str]
    """What is written for a separator that occurs in the text itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where the value of one local column comes from."""

    path: str = ""
    text: Sequence[str | Placeholder] = ()
    const: object = MISSING
    steps: Sequence[Step] = ()
    table: Table | None = None
    otherwise: object = MISSING
    """What a canonical value that the table does not have becomes; without it such a value is a problem."""
    back: Sequence[Step] = ()
    """What undoes the functions of the reading, the last of them first; behind the table."""
    joined: Joined | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRule:
    """One local row that a message leaves behind, or one for each item of an array."""

    kind: str
    key: Sequence[str | Placeholder]
    each: str = ""
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Canonical fields and what they have to be, for a row that not every such message leaves."""
    row: Mapping[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A whole mapping."""

    county: str
    name: str
    reads: Sequence[ReadRule] = ()
    ignores: Sequence[IgnoreRule] = ()
    writes: Mapping[str, Sequence[WriteRule]] = field(default_factory=dict)
    source: Mapping[str, object] = field(default_factory=dict)
    sink: Mapping[str, object] = field(default_factory=dict)
