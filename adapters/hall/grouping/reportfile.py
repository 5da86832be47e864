"""The reductions of a month as a workbook; Chinese, as the files of a hall are."""

from collections.abc import Iterator, Sequence

from adapters.hall.grouping import words
from adapters.hall.grouping.report import Row
from adapters.local import workbooks
from pages.labels import REDUCTIONS
from pages.wording import say


def workbook(rows: Sequence[Row], month: str) -> bytes:
    """One sheet: a line for each county and kind, each reduction as before, after and percent."""
    head = ["县", "组合方式", "组数"]
    for name in REDUCTIONS.values():
        head += [f"{say(name)}：分开办", f"{say(name)}：合起来办", f"{say(name)}：减少（%）"]
    lines = [
        [f"{row.county_name} {row.county}".strip(), say(words.KINDS[row.kind]), row.groups, *_counts(row)]
        for row in rows
    ]
    return workbooks.book_of({month: [head, *lines]}, [16, 12, 8, *([12] * (3 * len(REDUCTIONS)))])


def _counts(row: Row) -> Iterator[int | None]:
    for key in REDUCTIONS:
        found = row.saved.get(key)
        yield from (None, None, None) if found is None else (found.before, found.after, found.percent)
