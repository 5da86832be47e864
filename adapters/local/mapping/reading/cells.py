"""One cell on its way to its field: found, put through its functions, looked up, held against the standard."""

import difflib
from collections.abc import Mapping

from adapters.local.mapping.canonical import Leaf
from adapters.local.mapping.functions.plain import half_width, text_of, trim
from adapters.local.mapping.reading.showing import shown
from adapters.local.mapping.records import FieldSeen
from adapters.local.mapping.rules import MISSING, UNFILLED, Cell
from adapters.local.sources import LocalRecord
from schemas.errors import Code, YunhuobanError, declare

CELL_EMPTY = declare("E-MAP-022", "该列为空，而标准记录要求填写“{doc}”。", "请在本地系统补填该列后重新报送。")
NO_COLUMN = declare(
    "E-MAP-023", "本地记录没有映射所说的列。", "请核对列名；映射中写的是“{column}”，最接近的列是“{nearest}”。"
)
NOT_IN_TABLE = declare(
    "E-MAP-024", "该列的代码不在对照表“{table}”中。", "请改正代码，或在 mapping.toml 的对照表中补上。"
)
NOT_ONE_ROW = declare("E-MAP-025", "所属表 {table} 应当正好有一行，实有 {count} 行。", "请核对该表中属于本件的行。")
DOES_NOT_FIT = declare("E-MAP-026", "不符合标准记录“{doc}”的要求。", "请按要求改正该列后重新报送。")
NOT_FILLED_IN = declare(
    "E-MAP-030", "映射还没有说明“{doc}”取自哪一列（待填）。", "请在 mapping.toml 中把这一项的“待填”换成本地的列名。"
)


class Cells:
    """The cells of one record, with both sides of each that was read and every problem that was found."""

    def __init__(self, record: LocalRecord) -> None:
        """Nothing is read yet."""
        self.record = record
        self.problems: list[YunhuobanError] = []
        self.fields: list[FieldSeen] = []

    def checked(
        self, leaf: Leaf, cell: Cell, row: Mapping[str, object], place: str, *, path: str = "", inside: str = ""
    ) -> object:
        """Read one cell and keep both of its sides; MISSING when a problem was noted."""
        before = len(self.problems)
        cell = cell.fitting(row)
        value = self._value(leaf, cell, row, place)
        local = ".".join(filter(None, (inside, cell.column)))
        self.fields.append(
            FieldSeen(
                canonical_field=path or leaf.path,
                doc=leaf.doc,
                local_field=local if cell.column else "",
                rule=cell.rule,
                personal=leaf.personal,
                found=self._held(cell.column, row),
                value=None if value is MISSING else value,
                problems=tuple(self.problems[before:]),
            )
        )
        return value

    def _held(self, column: str, row: Mapping[str, object]) -> object:
        """What stands in a column, as far as anything does."""
        table, dot, name = column.partition(".")
        if column in row or not dot:
            return row.get(column)
        rows = self.record.children.get(table, ())
        return rows[0].get(name) if len(rows) == 1 else None

    def _value(self, leaf: Leaf, cell: Cell, row: Mapping[str, object], place: str) -> object:
        if not cell.column:
            return cell.const
        if cell.column == UNFILLED:
            self.unfilled(leaf.path, leaf.doc)
            return MISSING
        raw = self._raw(cell.column, row, place)
        if raw is MISSING:
            return MISSING
        where = f"{place} “{cell.column}”列"
        value: object = raw
        try:
            for step in cell.steps:
                if value is None or (isinstance(value, str) and not value.strip()):
                    break
                value = step.run(value)
            if value is None or (isinstance(value, str) and not trim(value)):
                return self._when_empty(leaf, cell, where)
            if cell.table is not None:
                value = self._looked_up(cell, half_width(value))
            elif isinstance(value, str) and not cell.steps:
                value = trim(value)
            elif not cell.steps and leaf.form == "string":
                value = text_of(value)
        except YunhuobanError as error:
            found = error.found if leaf.personal and error.found else shown(raw, personal=leaf.personal)
            self.problems.append(
                YunhuobanError(error.code, place=where, found=found, expected=error.expected, **error.params)
            )
            return MISSING
        expected = leaf.misfit(value)
        if expected is not None:
            found = shown(raw, personal=leaf.personal)
            self.problems.append(
                YunhuobanError(DOES_NOT_FIT, place=where, found=found, expected=expected, doc=leaf.doc)
            )
            return MISSING
        return value

    def _raw(self, column: str, row: Mapping[str, object], place: str) -> object:
        table, dot, name = column.partition(".")
        if column in row or not dot:
            if column not in row:
                self.no_column(column, row, place)
                return MISSING
            return row[column]
        rows = self.record.children.get(table, ())
        if len(rows) != 1:
            self.problems.append(
                YunhuobanError(
                    NOT_ONE_ROW,
                    place=f"{place} {table}",
                    found=str(len(rows)),
                    expected="1",
                    table=table,
                    count=str(len(rows)),
                )
            )
            return MISSING
        if name not in rows[0]:
            self.no_column(name, rows[0], f"{place} {table}")
            return MISSING
        return rows[0][name]

    def _when_empty(self, leaf: Leaf, cell: Cell, where: str) -> object:
        if cell.empty is not MISSING:
            return cell.empty
        if leaf.nullable:
            return None
        self.problems.append(YunhuobanError(CELL_EMPTY, place=where, found="", expected=leaf.doc, doc=leaf.doc))
        return MISSING

    def _looked_up(self, cell: Cell, text: str) -> object:
        assert cell.table is not None  # noqa: S101 -- asked by the only caller
        if text in cell.table.forward:
            return cell.table.forward[text]
        if cell.otherwise is not MISSING:
            return cell.otherwise
        expected = "、".join(f"{local}={value}" for local, value in cell.table.forward.items())
        raise YunhuobanError(NOT_IN_TABLE, expected=expected, table=cell.table.name)

    def unfilled(self, path: str, doc: str) -> None:
        """Note that the mapping does not say yet where a field comes from."""
        place = f"{self.record.place} 标准字段 {path}"
        self.problems.append(YunhuobanError(NOT_FILLED_IN, place=place, expected=path, doc=doc))

    def absent(self, leaf: Leaf, cell: Cell) -> None:
        """Note that a part of the record is there and lacks this field of it."""
        column = cell.fitting(self.record.row).column or leaf.path
        place = f"{self.record.place} “{column}”列"
        if not any(each.place == place for each in self.problems):  # a wrong cell became nothing and was told
            self.problems.append(YunhuobanError(CELL_EMPTY, place=place, expected=leaf.doc, doc=leaf.doc))

    def no_column(self, column: str, row: Mapping[str, object], place: str) -> None:
        """Note that a row lacks a column, with the nearest that it has."""
        near = difflib.get_close_matches(column, list(row), n=1, cutoff=0.0)
        self.problems.append(
            YunhuobanError(
                NO_COLUMN, place=place, found="", expected=column, column=column, nearest=near[0] if near else ""
            )
        )

    def problem(
        self, code: Code, column: str, *, behind: str = "", found: str = "", expected: str = "", **params: str
    ) -> None:
        """Note what is wrong with a column of the record."""
        place = f"{self.record.place} “{column}”列{behind}"
        self.problems.append(YunhuobanError(code, place=place, found=found, expected=expected, **params))
