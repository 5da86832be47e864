"""A list written into one cell, `公司章程|1|原件|；…`: which signs part it, and what its pieces are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.countyit.suggesting import evidence, words
from adapters.countyit.suggesting.codes import meaning
from adapters.countyit.suggesting.proposal import Choice, Column, FieldProposal
from adapters.countyit.suggesting.targets import Target
from adapters.local.mapping import canonical

_ROWS: Final = ("；", ";", "\n", "、", "，")
_CELLS: Final = ("|", "｜", "/", "#", ":", "：", ",", "，")
_MOST_PIECES: Final = 8
_MOST_LINES: Final = 0.6
_NEARLY_ALL: Final = 0.6
_CONFIDENCE: Final = 75


@dataclass(frozen=True, slots=True)
class Cut:
    """How the cells of a column come apart."""

    rows: str
    cells: str
    values: Sequence[Sequence[str]]
    """By piece, what stands there."""

    @property
    def shown_rows(self) -> str:
        """The sign between rows, so that a person can see it."""
        return "换行" if self.rows == "\n" else self.rows


def doc_of(message_type: str, path: str) -> str:
    """What the contract says of a list."""
    return canonical.shape(message_type).repeated[path].doc


def cut(column: Column) -> Cut | None:
    """Find the signs that cut the cells of a column into rows of equally many pieces; None when there are none.

    A few rows may be wrong: a county's cells are written by people.
    """
    texts = [str(value) for value in column.table.values[column.name] if isinstance(value, str)]
    for cells in _CELLS:
        for rows in _ROWS:
            lines = [line for text in texts for line in text.split(rows) if line.strip()]
            counts = Counter(line.count(cells) + 1 for line in lines)
            count, often = counts.most_common(1)[0] if counts else (0, 0)
            if rows != cells and 1 < count <= _MOST_PIECES and often >= _MOST_LINES * len(lines):
                split = [parts for line in lines if len(parts := line.split(cells)) == count]
                values = [[parts[at].strip() for parts in split] for at in range(count)]
                return Cut(rows, cells, values)
    return None


def fields(wanted: Sequence[Target], column: Column, found: Cut) -> tuple[Sequence[str], Sequence[FieldProposal]]:
    """Say which piece is which field, by what the pieces hold; returns what to call the pieces, too."""
    called = [f"第{at + 1}项" for at in range(len(found.values))]
    free = list(range(len(found.values)))
    seen = [evidence.of([each for each in values if each], len(values)) for values in found.values]
    proposals: dict[str, FieldProposal] = {}
    for target in sorted(wanted, key=lambda each: (not each.shape, not each.required)):
        at = next((each for each in free if _fits(target, seen[each], found.values[each])), None)
        if at is None:
            proposals[target.path] = FieldProposal(target)
            continue
        free.remove(at)
        name = words.WORDS[target.path][1 if target.path == "materials.name" else 0]
        called[at] = name
        piece = Column(column.table, name, name, seen[at])
        proposals[target.path] = FieldProposal(target, [Choice(piece, _CONFIDENCE, f"第 {at + 1} 项，按内容判断")])
    return called, [proposals[target.path] for target in wanted]


def _fits(target: Target, seen: evidence.Evidence, values: Sequence[str]) -> bool:
    if target.shape == "code":
        known = sum(meaning(target.path, text) is not None for text in seen.texts)
        return bool(seen.texts) and known >= _NEARLY_ALL * len(seen.texts)
    if target.shape:
        return bool(seen.texts) and seen.shares[target.shape] >= _NEARLY_ALL
    # A required text is filled in nearly everywhere; what may be empty takes what is left.
    return sum(map(bool, values)) >= _NEARLY_ALL * len(values) if target.required and not target.may_be_empty else True
