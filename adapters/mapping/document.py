"""From `mapping.toml` to rules: every name is looked up, every required field must be there, all mistakes at once."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from adapters.mapping import canonical
from adapters.mapping.canonical import Leaf
from adapters.mapping.functions import half_width
from adapters.mapping.named import Named
from adapters.mapping.records import MappingFailed
from adapters.mapping.rules import (
    MISSING,
    UNFILLED,
    Cell,
    Condition,
    Entry,
    IgnoreRule,
    Joined,
    ListRule,
    Placeholder,
    ReadRule,
    Rules,
    Step,
    Table,
    WriteRule,
)
from adapters.mapping.strict import WRONG_VALUE, Problems, Section
from schemas import messages
from schemas.errors import declare

REQUIRED_FIELD = declare(
    "E-MAP-044", "映射没有给出标准记录必需的字段“{path}”（{doc}）。", "请在 fields 中写明它取自哪一列。"
)
CONST_UNFIT = declare("E-MAP-045", "映射中给“{path}”的固定值不符合标准。", "请按“应为”一栏改正。")
UNKNOWN_COLUMN = declare(
    "E-MAP-046", "映射用到的列“{column}”不在 {kind} 的列名中。", "最接近的是“{nearest}”；请核对列名。"
)
NO_WAY_BACK = declare(
    "E-MAP-047",
    "函数“{function}”不能用在 back 中：{why}。",
    "请从 back 中删去它；要写的内容改从另一个标准字段取，或者用 via 写明怎样写。",
)
NO_LAST_WAY = declare(
    "E-MAP-048",
    "“{path}”按条件取值，但最后一种情况也带了 when；都不符合时就没有值。",
    '请让最后一项不带 when，例如 { const = "" }；其余各项都要带 when。',
)

# What a county's own system can cause; the rest is made by this program.
READABLE: Final = (
    "application.submitted",
    "supplement.requested",
    "supplement.provided",
    "application.not_accepted",
    "application.accepted",
    "review.advanced",
    "procedure.opened",
    "procedure.closed",
    "deadline.extended",
    "decision.made",
    "case.withdrawn",
    "case.terminated",
    "license.state_changed",
    "print.revoked",
    "print.authorised",
    "case.handed_over",
    "case.closed",
)
WRITABLE: Final = (*READABLE, "license.issued", "print.settled", "message.refused")
_CONTEXT: Final = (
    "case_no", "local_case", "source", "source_name", "written_at", "trial", "local_field", "local_said",
)  # fmt: skip
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def parse(data: Mapping[str, Any], named: Mapping[str, Named], place: str) -> Rules:
    """Check a mapping and return its rules. Raises MappingFailed with every problem of the file."""
    problems = Problems()
    rules = _Document(Section(data, place, problems), named).rules()
    if problems.found:
        raise MappingFailed(problems.found, place=place)
    return rules


class _Document:
    def __init__(self, root: Section, named: Mapping[str, Named]) -> None:
        self.root = root
        self.problems = root.problems
        self.named = named
        self.tables: dict[str, Table] = {}
        self.forms = " / ".join(
            dict.fromkeys(str(root.inner(side).data.get("type", "")).upper() for side in ("source", "sink"))
        )
        self.columns = {
            name: section.texts("columns")
            for side in ("source", "sink")
            for part in ("files", "records")
            for name, section in root.inner(side).inner(part).sections()
        }

    def rules(self) -> Rules:
        root = self.root
        root.only("county", "name", "overrides", "source", "sink", "tables", "ignore", "read", "write")
        self.tables = {name: self._table(name, section) for name, section in root.inner("tables").sections()}
        return Rules(
            county=root.text("county"),
            name=root.text("name"),
            reads=[r for name, section in root.inner("read").sections() if (r := self._read(name, section))],
            ignores=[self._ignore(section) for section in self._each(root, "ignore")],
            writes={
                name: [self._write(name, section) for section in self._each(root.inner("write"), name)]
                for name in root.inner("write").data
                if self.problems.known(name, WRITABLE, f"{root.place}.write")
            },
            source=root.inner("source").data,
            sink=root.inner("sink").data,
        )

    def _each(self, section: Section, key: str) -> list[Section]:
        values = section.data.get(key, [])
        place = f"{section.place}.{key}"
        if not isinstance(values, list):
            self.problems.add(WRONG_VALUE, place, expected=f"[[{key}]]", key=key)
            return []
        return [Section(each, f"{place} 第 {n} 条", self.problems) for n, each in enumerate(values, start=1)]

    def _table(self, name: str, section: Section) -> Table:
        forward = {half_width(local): section.text(local) for local in section.data}
        backward: dict[str, str] = {}
        for local in section.data:
            backward.setdefault(section.text(local), local)
        return Table(name, forward, backward)

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self, name: str, section: Section) -> ReadRule | None:
        if not self.problems.known(name, READABLE, self.root.place):
            return None
        opens = messages.TYPES[name].opens
        trial = ("trial",) if opens else ()
        section.only("kind", "when", "case", "destination", "service_item", *trial, "fields", "lists")
        shape, leaves = canonical.shape(name), canonical.said(name)
        kind = section.text("kind")
        lists = [r for path, inner in section.inner("lists").sections() if (r := self._list(path, inner, shape, kind))]
        for path, target in shape.repeated.items():
            if path not in section.inner("lists").data:
                self.problems.add(REQUIRED_FIELD, section.place, path=path, doc=target.doc)
        return ReadRule(
            message_type=name,
            kind=kind,
            when=self._when(section.inner("when"), self.columns.get(kind)),
            case=self._cell(section, "case", kind) or Cell(),
            destination=self._cell(section, "destination", kind) if opens else None,
            service_item=self._cell(section, "service_item", kind) if opens else None,
            trial=self._trial(section, kind) if opens and "trial" in section.data else None,
            cells=self._cells(section.inner("fields"), leaves, self.columns.get(kind)),
            leaves=leaves,
            lists=lists,
        )

    def _trial(self, section: Section, kind: str) -> Cell | None:
        """Where the trial mark comes from; in the file `true` may stand for the text that tables and functions give."""
        cell = self._cell(section, "trial", kind)
        if cell is None:
            return None
        return self._marked(cell, section.place)

    def _marked(self, cell: Cell, place: str) -> Cell:
        values = (cell.const, cell.otherwise, cell.empty)
        const, otherwise, empty = (str(each).lower() if isinstance(each, bool) else each for each in values)
        for value in (const, otherwise, empty, *(cell.table.forward.values() if cell.table else ())):
            self._constant(canonical.TRIAL, value, place)
        ways = [self._marked(each, place) for each in cell.one_of]
        return replace(cell, const=const, otherwise=otherwise, empty=empty, one_of=ways)

    def _when(self, section: Section, columns: list[str] | None) -> list[Condition]:
        conditions: list[Condition] = []
        for column, value in section.data.items():
            self._column(column, columns, section.place)
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

    def _ignore(self, section: Section) -> IgnoreRule:
        section.only("kind", "when", "why")
        kind = section.text("kind")
        return IgnoreRule(
            kind=kind, when=self._when(section.inner("when"), self.columns.get(kind)), why=section.text("why")
        )

    def _cells(self, section: Section, leaves: Mapping[str, Leaf], columns: list[str] | None) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        for path in section.data:
            if self.problems.known(path, leaves, section.place) and (cell := self._cell(section, path, None, columns)):
                cells[path] = cell
                for way in cell.one_of or (cell,):
                    for value in (way.const, way.otherwise, way.empty):
                        self._constant(leaves[path], value, section.place)
        for path, leaf in leaves.items():
            if path not in section.data and not leaf.nullable:
                self.problems.add(REQUIRED_FIELD, section.place, path=path, doc=leaf.doc)
        # A field that may be absent and is not mapped is written out as absent: the codec wants every field.
        return cells | {
            path: Cell(const=None) for path, leaf in leaves.items() if leaf.nullable and path not in section.data
        }

    def _constant(self, leaf: Leaf, value: object, place: str) -> None:
        if value is not MISSING and (expected := leaf.misfit(value)):
            self.problems.add(CONST_UNFIT, f"{place}.{leaf.path}", found=str(value), expected=expected, path=leaf.path)

    def _cell(self, section: Section, key: str, kind: str | None, columns: list[str] | None = None) -> Cell | None:
        columns = self.columns.get(kind) if kind else columns
        if key not in section.data:
            section.text(key)  # notes that it is missing
            return None
        if isinstance(section.data[key], str):
            self._column(section.text(key), columns, section.place)
            return Cell(column=section.text(key))
        if isinstance(section.data[key], list):
            return self._one_of(section, key, columns)
        return self._way(section.inner(key), columns)

    def _one_of(self, section: Section, key: str, columns: list[str] | None) -> Cell:
        """Several ways to a value, each but the last for certain rows only."""
        inner = self._each(section, key)
        ways = [
            replace(self._way(each, columns, "when"), when=self._when(each.inner("when"), columns)) for each in inner
        ]
        if not ways or ways[-1].when or not all(each.when for each in ways[:-1]):
            self.problems.add(NO_LAST_WAY, f"{section.place}.{key}", found=str(len(ways)), path=key)
        return Cell(one_of=ways)

    def _way(self, inner: Section, columns: list[str] | None, *more: str) -> Cell:
        inner.only("from", "const", "via", "table", "otherwise", "empty", *more)
        if "const" in inner.data:
            return Cell(const=inner.data["const"])
        self._column(inner.text("from"), columns, inner.place)
        return Cell(
            column=inner.text("from"),
            steps=self._steps(inner.texts("via", []), inner.place),
            table=self._named_table(inner),
            otherwise=inner.data.get("otherwise", MISSING),
            empty=inner.data.get("empty", MISSING),
        )

    def _column(self, column: str, columns: list[str] | None, place: str) -> None:
        if columns and column and column not in (UNFILLED, *columns):
            before = len(self.problems.found)
            self.problems.known(column, columns, place)
            problem = self.problems.found.pop()
            assert len(self.problems.found) == before  # noqa: S101 -- exactly the one just noted
            self.problems.add(
                UNKNOWN_COLUMN, place, found=column, expected=problem.expected, column=column,
                nearest=problem.params["nearest"], kind=self.forms,
            )  # fmt: skip

    def _list(self, path: str, section: Section, shape: canonical.Shape, kind: str) -> ListRule | None:
        if not self.problems.known(path, shape.repeated, section.place):
            return None
        section.only("from", "rows", "cells", "columns", "fields")
        pieces = section.texts("columns", [])
        target = shape.repeated[path]
        if pieces:
            self._column(section.text("from"), self.columns.get(kind), section.place)
        return ListRule(
            target=target,
            source=section.text("from"),
            row_separator=section.text("rows") if pieces else "",
            cell_separator=section.text("cells") if pieces else "",
            columns=pieces,
            cells=self._cells(section.inner("fields"), target.leaves, pieces or None),
        )

    def _steps(self, names: list[str], place: str) -> list[Step]:
        return [Step(n, self.named[n].apply) for n in names if self.problems.known(n, self.named, place)]

    def _back(self, names: list[str], place: str) -> list[Step]:
        """What undoes these functions, the last of them first."""
        steps: list[Step] = []
        for name in reversed(names):
            if not self.problems.known(name, self.named, place):
                continue
            function = self.named[name]
            if function.back is None:
                self.problems.add(NO_WAY_BACK, place, found=name, function=name, why=function.refuses)
            else:
                steps.append(Step(f"back {name}", function.back))
        return steps

    def _named_table(self, section: Section) -> Table | None:
        name = section.text("table", "")
        return self.tables[name] if name and self.problems.known(name, self.tables, section.place) else None

    # -- writing ------------------------------------------------------------------------------------------------

    def _write(self, name: str, section: Section) -> WriteRule:
        section.only("kind", "key", "each", "when", "row")
        each = section.text("each", "")
        shape = canonical.shape(name)
        if each:
            self.problems.known(each, shape.repeated, section.place)
        paths = self._paths(shape, each)
        kind = section.text("kind")
        row: dict[str, Entry] = {}
        inner = section.inner("row")
        for column in inner.data:
            self._column(column, self.columns.get(kind), inner.place)
            row[column] = self._entry(inner, column, paths, shape)
        when = section.inner("when")
        for path in when.data:
            self.problems.known(path, self._paths(shape, ""), when.place)
        return WriteRule(
            kind=kind,
            key=self._template(section.text("key"), paths, section.place),
            each=each,
            when={path: when.texts(path) for path in when.data},
            row=row,
        )

    def _paths(self, shape: canonical.Shape, each: str) -> list[str]:
        paths = [*shape.leaves, *(f"context.{name}" for name in _CONTEXT)]
        if each in shape.repeated:
            paths += [*(f"item.{name}" for name in shape.repeated[each].leaves), "item.number"]
        return paths

    def _entry(self, section: Section, column: str, paths: list[str], shape: canonical.Shape) -> Entry:
        if isinstance(section.data[column], str):
            self.problems.known(section.text(column), paths, f"{section.place}.{column}")
            return Entry(path=section.text(column))
        inner = section.inner(column)
        inner.only(
            "from", "const", "text", "via", "table", "otherwise", "back", "each", "items", "rows", "cells", "instead"
        )
        if "const" in inner.data:
            return Entry(const=inner.data["const"])
        if "text" in inner.data:
            return Entry(text=self._template(inner.text("text"), paths, inner.place))
        if "each" in inner.data:
            return Entry(joined=self._joined(inner, shape))
        self.problems.known(inner.text("from"), paths, inner.place)
        steps = self._steps(inner.texts("via", []), inner.place)
        return Entry(
            path=inner.text("from"),
            steps=steps,
            table=self._named_table(inner),
            otherwise=inner.data.get("otherwise", MISSING),
            back=self._back(inner.texts("back", []), inner.place),
        )

    def _joined(self, section: Section, shape: canonical.Shape) -> Joined:
        path = section.text("each")
        self.problems.known(path, shape.repeated, section.place)
        paths = self._paths(shape, path)
        pieces = section.texts("items")
        for piece in pieces:
            self.problems.known(piece, paths, section.place)
        instead = section.inner("instead")
        return Joined(
            path=path,
            pieces=[Entry(path=piece) for piece in pieces],
            row_separator=section.text("rows"),
            cell_separator=section.text("cells"),
            instead={separator: instead.text(separator) for separator in instead.data},
        )

    def _template(self, text: str, paths: list[str], place: str) -> list[str | Placeholder]:
        parts: list[str | Placeholder] = []
        for index, part in enumerate(_PLACEHOLDER.split(text)):
            if index % 2 == 0:
                if part:
                    parts.append(part)
                continue
            path, *names = part.split("|")
            if self.problems.known(path, paths, place):
                parts.append(Placeholder(path, self._steps(names, place)))
        return parts
