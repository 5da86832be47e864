"""Walks encoded Avro before anything decodes it, so that hostile bytes cost nothing and crash nothing.

fastavro's reader accepts enum index -1, a boolean of 2, a twenty-byte varint, and lets an array of 2^40 nulls eat
the memory. This walker reads the bytes along the schema, builds nothing, and stops at the first place that is not
the one canonical encoding within its cap (Avro 1.11 specification, "Binary Encoding"). What it lets through has
exactly one encoding, so nobody needs to encode it again to see that (a test does, for every record).

An error says where, and which limit was passed, never the value: bytes put in the wrong place may be a name.
"""

from collections.abc import Callable
from typing import Any, Final

from schemas.errors import Code, YunhuobanError, declare

NOT_CANONICAL: Final = declare(
    "E-CODEC-001", "编码不规范。", "请用标准编码器重新编码：整数最短形式，数组一块，布尔只用 0 和 1。"
)
TOO_LARGE: Final = declare("E-CODEC-002", "字段超过上限。", "请缩短该字段或减少条目后重新报送。")
CUT_SHORT: Final = declare("E-CODEC-003", "报文不完整，字节提前结束。", "请重新发送完整的报文。")
TRAILING: Final = declare("E-CODEC-004", "报文之后还有多余的字节。", "请去掉多余的字节后重新发送。")
NOT_UTF8: Final = declare("E-CODEC-005", "文字不是有效的 UTF-8。", "请把文字转换为 UTF-8 后重新编码。")
OUT_OF_RANGE: Final = declare("E-CODEC-006", "数值超出范围。", "请检查该字段的取值。")

Walker = Callable[[bytes, int], int]

_MILLIS: Final = (0, 4_102_444_800_000)  # 1970 to 2100
_DAYS: Final = (-36_525, 109_573)  # 1870 to 2270: birth dates lie before 1970
RANGES: Final = {
    ("int", None): (-(2**31), 2**31 - 1),
    ("long", None): (-(2**63), 2**63 - 1),
    ("long", "timestamp-millis"): _MILLIS,
    ("int", "date"): _DAYS,
}


def _refuse(code: Code, place: str, found: object, expected: object) -> YunhuobanError:
    return YunhuobanError(code, place=place, found=str(found), expected=str(expected))


def outside(place: str, value: int, low: int, high: int) -> YunhuobanError:
    """The error of a number outside its range. It names the side only: the number itself may identify a person."""
    return _refuse(OUT_OF_RANGE, place, f"< {low}" if value < low else f"> {high}", f"{low}..{high}")


def _excess(place: str, amount: int, left: int, cap: int) -> YunhuobanError:
    """The error of a length or count over its cap. One beyond the message is no size but misread bytes."""
    return _refuse(TOO_LARGE, place, amount if amount <= left else f"> {left} (all that is left)", f"<= {cap}")


def read_long(data: bytes, at: int, place: str) -> tuple[int, int]:
    """Read one zig-zag varint in its shortest form; returns the value and the next position."""
    shift = value = 0
    start = at
    while True:
        if at >= len(data):
            raise _refuse(CUT_SHORT, place, len(data), "more bytes")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 63:
            raise _refuse(NOT_CANONICAL, place, "varint > 10 bytes", "<= 10 bytes")
    if value >= 2**64 or (byte == 0 and at - start > 1):
        raise _refuse(NOT_CANONICAL, place, "varint with padding", "shortest form")
    return (value >> 1) ^ -(value & 1), at


def _amount(data: bytes, at: int, place: str) -> tuple[int, int]:
    """Read a length, count or index: read_long, quicker for the one byte that it nearly always is."""
    if at < len(data) and (byte := data[at]) < 0x80:
        return (~(byte >> 1) if byte & 1 else byte >> 1), at + 1
    return read_long(data, at, place)


def _number(kind: str, logical: str | None, place: str) -> Walker:
    low, high = RANGES[(kind, logical)]

    def walk(data: bytes, at: int) -> int:
        value, at = read_long(data, at, place)
        if not low <= value <= high:
            raise outside(place, value, low, high)
        return at

    return walk


