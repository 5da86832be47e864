"""Checks a record before fastavro writes it: every field there, no other, and each of exactly its type.

fastavro writes what it can make something of: "no" as a boolean true, 1.5 as the int 1, a text as an array of its
letters, a datetime without a zone as local time, `None` as false. A value that is nearly right is a mistake of a
mapping and must not reach another county as something else. Only a moment's microseconds are cut to milliseconds.

An error names the field, never the value, and has no other error as its context: that would quote it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from schemas.errors import YunhuobanError, declare
from schemas.strictness import RANGES, outside

NOT_ENCODABLE: Final = declare(
    "E-CODEC-009", "记录与标准不符：字段缺失、多余或类型不对。", "请按标准记录逐项核对所指字段。"
)

Check = Callable[[Any], None]

_FIELD_NAME: Final = re.compile(r"[a-z][a-z_]{0,59}")


def compile_check(schema: dict[str, Any]) -> Check:
    """Make the check of one expanded record; it raises E-CODEC-009, or E-CODEC-006 for a number out of range."""
    named: dict[str, dict[str, Any]] = {}

    def build(kind: Any, place: str) -> Check:
        if isinstance(kind, list):
            return _union(kind, place, build)
        name = kind if isinstance(kind, str) else kind["type"]
        if name in ("record", "enum", "fixed"):
            named[kind["name"]] = kind
        match name:
            case "boolean":
                return _instance(place, bool, "boolean")
            case "bytes":
                return _instance(place, bytes, "bytes")
            case "string":
                return _text(place)
            case "int" | "long":
                return _number(name, None if isinstance(kind, str) else kind.get("logicalType"), place)
            case "array":
                return _array(place, build(kind["items"], f"{place}[]"))
            case "enum":
                return _enum(place, kind["symbols"])
            case "fixed":
                return _fixed(place, kind["size"])
            case "record":
                return _record(place, {f["name"]: build(f["type"], f"{place}.{f['name']}") for f in kind["fields"]})
            case _:
                return build(named[name.rsplit(".", 1)[-1]], place)

    return build(schema, schema["name"])


def _misfit(place: str, expected: str, found: str = "") -> YunhuobanError:
    return YunhuobanError(NOT_ENCODABLE, place=place, found=found, expected=expected)


def _kind_of(value: Any) -> str:
    return type(value).__name__


def _instance(place: str, wanted: type, words: str) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, wanted):
            raise _misfit(place, words, _kind_of(value))

    return check


def _text(place: str) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str):
            raise _misfit(place, "string", _kind_of(value))
        if not value.isascii() and not _encodable(value):
            raise _misfit(place, "string", "lone surrogate")

    return check


def _encodable(text: str) -> bool:
    """Whether the text holds no half of a UTF-16 pair, which is no character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(kind: str, logical: str | None, place: str) -> Check:
    if logical == "timestamp-millis":
        return _moment(place)
    if logical == "date":
        return _day(place)
    low, high = RANGES[(kind, None)]

    def check(value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _misfit(place, kind, _kind_of(value))
        if not low <= value <= high:
            raise outside(place, value, low, high)

    return check


def _moment(place: str) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, datetime):
            raise _misfit(place, "datetime with a zone", _kind_of(value))
        if value.utcoffset() is None:
            raise _misfit(place, "datetime with a zone", "datetime without a zone")

    return check


def _day(place: str) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise _misfit(place, "date", _kind_of(value))

    return check


def _enum(place: str, symbols: list[str]) -> Check:
    known = frozenset(symbols)
    words = " | ".join(symbols)

    def check(value: Any) -> None:
        if not isinstance(value, str):
            raise _misfit(place, words, _kind_of(value))
        if value not in known:
            raise _misfit(place, words, "another word")

    return check


def _fixed(place: str, size: int) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, bytes):
            raise _misfit(place, f"{size} bytes", _kind_of(value))
        if len(value) != size:
            raise _misfit(place, f"{size} bytes", f"{len(value)} bytes")

    return check


def _array(place: str, item: Check) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, list | tuple):
            raise _misfit(place, "list", _kind_of(value))
        for each in value:
            item(each)

    return check


def _record(place: str, fields: dict[str, Check]) -> Check:
    names = fields.keys()

    def check(value: Any) -> None:
        if not isinstance(value, Mapping):
            raise _misfit(place, "record", _kind_of(value))
        if value.keys() != names:
            raise _misfit(*_odd_field(place, names, value))
        for name, field in fields.items():
            field(value[name])

    return check


def _odd_field(place: str, names: Iterable[str], value: Mapping[Any, Any]) -> tuple[str, str, str]:
    """The first field that is missing or too many, as place, expected and found."""
    missing = next((name for name in names if name not in value), None)
    if missing is not None:
        return f"{place}.{missing}", "present", "missing"
    extra = next(iter(value.keys() - set(names)))
    # A key that is not a name may be a value that slipped into the wrong place.
    named = isinstance(extra, str) and _FIELD_NAME.fullmatch(extra)
    return f"{place}.{extra}" if named else place, "no other field", "unknown field"


def _union(kinds: list[Any], place: str, build: Callable[[Any, str], Check]) -> Check:
    """Null or one other type, whose value stands for itself; of several records (full name, record) says which."""
    others = [kind for kind in kinds if kind != "null"]
    checks = [build(kind, place) for kind in others]

    def check_optional(value: Any) -> None:
        if value is not None:
            checks[0](value)

    if len(others) == 1:
        return check_optional

    by_name = {f"{kind['namespace']}.{kind['name']}": one for kind, one in zip(others, checks, strict=True)}

    def check_named(value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, tuple) or len(value) != 2 or value[0] not in by_name:
            raise _misfit(place, "(full name, record)", _kind_of(value))
        by_name[value[0]](value[1])

    return check_named
