"""Values, tokens and worst cases of every record, made from the published schemas and from nothing of the codec.

The encoder here is a second, independent one (Avro 1.11 specification, "Binary Encoding"). It yields tokens instead of
bytes, so that a test can replace exactly one of them by a hostile one and say which field must be named.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from schemas import shapes
from schemas.errors import YunhuobanError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1)
LAST_MILLI = 4_102_444_800_000
FIRST_DAY, LAST_DAY = -36_525, 109_573


class Token(NamedTuple):
    """A piece of an encoding: where it belongs, what it is, and the largest size, count or index it may state."""

    place: str
    kind: str
    data: bytes
    cap: int = 0


def attempt(call: Callable[..., Any], *args: Any) -> tuple[Any, YunhuobanError | None]:
    """What a call returns, or the declared error it raises; any other exception comes through."""
    try:
        return call(*args), None
    except YunhuobanError as error:
        return None, error


def varint(value: int) -> bytes:
    """Zig-zag and base 128, shortest form; values beyond 64 bits are written just as long as they are."""
    left = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*out, left])


def padded(data: bytes) -> bytes:
    """The same number, one byte longer than it must be."""
    return data[:-1] + bytes([data[-1] | 0x80, 0])


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _named(kind: Any) -> Any:
    return shapes.raw().get(_short(kind), kind) if isinstance(kind, str) else kind


def tokens(name: str, value: dict[str, Any]) -> list[Token]:
    """The body of a record's encoding (without its header) in tokens."""
    return list(_tokens(shapes.raw()[name], value, "", {}))


def joined(parts: list[Token]) -> bytes:
    """The bytes of tokens."""
    return b"".join(each.data for each in parts)


