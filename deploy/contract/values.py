"""Records as JSON in test vectors, and sample values of any record, made from the published schemas alone.

JSON form: a record is an object with its fields in order, `bytes` and `fixed` are lower-case hexadecimal, a
timestamp is its milliseconds and a date its days since 1970, an enum its symbol, a union of null and one type null or
that type's form, a union of records null or an object whose only member is named by the record's full name.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

from schemas import shapes

NOW: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""The time at which everything in the vectors happens."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)

WINDOW: Final = "130928"
ISSUING: Final = "140881"
ITEM: Final = "11140881MB0000000U4000131127004"
CASE_NO: Final = "130928-20261122-000017-7"
LICENSE: Final = "1.2.156.3005.2.11100000MB03271699001.11140881MB0000000U.20261122000017.001.G"
# What a field of this name says in a sample, so that samples look like messages; any other says its own name.
_SAID: Final[Mapping[str, Any]] = {
    "case_no": CASE_NO,
    "service_item": ITEM,
    "division_code": WINDOW,
    "county": WINDOW,
    "target_county": WINDOW,
    "area_code": ISSUING,
    "license_identifier": LICENSE,
    "identifier": LICENSE,
    "code": "E-ADM-021",
    "alliance": "YUNHUOBAN",
}

Json = dict[str, Any]
Fullness = Literal["full", "least"]


def millis(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - EPOCH) // _MILLISECOND


def as_json(name: str, record: Mapping[str, Any]) -> Json:
    """A decoded record in JSON form."""
    found: Json = _walk(f"{shapes.NAMESPACE}.{name}", record, _written)
    return found


def from_json(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A record, as the codec takes it, from its JSON form."""
    found: dict[str, Any] = _walk(f"{shapes.NAMESPACE}.{name}", value, _read)
    return found


def sample(name: str, fullness: Fullness) -> dict[str, Any]:
    """A record with something in every field, or with as little as there can be."""
    record: dict[str, Any] = _sample(f"{shapes.NAMESPACE}.{name}", name, {}, fullness)
    return record


def _named(kind: Any) -> Any:
    return shapes.raw().get(kind.removeprefix(f"{shapes.NAMESPACE}."), kind) if isinstance(kind, str) else kind


def _name_of(kind: Any) -> str:
    return str(kind) if isinstance(kind, str) else str(kind.get("logicalType", kind["type"]))


def _walk(kind: Any, value: Any, leaf: Callable[[str, Any], Any]) -> Any:
    kind = _named(kind)
    if isinstance(kind, list):
        return _walk_union(kind, value, leaf)
    match _name_of(kind):
        case "record":
            return {each["name"]: _walk(each["type"], value[each["name"]], leaf) for each in kind["fields"]}
        case "array":
            return [_walk(kind["items"], each, leaf) for each in value]
        case name:
            return leaf(name, value)


def _walk_union(kinds: list[Any], value: Any, leaf: Callable[[str, Any], Any]) -> Any:
    others = [each for each in kinds if each != "null"]
    if value is None:
        return None
    if len(others) == 1:
        return _walk(others[0], value, leaf)
    if leaf is _written:
        full_name, record = value
        return {full_name: _walk(full_name, record, leaf)}
    ((full_name, record),) = value.items()
    return full_name, _walk(full_name, record, leaf)


def _written(kind: str, value: Any) -> Any:
    match kind:
        case "bytes" | "fixed":
            return value.hex()
        case "timestamp-millis":
            return millis(value)
        case "date":
            return (value - _FIRST_DAY).days
        case _:
            return value


def _read(kind: str, value: Any) -> Any:
    match kind:
        case "bytes" | "fixed":
            return bytes.fromhex(value)
        case "timestamp-millis":
            return EPOCH + value * _MILLISECOND
        case "date":
            return _FIRST_DAY + timedelta(days=value)
        case _:
            return value


def _sample(kind: Any, name: str, field: Mapping[str, Any], fullness: Fullness) -> Any:
    kind = _named(kind)
    full = fullness == "full"
    if isinstance(kind, list):
        last = kind[-1]
        inner = _sample(last, name, field, fullness) if full else None
        return (last, inner) if full and len(kind) > 2 else inner
    match _name_of(kind):
        case "record":
            return {each["name"]: _sample(each["type"], each["name"], each, fullness) for each in kind["fields"]}
        case "array":
            inner = {"max_bytes": field.get("item_max_bytes", 0)}
            return [_sample(kind["items"], name, inner, fullness)] if full else []
        case "string":
            said = _SAID.get(name) or f"{name}1·例"  # with a digit, so that it may be a code
            return said.encode()[: field["max_bytes"]].decode(errors="ignore") if full else ""
        case "bytes":
            return hashlib.sha256(name.encode()).digest()[:5] if full else b""
        case "fixed":
            return hashlib.sha256(name.encode()).digest()[: kind["size"]] if full else bytes(kind["size"])
        case "enum":
            return kind["symbols"][-1 if full else 0]
        case "boolean":
            return full
        case "timestamp-millis":
            return NOW if full else EPOCH
        case "date":
            return date(2026, 12, 20) if full else date(1949, 10, 1)
        case "int":
            return 1 if full else 0
        case _:
            return 300 if full else -1
