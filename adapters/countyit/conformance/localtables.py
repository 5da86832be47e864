"""The county's own samples as rows of a database, read by the real source: each once, unaltered, however often asked.

The database is SQLite in a scratch folder with just the tables that the mapping names: it shows what the mapping and
the source make of rows, not what the county's own database does with them.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from adapters.countyit.conformance.edges import RARE, UNKNOWN_COLUMN
from adapters.countyit.conformance.judging import CRASHED, LOST, MAPPED, REFUSED, SOURCE, Judged
from adapters.local.mapping import CountyMapping
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources import LocalRecord
from adapters.local.sources.belonging import Link, links
from adapters.local.sources.opening import open_source
from schemas.errors import YunhuobanError

_PLACE: Final = "数据库 database"
_MOST: Final = 10_000
_Line = tuple[str, dict[str, Any], Mapping[str, Sequence[Mapping[str, Any]]]]
"""Table, row, and rows of further tables that belong to it."""
_SIMPLE: Final = (str, int, float, type(None))


def tried(mapping: CountyMapping, records: Sequence[LocalRecord], scratch: Path) -> Iterator[Judged]:
    """The samples through a database; nothing when the county's system is none."""
    tables: Any = mapping.rules.source.get("tables", {})
    if mapping.rules.source.get("type") != "sql" or not tables:
        return
    rows = _rows(records, tables)
    database = scratch / "local.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        _fill(connection, tables, rows)
        connection.commit()
        source = open_source(mapping, f"sqlite:///{database}")
        try:
            first = source.poll(None, _MOST)
            keys = {(each.kind, each.key) for each in first.records}
            unaltered = {(each.kind, _known(each.row)) for each in first.records}
            told = [each.place for each in first.failures]
            whole = [(kind, row) for kind, row, _ in rows if not _is_told(told, kind, row, tables[kind]["key"])]
            wanted = {(kind, _known(row)) for kind, row in whole}
            yield _judged("rare", f"{_PLACE} {len(wanted)}", wanted <= unaltered, f"{len(wanted & unaltered)}")
            again = source.poll(first.cursor, _MOST)
            yield _judged("twice", _PLACE, not again.records, str(len(again.records)))
            for kind, row, _children in rows:
                _insert(connection, kind, row)
            connection.commit()
            twice = source.poll(None, _MOST)
            keys_again = {(each.kind, each.key) for each in twice.records}
            yield _judged("double_key", _PLACE, keys_again == keys, f"{len(keys_again)}")
        except YunhuobanError as error:
            yield Judged(kind="twice", part=SOURCE, place=_PLACE, passed=False, outcome=REFUSED,
                         expected="记录", found=error.code.code)  # fmt: skip
        except Exception as error:  # noqa: BLE001 -- that anything else comes out is what is looked for
            yield Judged(kind="twice", part=SOURCE, place=_PLACE, passed=False, outcome=CRASHED,
                         expected="记录", found=type(error).__name__)  # fmt: skip


def _rows(records: Sequence[LocalRecord], tables: Mapping[str, Any]) -> list[_Line]:
    """Samples that can be a row: with a key and an order, not skipped, of plain values; one for each key."""
    found: dict[tuple[str, str], Any] = {}
    for at, each in enumerate(records):
        table = tables.get(each.kind)
        if table is None or not all(isinstance(value, _SIMPLE) for value in each.row.values()):
            continue
        row = {**each.row, UNKNOWN_COLUMN: RARE}
        row |= {name: row.get(name) or f"样例-{at}" for name in table["key"]}
        row |= {link.of: f"样例-{at}" for link in _links(table).values() if row.get(link.of) is None}
        order = row.get(table["order"])
        skipped = any(str(row.get(name)) == value for name, value in table.get("skip", {}).items())
        if order and not skipped:
            key = "|".join(str(row[name]) for name in table["key"])
            found.setdefault((each.kind, key), (each.kind, row, each.children))
    return list(found.values())


def _is_told(places: Sequence[str], kind: str, row: Mapping[str, Any], key: Sequence[str]) -> bool:
    """Whether the source said by table and key that it could not read this row: a refusal is no loss."""
    said = "，".join(f"{name}={row[name]}" for name in key)
    return f"表 {kind} 行 {said}" in places


def _links(table: Mapping[str, Any]) -> Mapping[str, Link]:
    return links(Section(table.get("children", {}), "", Problems()))


def _fill(connection: sqlite3.Connection, tables: Mapping[str, Any], rows: Sequence[_Line]) -> None:
    columns: dict[str, dict[str, None]] = {}
    lines: list[tuple[str, Mapping[str, Any]]] = []
    for name, table in tables.items():
        columns.setdefault(name, {}).update(dict.fromkeys([*table["key"], table["order"], *table.get("skip", {})]))
        for child, link in _links(table).items():
            columns.setdefault(child, {}).update({link.column: None})
            columns[name].update({link.of: None})
    for kind, row, children in rows:
        lines.append((kind, row))
        for child, link in _links(tables[kind]).items():
            lines += [(child, {**each, link.column: row.get(link.of)}) for each in children.get(child, ())]
    for name, line in lines:
        columns.setdefault(name, {}).update(dict.fromkeys(line))
    for name, names in columns.items():
        connection.execute(f"CREATE TABLE {_quoted(name)} ({', '.join(map(_quoted, names))})")
    for name, line in lines:
        _insert(connection, name, line)


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    names = ", ".join(map(_quoted, row))
    connection.execute(f"INSERT INTO {_quoted(table)} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _known(row: Mapping[str, Any]) -> str:
    """A row by what it says; a column that only other rows have is NULL in it."""
    return repr(sorted((name, value) for name, value in row.items() if value is not None))


def _judged(kind: str, place: str, passed: bool, found: str) -> Judged:
    outcome = MAPPED if passed else LOST
    return Judged(kind=kind, part=SOURCE, place=place, passed=passed, outcome=outcome,
                  expected="" if passed else "每条一次，内容不变", found="" if passed else found)  # fmt: skip
