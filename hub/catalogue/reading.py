"""From sheets of text to objects of the catalogue: nothing is taken unless all of it is right."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.catalogue import sheets
from hub.catalogue.sheets import SHEETS, Column, Sheet
from hub.catalogue.troubles import Troubles
from schemas.catalogue import checks
from schemas.catalogue.model import Entity
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.item import IMPLEMENTATION_LENGTH

SHEET_UNKNOWN: Final = declare("E-CAT-023", "不认识的工作表。", "请按模板的名称命名工作表；说明文字请另存他处。")
SHEET_MISSING: Final = declare(
    "E-CAT-024", "缺少相应的工作表。", "事项与材料、实施清单与业务办理项须一起提供；没有内容时保留表头。"
)
COLUMN_UNKNOWN: Final = declare("E-CAT-025", "不认识的列。", "请按模板的表头命名各列，每列一次。")
COLUMN_MISSING: Final = declare("E-CAT-026", "缺少这一列。", "请保留模板的全部表头。")
PROGRESS_EVERY: Final = 500

Progress = Callable[[int], None]
_LIMIT: Final = frozenset({"anticipate_day", "anticipate_type", "promise_day", "promise_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSheet:
    """A sheet as it stood in a file, all texts; `rows` with their numbers, the first row being the heading."""

    name: str
    headings: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]
    readable: bool = True
    """False for one that was reported already."""


@dataclass(slots=True)
class _Row:
    """One row: its cells' values, with blanks for `bad` ones, which were reported."""

    number: int
    values: dict[str, Any]
    bad: set[str]
    derived: Mapping[str, str]


@dataclass(slots=True)
class _Read:
    """One sheet, read."""

    sheet: Sheet
    positions: Mapping[str, int]
    rows: list[_Row] = field(default_factory=list)

    def column(self, name: str) -> tuple[int | None, str]:
        """Position and heading of a field."""
        found = next((each for each in self.sheet.columns if each.name == name), None)
        return (None, "") if found is None else (self.positions.get(name), found.heading)


@dataclass(slots=True, kw_only=True)
class _Placed:
    """An object with where it stands, and the rows of its parts."""

    entity: Entity
    own: _Read
    row: _Row
    below: _Read | None
    parts: Sequence[_Row]


def parse(
    raw: Sequence[RawSheet], troubles: Troubles, *, known: Collection[str], progress: Progress = lambda _: None
) -> dict[str, Entity]:
    """The objects by key; `known` holds the keys that may be referred to besides. Told `progress` rows done.

    Raises E-CAT-021 with all errors of all sheets, those that are in `troubles` already among them.
    """
    read = _read_all(raw, troubles, progress)
    found: dict[str, Entity] = {}
    objects = list(_objects(read, troubles))
    for placed in objects:
        position, heading = placed.own.column(_last_key(placed.own.sheet))
        if placed.entity.key in found:
            troubles.add(YunhuobanError(checks.TWICE), placed.own.sheet.name, placed.row.number, position, heading)
        found[placed.entity.key] = placed.entity
    mentioned = found.keys() | set(known)
    for placed in objects:
        _check_derived(placed, troubles)
        for fault in (*checks.faults(placed.entity), *checks.dangling(placed.entity, mentioned)):
            _note(fault, placed, troubles)
    troubles.demand_none()
    return found


def _read_all(raw: Sequence[RawSheet], troubles: Troubles, progress: Progress) -> dict[str, _Read]:
    by_name = {each.name: each for each in SHEETS}
    there = {each.name for each in raw}
    read: dict[str, _Read] = {}
    for each in raw:
        sheet = by_name.get(each.name)
        if sheet is None:
            troubles.add(YunhuobanError(SHEET_UNKNOWN, expected=" ".join(by_name)), shown(each.name))
            continue
        positions = _positions(sheet, each, troubles) if each.readable else None
        if positions is not None:
            read[sheet.name] = _read(sheet, positions, each, troubles, progress)
    for sheet in SHEETS:
        if sheet.parent and (sheet.name in there) != (sheet.parent in there):
            lacking = sheet.name if sheet.parent in there else sheet.parent
            troubles.add(YunhuobanError(SHEET_MISSING, expected=lacking), lacking)
    return read


def _positions(sheet: Sheet, raw: RawSheet, troubles: Troubles) -> Mapping[str, int] | None:
    """Where each column stands; None when one that must be there is not."""
    by_heading = {each.heading: each for each in sheet.columns}
    positions: dict[str, int] = {}
    good = True
    for position, heading in enumerate(raw.headings):
        column = by_heading.get(heading.strip())
        if column is not None and column.name not in positions:
            positions[column.name] = position
        elif heading.strip():
            good = False
            error = YunhuobanError(COLUMN_UNKNOWN, found=shown(heading), expected=" ".join(by_heading))
            troubles.add(error, sheet.name, 1, position)
    for column in sheet.columns:
        if column.name not in positions and column.derived is None:
            good = False
            troubles.add(YunhuobanError(COLUMN_MISSING, expected=column.heading), sheet.name, 1)
    return positions if good else None


