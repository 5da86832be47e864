"""The counts of a month as a workbook; Chinese, as the files of a hall are."""

from collections.abc import Mapping, Sequence

from adapters.hall.around.report import COLUMNS, Row
from adapters.local import workbooks
from pages.wording import say


def heading(column: str) -> str:
    """A column's name in Chinese."""
    return say(COLUMNS[column], stars=column.rpartition("_")[2])


def workbook(rows: Sequence[Row], month: str, names: Mapping[str, str]) -> bytes:
    """One sheet: a line for each county's side towards another."""
    head = ["应办县", "对方县", *map(heading, COLUMNS), "解决率（%）"]
    lines = [
        [
            f"{names.get(row.owner, '')} {row.owner}".strip(),
            f"{names.get(row.other, '')} {row.other}".strip(),
            *(row.counts[each] for each in COLUMNS),
            row.solved_percent,
        ]
        for row in rows
    ]
    return workbooks.book_of({month: [head, *lines]}, [16, 16, *([10] * (len(COLUMNS) + 1))])
