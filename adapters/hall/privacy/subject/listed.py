"""Of a monthly list a person is shown their own lines and what became of them, and nobody else's.

Hundreds stand in one list; whoever asks about one of them must not be told of the others (PIPL art. 6 and 45). Pure.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from adapters.hall.privacy.subject.bodies import Opened, names

_PUBLISHED: Final = "list.published"
_ROWS: Final[Mapping[str, str]] = {_PUBLISHED: "lines", "list.reconciled": "outcomes"}
"""Where each message has its lines; both number them alike."""


def own_lines(naming: Iterable[Opened], number: str) -> Mapping[str, Collection[int]]:
    """By the number of the list the lines in which this person stands."""
    return {
        each.case_no: {line["line"] for line in each.record["lines"] if names(line, number)}
        for each in naming
        if each.type == _PUBLISHED
    }


def narrowed(each: Opened, lines: Mapping[str, Collection[int]]) -> Opened:
    """The same with no line but the person's own; anything but a list as it is."""
    rows = _ROWS.get(each.type)
    if rows is None:
        return each
    mine = lines.get(each.case_no, ())
    return replace(each, record={**each.record, rows: [row for row in each.record[rows] if row["line"] in mine]})
