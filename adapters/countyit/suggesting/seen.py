"""What was seen of a county's own system: its tables with some of their rows. Values stay here, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from adapters.countyit.suggesting import evidence

SAMPLE_ROWS: Final = 60
"""So many rows of a table tell what its columns hold."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table, view or kind of file."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, object]]
    complete: bool = True
    """Whether these are all of its rows, so that what is not among them is nowhere."""
    key: Sequence[str] = ()
    comments: Mapping[str, str] = field(default_factory=dict)
    """What the database itself says of a column, by column."""
    pattern: str = ""
    """For files: which names belong to this kind."""
    folder: str = ""
    """For files: the folder inside the source."""
    encoding: str = ""
    form: str = ""
    """For files: csv, xlsx, json or xml."""
    place: str = ""
    """For files: the sheet, or the path of the rows (`$` for the whole file); within its row for rows inside a row."""
    inside: str = ""
    """The table to whose rows these belong because they lie inside them."""
    optional: Sequence[str] = ()
    """Columns that a row may leave out."""
    reading: Mapping[str, object] | None = None
    """The settings of the source through which it was seen, when somebody had to say them first."""
    owners: Sequence[int] = ()
    """How many of these lie inside each row of the other table."""

    @cached_property
    def values(self) -> Mapping[str, Sequence[object]]:
        """The values of each column that hold anything."""
        return {
            name: [
                value
                for row in self.rows
                if (value := row.get(name)) is not None and not (isinstance(value, str) and not value.strip())
            ]
            for name in self.columns
        }

    @cached_property
    def evidence(self) -> Mapping[str, evidence.Evidence]:
        """What the values of each column are."""
        return {name: evidence.of(self.values[name], len(self.rows)) for name in self.columns}
