"""The right-hand sides of a mapping: a column with what happens to its cells, a fixed value, or ways by condition."""

from dataclasses import replace

from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from adapters.local.mapping.document.vocabulary import Vocabulary
from adapters.local.mapping.functions.plain import half_width
from adapters.local.mapping.rules import MISSING, Cell, Condition
from adapters.local.mapping.strict import Section
from schemas.errors import declare

CONST_UNFIT = declare("E-MAP-045", "映射中给“{path}”的固定值不符合标准。", "请按“应为”一栏改正。")
NO_LAST_WAY = declare(
    "E-MAP-048",
    "“{path}”按条件取值，但最后一种情况也带了 when；都不符合时就没有值。",
    '请让最后一项不带 when，例如 { const = "" }；其余各项都要带 when。',
)


class CellParser:
    """Reads cells and conditions, by the names of one file."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """What is wrong is noted with the file's problems."""
        self._vocabulary = vocabulary
        self._problems = vocabulary.problems

    def when(self, section: Section, columns: list[str] | None) -> list[Condition]:
        """Which rows are meant."""
        conditions: list[Condition] = []
        for column, value in section.data.items():
            self._vocabulary.column(column, columns, section.place)
            if isinstance(value, str | list):
                texts = [half_width(each) for each in section.texts(column)]
                conditions.append(Condition(column=column, values=texts))
                continue
            inner = section.inner(column)
            inner.only("is", "not", "starts_with", "not_starts_with", "empty")
            conditions.append(
                Condition(
                    column=column,
                    values=inner.texts("is", []),
                    refused=inner.texts("not", []),
                    starts=inner.text("starts_with", ""),
                    starts_not=inner.text("not_starts_with", ""),
                    empty=inner.flag("empty"),
                )
            )
        return conditions

    def cell(self, section: Section, key: str, kind: str | None, columns: list[str] | None = None) -> Cell | None:
        """The way to one value, from the columns of a kind or from these; None when it is missing, which is noted."""
        columns = self._vocabulary.columns.get(kind) if kind else columns
        if key not in section.data:
            section.text(key)  # notes that it is missing
            return None
        if isinstance(section.data[key], str):
            self._vocabulary.column(section.text(key), columns, section.place)
            return Cell(column=section.text(key))
        if isinstance(section.data[key], list):
            return self._one_of(section, key, columns)
        return self._way(section.inner(key), columns)

    def _one_of(self, section: Section, key: str, columns: list[str] | None) -> Cell:
        """Several ways to a value, each but the last for certain rows only."""
        inner = self._vocabulary.each(section, key)
        ways = [
            replace(self._way(each, columns, "when"), when=self.when(each.inner("when"), columns)) for each in inner
        ]
        if not ways or ways[-1].when or not all(each.when for each in ways[:-1]):
            self._problems.add(NO_LAST_WAY, f"{section.place}.{key}", found=str(len(ways)), path=key)
        return Cell(one_of=ways)

    def _way(self, inner: Section, columns: list[str] | None, *more: str) -> Cell:
        inner.only("from", "const", "via", "table", "otherwise", "empty", *more)
        if "const" in inner.data:
            return Cell(const=inner.data["const"])
        self._vocabulary.column(inner.text("from"), columns, inner.place)
        return Cell(
            column=inner.text("from"),
            steps=self._vocabulary.steps(inner.texts("via", []), inner.place),
            table=self._vocabulary.table(inner),
            otherwise=inner.data.get("otherwise", MISSING),
            empty=inner.data.get("empty", MISSING),
        )

    def marked(self, cell: Cell, place: str) -> Cell:
        """The cell of a trial mark; in the file `true` may stand for the text that tables and functions give."""
        values = (cell.const, cell.otherwise, cell.empty)
        const, otherwise, empty = (str(each).lower() if isinstance(each, bool) else each for each in values)
        for value in (const, otherwise, empty, *(cell.table.forward.values() if cell.table else ())):
            self.constant(canonical.TRIAL, value, place)
        ways = [self.marked(each, place) for each in cell.one_of]
        return replace(cell, const=const, otherwise=otherwise, empty=empty, one_of=ways)

    def constant(self, leaf: Leaf, value: object, place: str) -> None:
        """Note a fixed value that its field does not take."""
        if value is not MISSING and (expected := leaf.misfit(value)):
            self._problems.add(CONST_UNFIT, f"{place}.{leaf.path}", found=str(value), expected=expected, path=leaf.path)
