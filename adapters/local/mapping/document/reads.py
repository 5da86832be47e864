"""`[read]` and `[[ignore]]`: which local record becomes which message, and where each field comes from."""

from collections.abc import Mapping

from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from adapters.local.mapping.document.cells import CellParser
from adapters.local.mapping.document.directions import READABLE
from adapters.local.mapping.document.vocabulary import Vocabulary
from adapters.local.mapping.rules import Cell, IgnoreRule, ListRule, ReadRule
from adapters.local.mapping.strict import Section
from schemas import messages
from schemas.errors import declare

REQUIRED_FIELD = declare(
    "E-MAP-044", "映射没有给出标准记录必需的字段“{path}”（{doc}）。", "请在 fields 中写明它取自哪一列。"
)


class ReadParser:
    """Reads the rules for local records, by the names of one file."""

    def __init__(self, vocabulary: Vocabulary, place: str) -> None:
        """`place` is the file; what is wrong is noted with its problems."""
        self._place = place
        self._vocabulary = vocabulary
        self._problems = vocabulary.problems
        self._parser = CellParser(vocabulary)

    def read(self, name: str, section: Section) -> ReadRule | None:
        """The rule that makes one message of a record; None for a message that no local system can cause."""
        if not self._problems.known(name, READABLE, self._place):
            return None
        opens = messages.TYPES[name].opens
        trial = ("trial",) if opens else ()
        section.only("kind", "when", "case", "destination", "service_item", *trial, "fields", "lists")
        shape, leaves = canonical.shape(name), canonical.said(name)
        kind = section.text("kind")
        lists = [r for path, inner in section.inner("lists").sections() if (r := self._list(path, inner, shape, kind))]
        for path, target in shape.repeated.items():
            if path not in section.inner("lists").data and not target.within:
                self._problems.add(REQUIRED_FIELD, section.place, path=path, doc=target.doc)
        return ReadRule(
            message_type=name,
            kind=kind,
            when=self._parser.when(section.inner("when"), self._vocabulary.columns.get(kind)),
            case=self._parser.cell(section, "case", kind) or Cell(),
            destination=self._parser.cell(section, "destination", kind) if opens else None,
            service_item=self._parser.cell(section, "service_item", kind) if opens else None,
            trial=self._trial(section, kind) if opens and "trial" in section.data else None,
            cells=self._cells(section.inner("fields"), leaves, self._vocabulary.columns.get(kind)),
            leaves=leaves,
            lists=lists,
        )

    def _trial(self, section: Section, kind: str) -> Cell | None:
        """Where the trial mark comes from."""
        cell = self._parser.cell(section, "trial", kind)
        if cell is None:
            return None
        return self._parser.marked(cell, section.place)

    def ignore(self, section: Section) -> IgnoreRule:
        """The rule that passes records over, with the reason."""
        section.only("kind", "when", "why")
        kind = section.text("kind")
        return IgnoreRule(
            kind=kind,
            when=self._parser.when(section.inner("when"), self._vocabulary.columns.get(kind)),
            why=section.text("why"),
        )

    def _cells(self, section: Section, leaves: Mapping[str, Leaf], columns: list[str] | None) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        for path in section.data:
            if self._problems.known(path, leaves, section.place) and (
                cell := self._parser.cell(section, path, None, columns)
            ):
                cells[path] = cell
                for way in cell.one_of or (cell,):
                    for value in (way.const, way.otherwise, way.empty):
                        self._parser.constant(leaves[path], value, section.place)
        parts = {"", *(leaves[path].within for path in section.data if path in leaves)}
        absent = {path: leaf for path, leaf in leaves.items() if path not in section.data and leaf.within in parts}
        for path, leaf in absent.items():
            if leaf.demanded or not leaf.nullable:
                self._problems.add(REQUIRED_FIELD, section.place, path=path, doc=leaf.doc)
        # A field that may be absent and is not mapped is written out as absent: the codec wants every field.
        return cells | {path: Cell(const=None) for path, leaf in absent.items() if leaf.nullable}

    def _list(self, path: str, section: Section, shape: canonical.Shape, kind: str) -> ListRule | None:
        if not self._problems.known(path, shape.repeated, section.place):
            return None
        section.only("from", "rows", "cells", "columns", "fields")
        pieces = section.texts("columns", [])
        target = shape.repeated[path]
        if pieces:
            self._vocabulary.column(section.text("from"), self._vocabulary.columns.get(kind), section.place)
        return ListRule(
            target=target,
            source=section.text("from"),
            row_separator=section.text("rows") if pieces else "",
            cell_separator=section.text("cells") if pieces else "",
            columns=pieces,
            cells=self._cells(section.inner("fields"), target.leaves, pieces or None),
        )
