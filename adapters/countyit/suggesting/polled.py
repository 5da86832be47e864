"""A local system of any kind that a node can read, looked at through the door by which the node reads it.

A database or a folder says of itself what is in it. Of an interface, or of files behind another protocol, somebody has
to say first how they are reached: in a file with nothing but the `[source]` of a mapping. The records that come through
it are the sample; the columns that they bring are written into it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from adapters.countyit.suggesting.files.sheets import sayable
from adapters.countyit.suggesting.seen import SAMPLE_ROWS, Table
from adapters.local.mapping import CountyMapping, MappingFailed
from adapters.local.mapping.rules import Rules
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources import LocalRecord
from adapters.local.sources.columns import NOTHING_THERE, Seen
from adapters.local.sources.opening import open_source
from schemas.errors import YunhuobanError, declare

READING_UNREADABLE = declare(
    "E-MAP-059",
    "读取方式的文件读不出，或者写法不对。",
    "请写成只有 [source] 一段的 TOML，用 UTF-8 编码，写法见 county.md。",
)
_MOST_RECORDS: Final = SAMPLE_ROWS * 5
_ALL_COLUMNS: Final = ("csv", "xlsx")
"""Where a row cannot leave a column out."""


def look(location: str, file: Path) -> Seen:
    """Read some records by the settings in a file.

    Raises E-MAP-059, E-SRC-002 when nothing comes, MappingFailed for wrong settings, and what the source raises.
    """
    source = _settings(file)
    mapping = CountyMapping(Rules(county="", name="", source=source), file.name)
    batch = open_source(mapping, location).poll(None, _MOST_RECORDS)
    kinds: dict[str, list[LocalRecord]] = {}
    for record in batch.records:
        kinds.setdefault(record.kind, []).append(record)
    tables = [table for kind, records in kinds.items() for table in _tables(kind, records[:SAMPLE_ROWS])]
    if not tables:
        raise YunhuobanError(NOTHING_THERE, place="source", found=str(len(batch.failures)))
    written = _completed(source, {each.name: each for each in tables if not each.inside})
    return Seen([replace(each, reading=written) for each in tables], batch.failures)


def _settings(file: Path) -> Mapping[str, object]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise YunhuobanError(READING_UNREADABLE, place=file.name, found=type(error).__name__) from None
    section = Section(data, file.name, Problems())
    section.only("source")
    source = section.inner("source").data
    if section.problems.found:
        raise MappingFailed(section.problems.found, place=file.name)
    return source


def _tables(kind: str, records: Sequence[LocalRecord]) -> Sequence[Table]:
    main = _table(kind, [each.row for each in records])
    names = dict.fromkeys(name for each in records for name in each.children)
    inner = [
        _table(
            name,
            [row for each in records for row in each.children.get(name, ())],
            inside=kind,
            place=name,
            owners=[len(each.children.get(name, ())) for each in records],
        )
        for name in names
        if name != kind and sayable(name)
    ]
    return [main, *(each for each in inner if each.columns)]


def _table(name: str, rows: Sequence[Mapping[str, object]], **more: Any) -> Table:
    columns = list(dict.fromkeys(column for row in rows for column in row if sayable(column)))
    return Table(name=name, columns=columns, rows=rows, complete=False, form="polled", **more)


def _completed(source: Mapping[str, object], seen: Mapping[str, Table]) -> Mapping[str, Any]:
    """The settings with all columns that were seen, where they list columns: the mapping may then name any of them."""
    data: dict[str, Any] = deepcopy(dict(source))
    for part in data.values():
        for kind, rule in part.items() if isinstance(part, dict) else ():
            if kind not in seen or not isinstance(rule, dict) or "columns" not in rule:
                continue
            table = seen[kind]
            always = [name for name in table.columns if all(name in row for row in table.rows)]
            named = always if data.get("type") in _ALL_COLUMNS else table.columns
            rule["columns"] = list(dict.fromkeys((*rule["columns"], *named)))
            sometimes = [name for name in named if name not in always]
            if optional := list(dict.fromkeys((*rule.get("optional", []), *sometimes))):
                rule["optional"] = optional
    return data
