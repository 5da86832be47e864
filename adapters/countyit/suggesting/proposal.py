"""What is proposed for a message: for each field the columns that could hold it, the best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.countyit.suggesting.evidence import Evidence
from adapters.countyit.suggesting.seen import Table
from adapters.countyit.suggesting.targets import Target


@dataclass(frozen=True, slots=True)
class Column:
    """A column that could be taken."""

    table: Table
    name: str
    written: str
    """As the mapping writes it: the name, or `表.列` for a table that belongs to the row."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Choice:
    """One column for one field."""

    column: Column
    confidence: int
    """0 to 100."""
    reason: str


@dataclass(frozen=True, slots=True)
class FieldProposal:
    """One field with the columns proposed for it; none when nothing was found."""

    target: Target
    choices: Sequence[Choice] = ()

    @property
    def first(self) -> Choice | None:
        """The one to take."""
        return self.choices[0] if self.choices else None


@dataclass(frozen=True, slots=True)
class ListProposal:
    """Where the rows of a list are: a table of their own, or one cell cut into pieces."""

    path: str
    doc: str
    source: str = ""
    """Empty when nothing was found."""
    reason: str = ""
    row_separator: str = ""
    cell_separator: str = ""
    pieces: Sequence[str] = ()
    fields: Sequence[FieldProposal] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that is proposed for one message."""

    message_type: str
    opens: bool
    main: Table
    likely: bool
    """Whether the table itself looks like that of the message, or is only the likeliest of those that are there."""
    fields: Sequence[FieldProposal]
    lists: Sequence[ListProposal]
    children: Mapping[str, str] = field(default_factory=dict)
    """Tables that belong to a row of the main one, with the column that both share."""
    others: Sequence[Table] = ()
    """The tables that nothing was taken from."""

    def chosen(self, path: str) -> Choice | None:
        """The column proposed for a field."""
        return next((each.first for each in self.fields if each.target.path == path), None)
