"""Local record to canonical record: pure, and every problem of the record is told at once, at its field."""

import difflib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from adapters.mapping.canonical import TRIAL, Leaf
from adapters.mapping.functions import half_width, text_of, trim
from adapters.mapping.records import FieldSeen, MappingFailed, Seen, Translation
from adapters.mapping.rules import MISSING, UNFILLED, Cell, IgnoreRule, ListRule, ReadRule, Rules
from adapters.sources import LocalRecord
from schemas.errors import Code, YunhuobanError, declare

NO_RULE = declare(
    "E-MAP-021",
    "映射里没有规则说明这条本地记录是什么。",
    "请在 mapping.toml 的 read 或 ignore 中补充这种情况，或改正该行。",
)
CELL_EMPTY = declare("E-MAP-022", "该列为空，而标准记录要求填写“{doc}”。", "请在本地系统补填该列后重新报送。")
NO_COLUMN = declare(
    "E-MAP-023", "本地记录没有映射所说的列。", "请核对列名；映射中写的是“{column}”，最接近的列是“{nearest}”。"
)
NOT_IN_TABLE = declare(
    "E-MAP-024", "该列的代码不在对照表“{table}”中。", "请改正代码，或在 mapping.toml 的对照表中补上。"
)
NOT_ONE_ROW = declare("E-MAP-025", "所属表 {table} 应当正好有一行，实有 {count} 行。", "请核对该表中属于本件的行。")
DOES_NOT_FIT = declare("E-MAP-026", "不符合标准记录“{doc}”的要求。", "请按要求改正该列后重新报送。")
TOO_MANY = declare("E-MAP-027", "“{doc}”的条目过多。", "请合并或减少条目。")
PIECES_DIFFER = declare(
    "E-MAP-029", "“{doc}”中有一条的项数不对。", "每条应有 {expected_count} 项，用“{separator}”隔开。"
)
NOT_FILLED_IN = declare(
    "E-MAP-030", "映射还没有说明“{doc}”取自哪一列（待填）。", "请在 mapping.toml 中把这一项的“待填”换成本地的列名。"
)

_SHOWN: Final = 60
# A telephone or identity number in the wrong column is still one.
_PERSONAL_LOOK: Final = re.compile(r"(?<![0-9A-Za-z])(?:1[3-9][0-9]{9}|[0-9]{15}|[0-9]{17}[0-9Xx])(?![0-9A-Za-z])")


def personal_look(text: str) -> bool:
    """Whether a text has a telephone or identity number in it."""
    return _PERSONAL_LOOK.search(half_width(text)) is not None