def _sized(place: str, cap: int, *, text: bool) -> Walker:
    def walk(data: bytes, at: int) -> int:
        size, at = _amount(data, at, place)
        if size < 0:
            raise _refuse(NOT_CANONICAL, place, "< 0", ">= 0")
        if size > cap:
            raise _excess(place, size, len(data) - at, cap)
        end = at + size
        if end > len(data):
            raise _refuse(CUT_SHORT, place, len(data), end)
        if text:
            try:
                data[at:end].decode("utf-8")
            except UnicodeDecodeError as error:
                start = error.start  # the error itself holds the bytes: it must not become this one's context
            else:
                return end
            raise _refuse(NOT_UTF8, place, f"byte {start}", "UTF-8")
        return end

    return walk


def _fixed(place: str, size: int) -> Walker:
    def walk(data: bytes, at: int) -> int:
        if at + size > len(data):
            raise _refuse(CUT_SHORT, place, len(data), at + size)
        return at + size

    return walk


def _boolean(place: str) -> Walker:
    def walk(data: bytes, at: int) -> int:
        if at >= len(data):
            raise _refuse(CUT_SHORT, place, len(data), at + 1)
        if data[at] > 1:
            raise _refuse(NOT_CANONICAL, place, "> 1", "0 | 1")
        return at + 1

    return walk


def _index(place: str, branches: list[Walker]) -> Walker:
    """A union, or with no-op branches an enum: an index that must be one of those there are."""

    def walk(data: bytes, at: int) -> int:
        index, at = _amount(data, at, place)
        if not 0 <= index < len(branches):
            raise outside(place, index, 0, len(branches) - 1)
        return branches[index](data, at)

    return walk


def _array(place: str, items: Walker, cap: int, *, item_bytes: int | None = None) -> Walker:
    """An array; with `item_bytes` one of fixed items, which are stepped over together."""

    def walk(data: bytes, at: int) -> int:
        count, at = _amount(data, at, place)
        if count < 0:
            raise _refuse(NOT_CANONICAL, place, "block with size", "plain block")
        if count > cap:
            raise _excess(place, count, len(data) - at, cap)
        if count == 0:
            return at
        if item_bytes is None:
            for _ in range(count):
                at = items(data, at)
        else:
            at += count * item_bytes  # beyond the end, the next read says so
        end, at = _amount(data, at, place)
        if end != 0:
            raise _refuse(NOT_CANONICAL, place, "second block", "one block")
        return at

    return walk


def _record(walkers: list[Walker]) -> Walker:
    def walk(data: bytes, at: int) -> int:
        for each in walkers:
            at = each(data, at)
        return at

    return walk


def _nothing(_data: bytes, at: int) -> int:
    return at


def compile_walker(schema: dict[str, Any]) -> Walker:
    """Make the walker of one expanded record. Raises KeyError for a string, bytes or array without a cap."""
    named: dict[str, dict[str, Any]] = {}

    def build(kind: Any, place: str, field: dict[str, Any]) -> Walker:
        if isinstance(kind, list):
            return _index(place, [build(each, place, field) for each in kind])
        name = kind if isinstance(kind, str) else kind["type"]
        if name in ("record", "enum", "fixed"):
            named[kind["name"]] = kind
        match name:
            case "null":
                return _nothing
            case "boolean":
                return _boolean(place)
            case "int" | "long":
                return _number(name, None if isinstance(kind, str) else kind.get("logicalType"), place)
            case "string" | "bytes":
                return _sized(place, field["max_bytes"], text=name == "string")
            case "array":
                items = kind["items"]
                inner = {"max_bytes": field["item_max_bytes"]} if items in ("string", "bytes") else {}
                walker = build(items, f"{place}[]", inner)
                return _array(place, walker, field["max_items"], item_bytes=_size(items, named))
            case "enum":
                return _index(place, [_nothing] * len(kind["symbols"]))
            case "fixed":
                return _fixed(place, kind["size"])
            case "record":
                return _record([build(f["type"], f"{place}.{f['name']}".lstrip("."), f) for f in kind["fields"]])
            case _:
                # A second use is built anew, so that its errors name its own place. No type contains itself (a test).
                return build(named[_short(name)], place, {})

    return build(schema, "", {})


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _size(items: Any, named: dict[str, dict[str, Any]]) -> int | None:
    """The size of a fixed item, None for any other kind of item."""
    kind = named.get(_short(items), {}) if isinstance(items, str) else items
    return int(kind["size"]) if kind.get("type") == "fixed" else None


def walk_all(walker: Walker, data: bytes, start: int) -> None:
    """Walk from `start` to the very end. Raises YunhuobanError (E-CODEC-…) at the first byte that is wrong."""
    end = walker(data, start)
    if end != len(data):
        raise _refuse(TRAILING, "", len(data) - end, 0)