def _tokens(kind: Any, value: Any, place: str, field: dict[str, Any]) -> Iterator[Token]:
    kind = _named(kind)
    if isinstance(kind, list):
        yield from _union_tokens(kind, value, place, field)
        return
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    match name:
        case "null":
            return
        case "boolean":
            yield Token(place, name, b"\1" if value else b"\0")
        case "int" | "long":
            yield Token(place, name, varint(value))
        case "timestamp-millis":
            yield Token(place, name, varint((value - EPOCH) // timedelta(milliseconds=1)))
        case "date":
            yield Token(place, name, varint((value - EPOCH_DAY).days))
        case "string" | "bytes":
            body = value.encode() if name == "string" else value
            yield Token(place, "size", varint(len(body)), field["max_bytes"])
            yield Token(place, name, body)
        case "fixed":
            yield Token(place, name, value, kind["size"])
        case "enum":
            yield Token(place, name, varint(kind["symbols"].index(value)), len(kind["symbols"]))
        case "array":
            if value:
                yield Token(place, "count", varint(len(value)), field["max_items"])
            for each in value:
                yield from _tokens(kind["items"], each, f"{place}[]", {"max_bytes": field.get("item_max_bytes")})
            yield Token(place, "end", b"\0")
        case "record":
            for each in kind["fields"]:
                yield from _tokens(each["type"], value[each["name"]], f"{place}.{each['name']}".lstrip("."), each)
        case _:
            raise AssertionError(name)


def _union_tokens(kinds: list[Any], value: Any, place: str, field: dict[str, Any]) -> Iterator[Token]:
    if isinstance(value, tuple):
        index = [_short(each) if isinstance(each, str) else "" for each in kinds].index(_short(value[0]))
        value = value[1]
    else:
        index = 0 if value is None else 1
    yield Token(place, "union", varint(index), len(kinds))
    yield from _tokens(kinds[index], value, place, field)


def values(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any value that a record of the contract may have (long texts and lists are kept short)."""
    return _values(shapes.raw()[name], {})


def _values(kind: Any, field: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = _named(kind)
    if isinstance(kind, list):
        others = [each for each in kind if each != "null"]
        if len(others) == 1:
            return st.none() | _values(others[0], field)
        return st.one_of(st.none(), *(st.tuples(st.just(each), _values(each, field)) for each in others))
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    match name:
        case "boolean":
            return st.booleans()
        case "int":
            return st.integers(-(2**31), 2**31 - 1)
        case "long":
            return st.integers(-(2**63), 2**63 - 1)
        case "timestamp-millis":
            return st.integers(0, LAST_MILLI).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
        case "date":
            return st.integers(FIRST_DAY, LAST_DAY).map(lambda days: EPOCH_DAY + timedelta(days=days))
        case "string":
            # A character takes at most four bytes.
            return st.text(st.characters(codec="utf-8"), max_size=min(field["max_bytes"] // 4, 30))
        case "bytes":
            return st.binary(max_size=min(field["max_bytes"], 60))
        case "fixed":
            return st.binary(min_size=kind["size"], max_size=kind["size"])
        case "enum":
            return st.sampled_from(kind["symbols"])
        case "array":
            inner = {"max_bytes": field.get("item_max_bytes")}
            return st.lists(_values(kind["items"], inner), max_size=min(field["max_items"], 3))
        case "record":
            return st.fixed_dictionaries({each["name"]: _values(each["type"], each) for each in kind["fields"]})
        case _:
            raise AssertionError(name)


def plain(name: str) -> dict[str, Any]:
    """One value with something in every field: no null, no empty list, no empty text."""
    return _plain(shapes.raw()[name], {})


def _plain(kind: Any, field: dict[str, Any]) -> Any:
    kind = _named(kind)
    if isinstance(kind, list):
        return (kind[-1], _plain(kind[-1], field)) if len(kind) > 2 else _plain(kind[-1], field)
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    match name:
        case "boolean":
            return True
        case "int" | "long":
            return 7
        case "timestamp-millis":
            return datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
        case "date":
            return date(2026, 11, 22)
        case "string":
            return "abc"[: field["max_bytes"]]
        case "bytes":
            return b"abc"
        case "fixed":
            return b"f" * kind["size"]
        case "enum":
            return kind["symbols"][0]
        case "array":
            return [_plain(kind["items"], {"max_bytes": field.get("item_max_bytes")})] * min(2, field["max_items"])
        case _:
            return {each["name"]: _plain(each["type"], each) for each in kind["fields"]}


def bare_value(name: str) -> dict[str, Any]:
    """One value with as little as possible: every null, every list and text empty, every enum its last symbol."""
    return _bare(shapes.raw()[name])


def _bare(kind: Any) -> Any:
    kind = _named(kind)
    if isinstance(kind, list):
        return None
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    match name:
        case "enum":
            return kind["symbols"][-1]
        case "fixed":
            return bytes(kind["size"])
        case "record":
            return {each["name"]: _bare(each["type"]) for each in kind["fields"]}
        case "timestamp-millis":
            return EPOCH
        case "date":
            return EPOCH_DAY
        case _:
            return {"boolean": False, "int": -(2**31), "long": 2**63 - 1, "string": "", "bytes": b"", "array": []}[name]


def crowded(name: str, limit: int) -> bytes:
    """The valid body with the most items that `limit` bytes hold: every list as long as it may be, every item tiny."""
    return _crowded(shapes.raw()[name], {}, limit)


def _crowded(kind: Any, field: dict[str, Any], limit: int) -> bytes:
    kind = _named(kind)
    if isinstance(kind, list):
        return b"\0"
    name = kind if isinstance(kind, str) else kind["type"]
    match name:
        case "fixed":
            return bytes(kind["size"])
        case "array":
            item = _crowded(kind["items"], {}, limit)
            count = min(field["max_items"], max(limit - 100, 0) // len(item))
            return varint(count) + item * count + b"\0" if count else b"\0"
        case "record":
            out = b""
            for each in kind["fields"]:
                out += _crowded(each["type"], each, limit - len(out))
            return out
        case _:
            return b"\0"