def shown(value: object, *, personal: bool) -> str:
    """Say what was found: the text itself, or only its length when it is or looks personal."""
    try:
        text = text_of(value)
    except YunhuobanError:
        return type(value).__name__
    if personal or personal_look(text):
        return f"（{len(text)} 个字符，不显示内容）" if text else ""
    text = text.encode(errors="replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}……（共 {len(text)} 个字符）"


def read(rules: Rules, record: LocalRecord, version: str = "") -> Translation | None:
    """Translate a record by this version of the rules; None when it is none of ours. Raises MappingFailed."""
    if _ignored(rules, record) is not None:
        return None
    rule = _rule(rules, record)
    if rule is None:
        raise MappingFailed([_no_rule(rules, record)], place=record.place)
    return _Reading(rule, record).translation(version)


def see(rules: Rules, record: LocalRecord) -> Seen:
    """The record beside what becomes of it, field by field, with every problem at its field. Raises nothing."""
    ignored = _ignored(rules, record)
    if ignored is not None:
        return Seen(message_type="", why_not=ignored.why)
    rule = _rule(rules, record)
    if rule is None:
        return Seen(message_type="", problems=[_no_rule(rules, record)])
    return _Reading(rule, record).seen()


def _ignored(rules: Rules, record: LocalRecord) -> IgnoreRule | None:
    fitting = (each for each in rules.ignores if each.kind == record.kind)
    return next((each for each in fitting if all(one.holds(record.row) for one in each.when)), None)


def _rule(rules: Rules, record: LocalRecord) -> ReadRule | None:
    fitting = (each for each in rules.reads if each.kind == record.kind)
    return next((each for each in fitting if all(one.holds(record.row) for one in each.when)), None)


def _no_rule(rules: Rules, record: LocalRecord) -> YunhuobanError:
    asked: list[ReadRule | IgnoreRule] = [*rules.reads, *rules.ignores]
    columns = {each.column for rule in asked if rule.kind == record.kind for each in rule.when}
    found = "，".join(f"{name}={shown(record.row.get(name), personal=False)}" for name in sorted(columns))
    return YunhuobanError(NO_RULE, place=record.place, found=found)


class _Reading:
    """One record on its way through one rule."""

    def __init__(self, rule: ReadRule, record: LocalRecord) -> None:
        self.rule = rule
        self.record = record
        self.problems: list[YunhuobanError] = []
        self.fields: list[FieldSeen] = []

    def translation(self, version: str) -> Translation:
        canonical: dict[str, Any] = {}
        for path, cell in self.rule.cells.items():
            value = self._checked(self.rule.leaves[path], cell, self.record.row, self.record.place)
            _put(canonical, path, None if value is MISSING else value)
        for each in self.rule.lists:
            _put(canonical, each.target.path, self._list(each))
        case = self._plain(self.rule.case, "case_no", "办件编号")
        destination = self._plain(self.rule.destination, "destination", "属地") if self.rule.destination else None
        service_item = None
        if self.rule.service_item is not None:
            service_item = self._plain(self.rule.service_item, "service_item", "实施编码")
        trial = self._trial()
        if self.problems:
            raise MappingFailed(_once(self.problems), place=self.record.place)
        return Translation(
            message_type=self.rule.message_type,
            canonical=canonical,
            local_case=case or "",
            destination=destination,
            service_item=service_item,
            trial=trial,
            lineage=self.rule.lineage,
            mapping=version,
        )

    def seen(self) -> Seen:
        """The same, without regard to whether it succeeds."""
        with suppress(MappingFailed):  # every problem is at its field, or among those of the whole record
            self.translation("")
        told = [id(each) for field in self.fields for each in field.problems]
        used = self.rule.columns
        return Seen(
            message_type=self.rule.message_type,
            fields=tuple(self.fields),
            problems=[each for each in self.problems if id(each) not in told],
            unused=[name for name in self.record.row if name not in used],
        )

    def _trial(self) -> bool:
        """What the record says of itself; nothing is no."""
        if self.rule.trial is None:
            return False
        return self._checked(TRIAL, self.rule.trial, self.record.row, self.record.place) == "true"

    def _plain(self, cell: Cell, path: str, doc: str) -> str | None:
        leaf = Leaf(path, "string", (), 100, personal=False, nullable=False, doc=doc)
        value = self._checked(leaf, cell, self.record.row, self.record.place)
        return value if isinstance(value, str) else None

    def _list(self, rule: ListRule) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        if rule.source == UNFILLED:
            self._unfilled(rule.target.path, rule.target.doc)
            return items
        rows = self._pieces(rule) if rule.columns else self.record.children.get(rule.source, ())
        for number, row in enumerate(rows, start=1):
            if number > rule.target.max_items:
                self._problem(TOO_MANY, rule.source, expected=f"最多 {rule.target.max_items} 条", doc=rule.target.doc)
                break
            item: dict[str, Any] = {}
            where = f"{self.record.place} {rule.source} 第 {number} 条"
            for name, cell in rule.cells.items():
                path = f"{rule.target.path}[{number}].{name}"
                value = self._checked(rule.target.leaves[name], cell, row, where, path=path, inside=rule.source)
                _put(item, name, None if value is MISSING else value)
            items.append(item)
        return items

    def _pieces(self, rule: ListRule) -> Sequence[Mapping[str, object]]:
        if rule.source not in self.record.row:
            self._no_column(rule.source, self.record.row, self.record.place)
            return ()
        try:
            text = trim(self.record.row[rule.source])
        except YunhuobanError as error:
            self._problem(error.code, rule.source, expected=error.expected)
            return ()
        rows: list[Mapping[str, object]] = []
        lines = (line for line in text.split(rule.row_separator) if line.strip())
        for number, line in enumerate(lines, start=1):
            pieces = line.split(rule.cell_separator)
            if len(pieces) != len(rule.columns):
                self._problem(
                    PIECES_DIFFER,
                    rule.source,
                    behind=f" 第 {number} 条",
                    found=str(len(pieces)),
                    expected="、".join(rule.columns),
                    doc=rule.target.doc,
                    expected_count=str(len(rule.columns)),
                    separator=rule.cell_separator,
                )
                continue
            rows.append(dict(zip(rule.columns, pieces, strict=True)))
        return rows

    def _checked(
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
            self._unfilled(leaf.path, leaf.doc)
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
                self._no_column(column, row, place)
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
            self._no_column(name, rows[0], f"{place} {table}")
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

    def _unfilled(self, path: str, doc: str) -> None:
        place = f"{self.record.place} 标准字段 {path}"
        self.problems.append(YunhuobanError(NOT_FILLED_IN, place=place, expected=path, doc=doc))

    def _no_column(self, column: str, row: Mapping[str, object], place: str) -> None:
        near = difflib.get_close_matches(column, list(row), n=1, cutoff=0.0)
        self.problems.append(
            YunhuobanError(
                NO_COLUMN, place=place, found="", expected=column, column=column, nearest=near[0] if near else ""
            )
        )

    def _problem(
        self, code: Code, column: str, *, behind: str = "", found: str = "", expected: str = "", **params: str
    ) -> None:
        place = f"{self.record.place} “{column}”列{behind}"
        self.problems.append(YunhuobanError(code, place=place, found=found, expected=expected, **params))


def _put(record: dict[str, Any], path: str, value: object) -> None:
    *outer, last = path.split(".")
    for name in outer:
        record = record.setdefault(name, {})
    record[last] = value


def _once(problems: Sequence[YunhuobanError]) -> list[YunhuobanError]:
    """The same column asked for two fields has one problem, not two."""
    unique = {(each.code.code, each.place, each.expected): each for each in problems}
    return list(unique.values())
