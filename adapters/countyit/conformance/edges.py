"""Awkward records, made from a county's own sample: one cell changed at a time, each with what is expected of it.

What may come out: exactly what was put in, or the field left empty by the mapping's own word, or a refusal with a code
that names the column. What may not: a crash, and anything lost or altered without a word.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.local.mapping import Translation
from adapters.local.mapping.canonical import Leaf
from adapters.local.mapping.functions.plain import text_of
from adapters.local.mapping.named import NAMED
from adapters.local.mapping.rules import MISSING, UNFILLED, Cell, ReadRule
from adapters.local.sources import LocalRecord
from schemas.identifiers.citizen import CitizenNumber

RARE: Final = "𠮷䶮㐂"
"""Outside the first plane, and two that old fonts and encodings lack."""
NUMBER_WITH_X: Final = "11010119800101103X"
NOTHING: Final = "无"
MEGABYTE: Final = "注" * ((1 << 20) // 3)
UNKNOWN_COLUMN: Final = "云伙伴未知列"
_NOT_DAYS: Final = ("2026-02-31", "2026年2月31日", "20260231", "2026/2/31 10:00:00")
_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")
_DIGIT: Final = re.compile("[0-9]")
_NUMBERS: Final = frozenset({"citizen", "document_no"})
_NO_CODE: Final = "云伙伴不在表中"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One awkward record and what is expected of it."""

    kind: str
    """Which of the known troubles it is; `showing` has the words."""
    part: str
    field: str
    """The canonical field that is looked at; empty: the whole record."""
    column: str
    record: LocalRecord
    good: tuple[Any, ...]
    """Values that the field may have."""
    refusable: bool
    """Whether a refusal that names the column will do."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """One cell of a rule, with the place of its value in the sample."""

    field: str
    cell: Cell
    leaf: Leaf
    table: str
    """The table of further rows that the column is in; empty: the row itself."""
    column: str

    @property
    def plain(self) -> bool:
        return not self.cell.steps and self.cell.table is None and self.leaf.form == "string"

    @property
    def when_empty(self) -> tuple[Any, ...]:
        if self.cell.empty is not MISSING:
            return (self.cell.empty,)
        return (None,) if self.leaf.nullable else ()


def whole(part: str, record: LocalRecord, became: Translation) -> Iterator[Edge]:
    """What is tried with every sample: the same record again, and one with a column that nobody knows."""
    common: dict[str, Any] = {"part": part, "field": "", "column": UNKNOWN_COLUMN, "refusable": False}
    yield Edge(kind="twice", record=record, good=(became.canonical,), **common)
    wider = replace(record, row={**record.row, UNKNOWN_COLUMN: "x"})
    yield Edge(kind="unknown", record=wider, good=(became.canonical,), **common)


def cells(part: str, rule: ReadRule, record: LocalRecord, became: Translation) -> Iterator[Edge]:
    """All awkward forms of one sample that becomes what `became` says, cell by cell."""
    steering = {each.column for each in rule.when}
    spots = list(_spots(rule))
    texts = [each for each in spots if each.leaf.form == "string" and each.cell.table is None]
    roomiest = max(texts, key=lambda each: each.leaf.max_bytes or len(MEGABYTE), default=None)
    for spot in spots:
        raw = _raw(record, spot)
        if raw is MISSING or spot.column in steering:
            continue
        now = value_of(became, spot.field)
        for kind, given, good, refusable in _awkward(spot, raw, now):
            yield Edge(
                kind=kind, part=part, field=spot.field, column=spot.cell.column,
                record=_changed(record, spot, given), good=good, refusable=refusable,
            )  # fmt: skip
        if not spot.table:
            without = {name: value for name, value in record.row.items() if name != spot.column}
            yield Edge(
                kind="missing", part=part, field=spot.field, column=spot.cell.column,
                record=replace(record, row=without), good=(), refusable=True,
            )  # fmt: skip
        if spot is roomiest or any(step.name not in NAMED for step in spot.cell.steps):
            yield Edge(
                kind="megabyte", part=part, field=spot.field, column=spot.cell.column,
                record=_changed(record, spot, MEGABYTE), good=(MEGABYTE,), refusable=True,
            )  # fmt: skip
    for each in rule.lists:
        if each.columns and each.source in record.row:
            too_many = each.cell_separator.join(["云"] * (len(each.columns) + 1))
            yield Edge(
                kind="pieces", part=part, field=each.target.path, column=each.source,
                record=replace(record, row={**record.row, each.source: too_many}), good=(), refusable=True,
            )  # fmt: skip


def value_of(found: Translation, field: str) -> Any:
    """The value of a canonical field; of a list the first row's."""
    value: Any = found.canonical
    path, _, rest = field.partition("[].")
    for name in path.split("."):
        value = value[name]
    if rest:
        value = value[0] if value else {}
        for name in rest.split("."):
            value = value[name]
    return value


