"""The rules of a mapping after its file was read and checked: frozen records with no way to be wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.mapping.canonical import Leaf, Repeated
from adapters.mapping.functions import Function, half_width
from schemas.errors import YunhuobanError, declare

FUNCTION_BROKE = declare("E-MAP-028", "映射中的函数 {function} 在该单元格上出错。", "请检查 overrides.py 中的该函数。")


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
            raise YunhuobanError(FUNCTION_BROKE, expected=type(error).__name__, function=self.name) from None


@dataclass(frozen=True, slots=True)
class Table:
    """A code table: local code to canonical value, and back (of several local codes, the first)."""

    name: str
    forward: Mapping[str, str]
    backward: Mapping[str, str]


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

    @property
    def rule(self) -> str:
        """The way of the value in the mapping's own words."""
        if not self.column:
            return "const"
        names = [step.name for step in self.steps] + ([f"table {self.table.name}"] if self.table else [])
        return " → ".join(names) or "trim"


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
class ListRule:
    """Where the rows of a canonical array come from: a table that belongs to the row, or one cell cut into pieces."""

    target: Repeated
    source: str
    row_separator: str = ""
    cell_separator: str = ""
    columns: Sequence[str] = ()
    """Names of the pieces, when one cell is cut up."""
    cells: Mapping[str, Cell]


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
    joined: Joined | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRule:
    """One local row that a message leaves behind, or one for each item of an array."""

    kind: str
    key: Sequence[str | Placeholder]
    each: str = ""
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
