"""Files that are trees: where in JSON or XML the rows are, and which rows lie inside a row.

The rows are read by the same code that a node reads them with; here only its settings are found. An envelope round the
rows (`code`, `msg`, `total`, …) is known by its names.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.countyit.suggesting.files.outline import Outline, outline
from adapters.countyit.suggesting.files.sheets import sayable
from adapters.countyit.suggesting.seen import SAMPLE_ROWS, Table
from adapters.local.sources import LocalRecord, json_rows, xml_rows
from adapters.local.sources.encodings import decoded, marked
from adapters.local.sources.filerows import Content, FileRule

_ENVELOPE: Final = frozenset(
    {
        "code", "msg", "message", "total", "count", "page", "pageno", "pagenum", "pagesize", "size", "success",
        "status", "state", "time", "timestamp", "version", "sign", "token", "appid", "nonce", "xmlns",
    }
)  # fmt: skip
"""Names that stand round the rows of an interface, not in them."""
_SAY_NOTHING: Final = ("item", "items", "row", "rows", "list")
_A_RECORD: Final = 3  # fields of its own that make something a record
_MOST_DEPTH: Final = 6
_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the rows are."""

    rows: str
    children: Mapping[str, str] = field(default_factory=dict)
    """Rows inside a row: what to call them, and their path within it."""


def of_json(data: bytes, name: str) -> Sequence[Table]:
    """The rows of a JSON file and those inside them; nothing when it has none."""
    data, said = marked(data)
    encoding = said or _encoding(data)
    try:
        tree = json.loads(decoded(data, encoding))
    except (ValueError, RecursionError):
        return []
    path, rows = _json_rows(tree)
    if not rows:
        return []
    found: Counter[str] = Counter()
    for row in rows[:_LOOKED_AT]:
        found.update(set(_json_lists(row, "", 1)))
    shape = Shape(path, _called(found, name))
    return _tables(json_rows.parse, data, name, shape, "" if said or encoding == "utf-8" else encoding)


def of_xml(data: bytes, name: str) -> Sequence[Table]:
    """The rows of an XML file and those inside them; nothing when it has none, or has a DOCTYPE."""
    seen = outline(data)
    rows = _xml_rows(seen) if seen is not None else None
    if seen is None or rows is None:
        return []
    inner = {
        path[len(rows) :]: one for path, one in seen.items() if path[: len(rows)] == rows and len(path) > len(rows)
    }
    lists = [path for path, one in inner.items() if one.most > 1 or (one.inner and _only_child(path, inner))]
    outermost = [path for path in lists if not any(path[: len(other)] == other for other in lists if other != path)]
    shape = Shape(".".join(rows), _called([".".join(path) for path in outermost], name))
    said = data[:100].decode("latin-1").lower()
    plain = marked(data)[1] is None and "encoding" not in said and _encoding(data) != "utf-8"
    return _tables(xml_rows.parse, data, name, shape, "gb18030" if plain else "")


def _encoding(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _json_rows(tree: Any) -> tuple[str, list[Any]]:
    """The path of the rows: the outermost list of objects, or an object that is itself a record."""
    level: list[tuple[str, Any]] = [("", tree)]
    for _ in range(_MOST_DEPTH):
        for path, value in level:
            if isinstance(value, list) and any(isinstance(each, dict) for each in value):
                return path, [each for each in value if isinstance(each, dict)]
            if isinstance(value, dict) and _is_record(name for name, each in value.items() if not _holds(each)):
                return path, [value]
        level = [
            (f"{path}.{name}" if path else name, each)
            for path, value in level
            if isinstance(value, dict)
            for name, each in value.items()
            if _holds(each) and name and "." not in name
        ]
    return "", []


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list)


def _is_record(names: Iterator[str]) -> bool:
    return len({name for name in names if name.lower() not in _ENVELOPE}) >= _A_RECORD


def _json_lists(row: Mapping[str, Any], path: str, depth: int) -> Iterator[str]:
    for name, value in row.items():
        at = f"{path}.{name}" if path else name
        if "." in name or not sayable(name):
            continue
        if isinstance(value, list) and any(isinstance(each, dict) for each in value):
            yield at
        elif isinstance(value, dict) and depth < _MOST_DEPTH:
            yield from _json_lists(value, at, depth + 1)


def _xml_rows(seen: Mapping[tuple[str, ...], Outline]) -> tuple[str, ...] | None:
    """The path of the rows: the outermost elements that are records, of several the most frequent."""
    records = [
        (len(path), -one.count, path)
        for path, one in seen.items()
        if one.inner and _is_record(name for name in one.leaves)
    ]
    return min(records)[2] if records else None


def _only_child(path: tuple[str, ...], inner: Mapping[tuple[str, ...], Outline]) -> bool:
    """Whether an element stands alone in one that is only there to hold such: `files` with `item`."""
    if len(path) < 2:
        return False
    beside = {other for other in inner if other[:-1] == path[:-1]}
    return len(beside) == 1


def _called(paths: Iterable[str], table: str) -> dict[str, str]:
    """A name for each path, unlike the table's own: its last word that says something, or the whole path."""
    found: dict[str, str] = {}
    for path in paths:
        words = path.split(".")
        short = next((word for word in reversed(words) if word.lower() not in _SAY_NOTHING), words[-1])
        name = next(each for each in (short, path, f"{path}[]") if each not in found and each != table)
        found[name] = path
    return found


def _tables(
    parse: Callable[[bytes, FileRule, str, str], Content], data: bytes, name: str, shape: Shape, encoding: str
) -> Sequence[Table]:
    rule = FileRule(kind=name, pattern="", columns=(), key=(), rows=shape.rows, children=shape.children)
    content = parse(data, rule, encoding or "utf-8", "")
    records = [each for each in content.rows if isinstance(each, LocalRecord)][:SAMPLE_ROWS]
    if not records:
        return []
    main = _table(name, [each.row for each in records], place=shape.rows or "$", encoding=encoding)
    inner = [
        _table(
            called,
            [row for each in records for row in each.children.get(called, ())],
            place=path,
            inside=name,
            owners=[len(each.children.get(called, ())) for each in records],
        )
        for called, path in shape.children.items()
    ]
    return [main, *(each for each in inner if each.columns)]


def _table(name: str, rows: Sequence[Mapping[str, object]], **more: Any) -> Table:
    columns = list(dict.fromkeys(column for row in rows for column in row if sayable(column)))
    optional = [column for column in columns if any(column not in row for row in rows)]
    return Table(name=name, columns=columns, rows=rows, optional=optional, **more)