def _read(sheet: Sheet, positions: Mapping[str, int], raw: RawSheet, troubles: Troubles, progress: Progress) -> _Read:
    done = _Read(sheet, positions)
    derived = [each for each in sheet.columns if each.derived is not None and each.name in positions]
    columns = [(each, positions[each.name]) for each in sheet.columns if each.derived is None]
    for at, (number, cells) in enumerate(raw.rows, 1):
        if at % PROGRESS_EVERY == 0:
            progress(PROGRESS_EVERY)
        row = _Row(number, {}, set(), {})
        for column, position in columns:
            cell = cells[position].strip() if position < len(cells) else ""
            try:
                row.values[column.name] = column.form.read(cell)
            except YunhuobanError as error:
                row.bad.add(column.name)
                row.values[column.name] = column.form.blank
                troubles.add(error, sheet.name, number, position, column.heading)
        said = {each.name: cells[positions[each.name]].strip() for each in derived if positions[each.name] < len(cells)}
        row.derived = {name: cell for name, cell in said.items() if cell}
        done.rows.append(row)
    progress(len(raw.rows) % PROGRESS_EVERY)
    return done


def _objects(read: Mapping[str, _Read], troubles: Troubles) -> Iterator[_Placed]:
    """Every row that is an object of its own, with its parts; parts that belong to none are reported."""
    for sheet in SHEETS:
        own = read.get(sheet.name)
        if sheet.parent or own is None:
            continue
        child = next((each for each in SHEETS if each.parent == sheet.name), None)
        below = read.get(child.name) if child is not None else None
        parts = _by_parent(below)
        for row in own.rows:
            values, rows = dict(row.values), []
            if child is not None:
                rows = parts.pop(_named(sheet, values), [])
                values[child.parts] = tuple(_part(child, each) for each in rows)
            yield _Placed(entity=sheet.made(**values), own=own, row=row, below=below, parts=rows)
        if below is not None:
            _report_orphans(parts, below, troubles)


def _named(sheet: Sheet, values: Mapping[str, Any]) -> tuple[str, ...]:
    """By what the rows of a part name their parent."""
    return (values["code"],) if sheet is sheets.ITEMS else (values["county"], values["code"])


def _by_parent(read: _Read | None) -> dict[tuple[str, ...], list[_Row]]:
    found: dict[tuple[str, ...], list[_Row]] = {}
    for row in read.rows if read else ():
        if read is not None and read.sheet is sheets.MATERIALS:
            parent: tuple[str, ...] = (row.values["item"],)
        else:
            parent = (row.values["county"], row.values["handling"][:IMPLEMENTATION_LENGTH])
        found.setdefault(parent, []).append(row)
    return found


def _part(child: Sheet, row: _Row) -> Any:
    values = dict(row.values)
    if child is sheets.MATERIALS:
        del values["item"]
    else:
        del values["county"]
        values["handling"] = values["handling"][IMPLEMENTATION_LENGTH:]
    return child.made(**values)


def _report_orphans(parts: Mapping[tuple[str, ...], Sequence[_Row]], below: _Read, troubles: Troubles) -> None:
    name = "item" if below.sheet is sheets.MATERIALS else "handling"
    position, heading = below.column(name)
    for parent, rows in parts.items():
        for row in rows:
            if name not in row.bad:
                error = YunhuobanError(
                    checks.REFERS_NOWHERE, found=shown("/".join(parent)), expected=below.sheet.parent
                )
                troubles.add(error, below.sheet.name, row.number, position, heading)


def _last_key(sheet: Sheet) -> str:
    names = {sheets.ALLIANCES.name: "id", sheets.MEMBERS.name: "county", sheets.ALLIANCE_ITEMS.name: "service_item"}
    return names.get(sheet.name, "code")


def _check_derived(placed: _Placed, troubles: Troubles) -> None:
    for name, cell in placed.row.derived.items():
        column: Column = next(each for each in placed.own.sheet.columns if each.name == name)
        expected = column.derived(placed.entity) if column.derived else cell
        if cell != expected:
            error = sheets.wrong(cell, expected)
            position = placed.own.positions[name]
            troubles.add(error, placed.own.sheet.name, placed.row.number, position, column.heading)


def _note(fault: checks.Fault, placed: _Placed, troubles: Troubles) -> None:
    """Report a fault in the cell where it stands, unless that cell, or one it was compared with, was reported."""
    _, _, inner = fault.field.partition(".")
    read, row, name = placed.own, placed.row, fault.field
    if inner and placed.below is not None and fault.part is not None:
        read, row, name = placed.below, placed.parts[fault.part], inner
    compared = _LIMIT if fault.error.code is checks.PROMISE_TOO_LONG else {name}
    if not row.bad & compared:
        position, heading = read.column(name)
        troubles.add(fault.error, read.sheet.name, row.number, position, heading)


def shown(text: str) -> str:
    """The beginning of a text out of a file, fit for an error."""
    return "".join(each if each.isprintable() else "�" for each in text[:60])
