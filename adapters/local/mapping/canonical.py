"""What the contract asks of each field of a canonical record: type, length, privacy class; read from the `.avsc`.

The codec judges the bytes later. Here the same shapes are asked so that a problem can name the local column.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from pages import fieldnames
from schemas import messages, shapes

_NUMBERS: Final = {"int": 2**31, "long": 2**63}
_FIRST_DAY, _LAST_DAY = date(1870, 1, 1), date(2269, 12, 31)
_FIRST_YEAR, _LAST_YEAR = 1970, 2099


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field that holds a value, with its path from the record's root (`applicant.name`)."""

    path: str
    form: str
    """string, int, long, date, timestamp-millis, enum, bytes or fixed."""
    symbols: tuple[str, ...]
    max_bytes: int | None
    personal: bool
    nullable: bool
    doc: str
    privacy: str = "none"
    """The contract's class of personal data: none, basic or sensitive."""
    within: str = ""
    """The part of the record that it is in, when that part may be absent as a whole; then it is `nullable`, too."""
    demanded: bool = False
    """Whether it has to be there once the part is that it is `within`."""
    words: tuple[str, ...] = ()
    """What people call each of the `symbols`, marked; empty where the contract does not say."""

    def misfit(self, value: object) -> str | None:
        """Say in Chinese what the field should hold, or None when the value fits."""
        if value is None:
            return None if self.nullable else "不能为空"
        if self.form == "string":
            return self._text_misfit(value)
        if self.form in _NUMBERS:
            limit = _NUMBERS[self.form]
            fits = isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit
            return None if fits else "整数，且不超出范围"
        if self.form == "date":
            fits = isinstance(value, date) and not isinstance(value, datetime) and _FIRST_DAY <= value <= _LAST_DAY
            return None if fits else "1870 至 2269 年之间的日期"
        if self.form == "timestamp-millis":
            fits = isinstance(value, datetime) and bool(value.tzinfo) and _FIRST_YEAR <= value.year <= _LAST_YEAR
            return None if fits else "1970 至 2099 年之间的时间"
        if self.form == "enum":
            return None if value in self.symbols else " / ".join(self.symbols)
        return "映射不能填写这一类字段"

    def _text_misfit(self, value: object) -> str | None:
        if not isinstance(value, str):
            return "文字"
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            return "可以读出的文字（该处的字节不是有效的文字）"
        if odd := next((c for c in value if (c < " " and c not in "\n\r\t") or c == "\x7f"), None):
            return f"不含控制字符（有 U+{ord(odd):04X}）"
        if self.max_bytes is not None and size > self.max_bytes:
            return f"最多 {self.max_bytes} 字节（约 {self.max_bytes // 3} 个汉字），现有 {size} 字节"
        return None


ORDERED: Final = {"print.authorised": ("replaces",)}
"""What a county's people only order, with the fields that their system names; the program makes the rest."""
_SCANNED: Final = "MaterialFile"
"""The record of a file, which no local system names: files are scanned at the window and travel by themselves."""
TRIAL: Final = Leaf("trial", "enum", ("true", "false"), None, personal=False, nullable=True, doc="试办标记")
"""What the envelope of an application says beside its record: whether the case is on trial."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A field that holds an array of records."""

    path: str
    max_items: int
    leaves: dict[str, Leaf]
    doc: str
    within: str = ""
    """The part of the record that it is in, when that part may be absent as a whole."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All leaves and arrays of one canonical record."""

    record: str
    leaves: dict[str, Leaf]
    repeated: dict[str, Repeated]


def said(message_type: str) -> dict[str, Leaf]:
    """Return the leaves that a local record of this type fills in; of what is ordered each must be there."""
    leaves = shape(message_type).leaves
    if message_type not in ORDERED:
        return leaves
    return {path: replace(leaves[path], nullable=False) for path in ORDERED[message_type]}


@cache
def scanned(message_type: str) -> tuple[str, ...]:
    """Names of the arrays of files, which are empty in what comes from a local system."""
    fields = shapes.raw()[messages.TYPES[message_type].record]["fields"]
    return tuple(each["name"] for each in fields if _is_of_files(each["type"]))


@cache
def shape(message_type: str) -> Shape:
    """Return the shape of the record that a message type carries. Raises KeyError for an unknown type."""
    record = messages.TYPES[message_type].record
    leaves, repeated = _collect(record)
    return Shape(record, leaves, repeated)


def _collect(record: str) -> tuple[dict[str, Leaf], dict[str, Repeated]]:
    leaves: dict[str, Leaf] = {}
    repeated: dict[str, Repeated] = {}
    for each in _walk(record, ""):
        if isinstance(each, Leaf):
            leaves[each.path] = each
        else:
            repeated[each.path] = each
    return leaves, repeated


def _is_of_files(schema: Any) -> bool:
    return (
        isinstance(schema, dict) and schema["type"] == "array" and schema["items"] == f"{shapes.NAMESPACE}.{_SCANNED}"
    )


def _named(schema: Any) -> Any:
    return (
        shapes.raw()[schema.removeprefix(f"{shapes.NAMESPACE}.")]
        if isinstance(schema, str) and "." in schema
        else schema
    )


def whole(record: dict[str, Any], leaves: Mapping[str, Leaf]) -> list[Leaf]:
    """Make each optional part of which nothing is there absent as a whole; returns what the others still lack.

    A part may lie inside another one, which is absent when all of it is: the inner ones come first.
    """
    lacking: list[Leaf] = []
    parts = {each.within for each in leaves.values() if each.within}
    for part in sorted(parts, key=lambda each: -each.count(".")):
        *outer, last = part.split(".")
        around = record
        for name in outer:
            around = around.setdefault(name, {})
        values = around.get(last) or {}
        if all(value is None for value in values.values()):
            around[last] = None
            continue
        inside = (leaf for leaf in leaves.values() if leaf.within == part and leaf.demanded)
        lacking += [leaf for leaf in inside if values[leaf.path.removeprefix(f"{part}.")] is None]
    return lacking


def _walk(record: str, prefix: str, within: str = "") -> Iterator[Leaf | Repeated]:
    for field in shapes.raw()[record]["fields"]:
        path = prefix + field["name"]
        schema = field["type"]
        nullable = isinstance(schema, list)
        if nullable:
            schema = next(each for each in schema if each != "null")
        schema = _named(schema)
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind == "record":
            yield from _walk(schema["name"], f"{path}.", path if nullable else within)
        elif kind == "array" and not _is_of_files(schema):
            items = _named(schema["items"])
            if isinstance(items, dict) and items["type"] == "record":
                inner, _ = _collect(items["name"])
                yield Repeated(path, field["max_items"], inner, field["doc"], within)
        elif kind != "array":
            form = kind if isinstance(schema, str) else schema.get("logicalType", kind)
            symbols = tuple(schema.get("symbols", ())) if isinstance(schema, dict) else ()
            yield Leaf(
                path,
                form,
                symbols,
                field.get("max_bytes"),
                field["pii"] != "none",
                nullable or bool(within),
                field["doc"],
                field["pii"],
                within,
                demanded=bool(within) and not nullable,
                words=tuple(fieldnames.words(schema).values()) if symbols else (),
            )
