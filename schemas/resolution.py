"""Between two versions of a record: what the older one lacks is filled in for a reader, and left out by a writer.

Avro 1.11 specification, "Schema Resolution", as far as the gate (`schemas.compatibility`) lets versions differ: fields
with a default, symbols and records of a union added. Reading is never in doubt. Writing is refused where something
would get lost: a field that the older version lacks is left out only while it says no more than its default does.
"""

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeAlias

from schemas.errors import YunhuobanError, declare

NOT_IN_VERSION: Final = declare(
    "E-CODEC-010",
    "接收方所用的标准版本没有这一项，不能省去不报。",
    "请接收方升级，之后报文自动继续；办件不能等待时，请改用线下途径告知该项内容。",
)

Lift: TypeAlias = Callable[[Any], None]
"""Completes a decoded value where it stands."""
Lower: TypeAlias = Callable[[Any], Any]
"""Gives a value that an older version can say; the one given stays as it is."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1)


def compile_lift(older: dict[str, Any], newer: dict[str, Any]) -> Lift | None:
    """From an older written-out record to a newer one; None when there is nothing to fill in."""
    return _Pair(older, newer).lift(older, newer)


def compile_lower(newer: dict[str, Any], older: dict[str, Any], version: str) -> Lower | None:
    """From a newer written-out record to an older one; None when there is nothing to leave out.

    What it makes raises E-CODEC-010, naming the field and the version.
    """
    return _Pair(older, newer).lower(newer, older, newer["name"], version)


class _Pair:
    """The named types of both versions, so that a second use of a name is found."""

    def __init__(self, older: Any, newer: Any) -> None:
        self._older: dict[str, Any] = {}
        self._newer: dict[str, Any] = {}
        _collect(older, self._older)
        _collect(newer, self._newer)

    def lift(self, older: Any, newer: Any) -> Lift | None:
        older, newer = _named(older, self._older), _named(newer, self._newer)
        if isinstance(newer, list):
            return self._lift_union(older, newer)
        kind = newer if isinstance(newer, str) else newer["type"]
        if kind == "array":
            item = self.lift(older["items"], newer["items"])
            return None if item is None else _each(item)
        return self._lift_record(older, newer) if kind == "record" else None

    def _lift_record(self, older: dict[str, Any], newer: dict[str, Any]) -> Lift | None:
        there = {each["name"]: each["type"] for each in older["fields"]}
        missing = {
            each["name"]: default(each["type"], each["default"], self._newer)
            for each in newer["fields"]
            if each["name"] not in there
        }
        inner = {
            each["name"]: lift
            for each in newer["fields"]
            if each["name"] in there and (lift := self.lift(there[each["name"]], each["type"])) is not None
        }
        if not missing and not inner:
            return None

        def complete(value: Any) -> None:
            for name, lift in inner.items():
                lift(value[name])
            for name, said in missing.items():
                value[name] = copy.deepcopy(said)

        return complete

    def _lift_union(self, older: list[Any], newer: list[Any]) -> Lift | None:
        lifts = {}
        for before, after in _branches(older, newer):
            if after != "null" and (lift := self.lift(before, after)) is not None:
                lifts[_short(after)] = lift
        if not lifts:
            return None
        if len(newer) == 2:
            (only,) = lifts.values()
            return lambda value: None if value is None else only(value)

        def complete(value: Any) -> None:
            if value is not None and (lift := lifts.get(_short(value[0]))) is not None:
                lift(value[1])

        return complete

    def lower(self, newer: Any, older: Any, place: str, version: str) -> Lower | None:
        newer, older = _named(newer, self._newer), _named(older, self._older)
        if isinstance(newer, list):
            return self._lower_union(newer, older, place, version)
        match newer if isinstance(newer, str) else newer["type"]:
            case "array":
                item = self.lower(newer["items"], older["items"], f"{place}[]", version)
                return None if item is None else lambda value: [item(each) for each in value]
            case "record":
                return self._lower_record(newer, older, place, version)
            case "enum":
                return _symbols(newer["symbols"], older["symbols"], place, version)
        return None

    def _lower_record(self, newer: dict[str, Any], older: dict[str, Any], place: str, version: str) -> Lower | None:
        there = {each["name"]: each["type"] for each in older["fields"]}
        dropped = {
            each["name"]: default(each["type"], each["default"], self._newer)
            for each in newer["fields"]
            if each["name"] not in there
        }
        inner: dict[str, Lower] = {}
        for each in newer["fields"]:
            name = each["name"]
            lower = self.lower(each["type"], there[name], f"{place}.{name}", version) if name in there else None
            if lower is not None:
                inner[name] = lower
        if not dropped and not inner:
            return None

        def lowered(value: Mapping[str, Any]) -> dict[str, Any]:
            for name, said in dropped.items():
                if value[name] != said:
                    raise _lost(f"{place}.{name}", version)
            kept = {name: each for name, each in value.items() if name not in dropped}
            return kept | {name: lower(kept[name]) for name, lower in inner.items()}

        return lowered

    def _lower_union(self, newer: list[Any], older: list[Any], place: str, version: str) -> Lower | None:
        lowers: dict[str, Lower] = {}
        for before, after in _branches(older, newer):
            if after != "null" and (lower := self.lower(after, before, place, version)) is not None:
                lowers[_short(after)] = lower
        if len(newer) == 2:
            only = next(iter(lowers.values()), None)
            return None if only is None else lambda value: None if value is None else only(value)
        known = {_short(each) for each in older}
        if not lowers and len(older) == len(newer):
            return None

        def lowered(value: Any) -> Any:
            if value is None:
                return None
            full, record = value
            if _short(full) not in known:
                raise _lost(place, version)
            lower = lowers.get(_short(full))
            return (full, lower(record)) if lower is not None else value

        return lowered


def default(kind: Any, said: Any, named: Mapping[str, Any]) -> Any:
    """The value that a JSON default stands for (Avro 1.11 specification, "Complex Types: Records")."""
    kind = _named(kind, named)
    if isinstance(kind, list):
        return default(kind[0], said, named)
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    match name:
        case "bytes" | "fixed":
            return said.encode("latin-1")
        case "timestamp-millis":
            return _EPOCH + timedelta(milliseconds=said)
        case "date":
            return _EPOCH_DAY + timedelta(days=said)
        case "array":
            return [default(kind["items"], each, named) for each in said]
        case "record":
            return {
                each["name"]: default(each["type"], said.get(each["name"], each.get("default")), named)
                for each in kind["fields"]
            }
    return said


def _symbols(newer: list[str], older: list[str], place: str, version: str) -> Lower | None:
    if len(newer) == len(older):
        return None
    known = frozenset(older)

    def same(value: Any) -> Any:
        if value not in known:
            raise _lost(place, version)
        return value

    return same


def _each(item: Lift) -> Lift:
    def complete(values: Any) -> None:
        for each in values:
            item(each)

    return complete


def _branches(older: list[Any], newer: list[Any]) -> list[tuple[Any, Any]]:
    """The branches that both have; those of the newer one only come after them (a rule of the gate)."""
    return list(zip(older, newer, strict=False))


def _collect(kind: Any, named: dict[str, Any]) -> None:
    if isinstance(kind, list):
        for each in kind:
            _collect(each, named)
    elif isinstance(kind, dict):
        if kind["type"] in ("record", "enum", "fixed"):
            named[kind["name"]] = kind
        for each in kind.get("fields", ()):
            _collect(each["type"], named)
        if "items" in kind:
            _collect(kind["items"], named)


def _short(kind: Any) -> str:
    name: str = kind if isinstance(kind, str) else kind.get("name", kind["type"])
    return name.rsplit(".", 1)[-1]


def _named(kind: Any, named: Mapping[str, Any]) -> Any:
    return named.get(_short(kind), kind) if isinstance(kind, str) else kind


def _lost(place: str, version: str) -> YunhuobanError:
    return YunhuobanError(NOT_IN_VERSION, place=place, expected=version)