def _spots(rule: ReadRule) -> Iterator[_Spot]:
    for path, cell in rule.cells.items():
        if cell.column and cell.column != UNFILLED:
            table, _, column = cell.column.rpartition(".")
            yield _Spot(path, cell, rule.leaves[path], table, column)
    for each in rule.lists:
        if each.columns or each.source == UNFILLED:  # pieces of one cell: `_awkward` would have to know the separators
            continue
        for name, cell in each.cells.items():
            if cell.column and cell.column != UNFILLED and "." not in cell.column:
                yield _Spot(f"{each.target.path}[].{name}", cell, each.target.leaves[name], each.source, cell.column)


def _raw(record: LocalRecord, spot: _Spot) -> Any:
    rows = record.children.get(spot.table, ()) if spot.table else (record.row,)
    return rows[0].get(spot.column, MISSING) if rows else MISSING


def _awkward(spot: _Spot, raw: Any, now: Any) -> Iterator[tuple[str, Any, tuple[Any, ...], bool]]:
    """Kind, what stands in the cell, what may come of it, and whether it may be refused."""
    cell, leaf = spot.cell, spot.leaf
    instead = () if cell.otherwise is MISSING else (cell.otherwise,)
    if leaf.form == "string" and cell.table is None:
        fits = leaf.max_bytes is None or leaf.max_bytes >= len(RARE.encode())
        yield "rare", RARE, (RARE,), not (spot.plain and fits)
    if cell.table is not None:
        yield "no_code", _NO_CODE, instead, True
    text = _written(raw)
    if _DIGIT.search(text) and raw is not None:
        wide = text.translate(_FULL_WIDTH)
        as_written = leaf.form == "string" and cell.table is None
        roomy = leaf.max_bytes is None or len(wide.encode()) <= leaf.max_bytes
        yield "full_width", wide, (now, wide.strip()) if as_written else (now,), not (spot.plain and roomy)
    if _NUMBERS & {step.name for step in cell.steps}:
        for given in (NUMBER_WITH_X, NUMBER_WITH_X.lower(), f"{NUMBER_WITH_X[:-1]}Ｘ"):
            yield "ends_in_x", given, (CitizenNumber.parse(NUMBER_WITH_X).number,), False
    if leaf.form in ("date", "timestamp-millis"):
        for given in _NOT_DAYS:
            yield "no_such_day", given, (), True
    for nothing in (None, "", "\u3000"):
        yield "empty", nothing, spot.when_empty, not spot.when_empty
    kept = (NOTHING,) if spot.plain else (NOTHING, *spot.when_empty, *instead)
    yield "nothing", NOTHING, kept, not spot.plain


def _written(raw: Any) -> str:
    return text_of(raw) if isinstance(raw, str | int | float) else ""


def _changed(record: LocalRecord, spot: _Spot, given: Any) -> LocalRecord:
    if not spot.table:
        return replace(record, row={**record.row, spot.column: given})
    first, *others = record.children[spot.table]
    children: Mapping[str, Any] = {**record.children, spot.table: [{**first, spot.column: given}, *others]}
    return replace(record, children=children)
