"""One record on its way through one rule: its fields, its lists, and which case it is of."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from adapters.local.mapping.canonical import TRIAL, Leaf, scanned, shape, whole
from adapters.local.mapping.functions.plain import trim
from adapters.local.mapping.reading.cells import Cells
from adapters.local.mapping.records import MappingFailed, Seen, Translation
from adapters.local.mapping.rules import MISSING, UNFILLED, Cell, ListRule, ReadRule
from adapters.local.sources import LocalRecord
from schemas.errors import YunhuobanError, declare

TOO_MANY = declare("E-MAP-027", "“{doc}”的条目过多。", "请合并或减少条目。")
PIECES_DIFFER = declare(
    "E-MAP-029", "“{doc}”中有一条的项数不对。", "每条应有 {expected_count} 项，用“{separator}”隔开。"
)


class Reading:
    """One record on its way through one rule."""

    def __init__(self, rule: ReadRule, record: LocalRecord) -> None:
        """Nothing is read yet."""
        self.rule = rule
        self.record = record
        self._cells = Cells(record)

    def translation(self, version: str) -> Translation:
        """What the record becomes. Raises MappingFailed with every problem."""
        canonical: dict[str, Any] = {}
        for path, cell in self.rule.cells.items():
            value = self._cells.checked(self.rule.leaves[path], cell, self.record.row, self.record.place)
            _put(canonical, path, None if value is MISSING else value)
        for leaf in whole(canonical, self.rule.leaves):
            self._cells.absent(leaf, self.rule.cells[leaf.path])
        given = {each.target.path: self._list(each) for each in self.rule.lists}
        for path, target in shape(self.rule.message_type).repeated.items():
            if not target.within or canonical.get(target.within) is not None:
                _put(canonical, path, given.get(path, []))
        for path in scanned(self.rule.message_type):
            _put(canonical, path, [])
        case = self._plain(self.rule.case, "case_no", "办件编号")
        destination = self._plain(self.rule.destination, "destination", "属地") if self.rule.destination else None
        service_item = None
        if self.rule.service_item is not None:
            service_item = self._plain(self.rule.service_item, "service_item", "实施编码")
        trial = self._trial()
        if self._cells.problems:
            raise MappingFailed(_once(self._cells.problems), place=self.record.place)
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
        told = [id(each) for field in self._cells.fields for each in field.problems]
        used = self.rule.columns
        return Seen(
            message_type=self.rule.message_type,
            fields=tuple(self._cells.fields),
            problems=[each for each in self._cells.problems if id(each) not in told],
            unused=[name for name in self.record.row if name not in used],
        )

    def _trial(self) -> bool:
        """What the record says of itself; nothing is no."""
        if self.rule.trial is None:
            return False
        return self._cells.checked(TRIAL, self.rule.trial, self.record.row, self.record.place) == "true"

    def _plain(self, cell: Cell, path: str, doc: str) -> str | None:
        leaf = Leaf(path, "string", (), 100, personal=False, nullable=False, doc=doc)
        value = self._cells.checked(leaf, cell, self.record.row, self.record.place)
        return value if isinstance(value, str) else None

    def _list(self, rule: ListRule) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        if rule.source == UNFILLED:
            self._cells.unfilled(rule.target.path, rule.target.doc)
            return items
        rows = self._pieces(rule) if rule.columns else self.record.children.get(rule.source, ())
        for number, row in enumerate(rows, start=1):
            if number > rule.target.max_items:
                self._cells.problem(
                    TOO_MANY, rule.source, expected=f"最多 {rule.target.max_items} 条", doc=rule.target.doc
                )
                break
            item: dict[str, Any] = {}
            where = f"{self.record.place} {rule.source} 第 {number} 条"
            for name, cell in rule.cells.items():
                path = f"{rule.target.path}[{number}].{name}"
                value = self._cells.checked(rule.target.leaves[name], cell, row, where, path=path, inside=rule.source)
                _put(item, name, None if value is MISSING else value)
            for leaf in whole(item, rule.target.leaves):
                self._cells.absent(leaf, rule.cells[leaf.path])
            items.append(item)
        return items

    def _pieces(self, rule: ListRule) -> Sequence[Mapping[str, object]]:
        if rule.source not in self.record.row:
            self._cells.no_column(rule.source, self.record.row, self.record.place)
            return ()
        try:
            text = trim(self.record.row[rule.source])
        except YunhuobanError as error:
            self._cells.problem(error.code, rule.source, expected=error.expected)
            return ()
        rows: list[Mapping[str, object]] = []
        lines = (line for line in text.split(rule.row_separator) if line.strip())
        for number, line in enumerate(lines, start=1):
            pieces = line.split(rule.cell_separator)
            if len(pieces) != len(rule.columns):
                self._cells.problem(
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


def _put(record: dict[str, Any], path: str, value: object) -> None:
    *outer, last = path.split(".")
    for name in outer:
        record = record.setdefault(name, {})
    record[last] = value


def _once(problems: Sequence[YunhuobanError]) -> list[YunhuobanError]:
    """The same column asked for two fields has one problem, not two."""
    unique = {(each.code.code, each.place, each.expected): each for each in problems}
    return list(unique.values())
