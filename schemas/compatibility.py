"""The gate: whether counties of two versions of the contract understand one another, in both directions.

Avro's own rules ("Schema Resolution") look at one direction and at the bytes only; its reference checker calls a
changed unit, scale or privacy class compatible and some changes that lose data, too. Here a released record is only
ever extended: by a field with a default, by symbols of an enumeration that has a default, by a union's branch that no
older county could be sent, by a higher cap (the sender's own codec holds an older reader's cap). Comments may change.
Every other difference is a finding, whether or not today's code would survive it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from schemas import shapes
from schemas.errors import Code, YunhuobanError, declare
from schemas.messages import HUB_TYPES
from schemas.releasefile import CAPS, Contract

REFUSED: Final = declare(
    "E-SCHEMA-010", "标准与已发布的版本不相容，有 {count} 处。", "请逐条改正；已发布的标准只增不改。"
)
DROPPED: Final = declare("E-SCHEMA-011", "已发布的记录或类型不见了，或改了名。", "请恢复；不再使用的也要保留。")
KIND_CHANGED: Final = declare("E-SCHEMA-012", "类型变了。", "请恢复原类型，另加一个有默认值的新字段。")
UNIT_CHANGED: Final = declare(
    "E-SCHEMA-013", "逻辑类型、精度或小数位变了：字节照样能读，读出的值却不同。", "请恢复，另加一个有默认值的新字段。"
)
SIZE_CHANGED: Final = declare("E-SCHEMA-014", "定长类型的长度变了。", "请恢复，另定义一个新类型。")
FIELD_REMOVED: Final = declare("E-SCHEMA-015", "已发布的字段不见了，或改了名。", "请恢复该字段；不再使用的也要保留。")
FIELD_ADDED: Final = declare(
    "E-SCHEMA-016", "新增的字段没有默认值：旧县写的记录新县读不了。", "请给新字段一个默认值，可空字段用 null。"
)
DEFAULT_CHANGED: Final = declare(
    "E-SCHEMA-017", "字段的默认值变了：新旧两县对同一份字节的理解不同。", "请恢复原默认值。"
)
ORDER_CHANGED: Final = declare("E-SCHEMA-018", "已发布的字段次序变了。", "请恢复原次序；新字段可以加在任何位置。")
ALIASED: Final = declare("E-SCHEMA-019", "用了别名：别名只有新县认得。", "请去掉 aliases，保留原名。")
SYMBOLS_CHANGED: Final = declare(
    "E-SCHEMA-020", "枚举的已发布取值不见了，或次序变了。", "请恢复原取值与次序；新取值加在最后。"
)
SYMBOL_ADDED: Final = declare(
    "E-SCHEMA-021", "枚举新增了取值，而已发布的版本没有默认取值：旧县读不了。", "请另加一个有默认值的新字段。"
)
UNION_CHANGED: Final = declare(
    "E-SCHEMA-022", "可选项变了：少了、换了次序，或多了旧县可能收到的一种。", "请恢复，另加一个有默认值的新字段。"
)
CAP_TIGHTENED: Final = declare("E-SCHEMA-023", "上限变小了：旧县合规的记录新县会拒收。", "请恢复原上限，或放宽。")
PII_CHANGED: Final = declare(
    "E-SCHEMA-024", "个人信息类别变了：旧县仍按原类别处理。", "请恢复，另加一个类别正确的新字段。"
)
CODE_CHANGED: Final = declare("E-SCHEMA-025", "明文字段的代码类别变了。", "请恢复，另加一个有默认值的新字段。")
OTHER_CHANGED: Final = declare("E-SCHEMA-026", "已发布的定义变了，且不是注释。", "请恢复原定义。")
SAME_FINGERPRINT: Final = declare(
    "E-SCHEMA-027", "两种记录的指纹相同，收到的字节分不清是哪一种。", "请改变新记录的名称或字段。"
)
ONE_FOR_ALL: Final = declare(
    "E-SCHEMA-028",
    "这种记录一次签名、发给所有的县，不能按县分别编码，旧县会读不了。",
    "请恢复，另定义一种新记录放在旁边。",
)

MESSAGE_CHANGED: Final = declare(
    "E-SCHEMA-035", "已发布的报文类型变了：记录、明文、发送方或接收方不同。", "请恢复，另定义一种新的报文类型。"
)

_COMMENTS: Final = frozenset({"doc"})
_OWN_RULE: Final = frozenset(
    {"name", "type", "fields", "items", "symbols", "size", "default", "aliases", "pii", "code"}
)
_UNITS: Final = ("logicalType", "precision", "scale")
SIGNED_FOR_ALL: Final = frozenset(HUB_TYPES.values()) | {
    "Checkpoint",
    "Refusal",
    "CountyEntry",
    "Offer",
    "KeyStatement",
    "ServiceItem",
    "Implementation",
    "Alliance",
    "AllianceMember",
    "AllianceItem",
    "WindowPowers",
    "Expert",
    "Bundle",
    "ItemDetail",
    "GuideAnswer",
}
"""What one party signs once and many read: the hub's words, and what is carried inside them."""
_NOTHING: Final = object()


def findings(older: Contract, newer: Contract) -> list[YunhuobanError]:
    """Why a county of one of these could misunderstand one of the other; nothing when none could."""
    found: list[YunhuobanError] = []
    for name, before in older.types.items():
        after = newer.types.get(name)
        if after is None:
            found.append(_finding(DROPPED, name, "", name))
        else:
            found += _named(name, before, after, older.types)
    found += [_finding(DROPPED, name, "", name) for name in older.sha256 if name not in newer.sha256]
    for name, carried in older.messages.items():
        now = newer.messages.get(name)
        if now is None:
            found.append(_finding(DROPPED, name, "", name))
        elif dict(now) != dict(carried):
            found.append(_finding(MESSAGE_CHANGED, name, ", ".join(now.values()), ", ".join(carried.values())))
    for name in SIGNED_FOR_ALL & older.sha256.keys() & newer.sha256.keys():
        if older.crc64[name] != newer.crc64[name]:
            found.append(_finding(ONE_FOR_ALL, name, newer.crc64[name], older.crc64[name]))
    owners = {each: name for name, each in older.crc64.items()}
    for name, each in newer.crc64.items():
        if owners.get(each, name) != name:
            found.append(_finding(SAME_FINGERPRINT, name, owners[each], name))
    return sorted(found, key=lambda each: (each.place, each.code.code))


def demand(found: Sequence[YunhuobanError]) -> None:
    """Raise E-SCHEMA-010 with all findings, if there are any, as its `problems`."""
    if found:
        raise IncompatibleError(found)


class IncompatibleError(YunhuobanError):
    """The gate is shut. `problems` are the findings, this error the first of them."""

    def __init__(self, found: Sequence[YunhuobanError]) -> None:
        """All of them."""
        super().__init__(REFUSED, count=str(len(found)))
        self.problems = (YunhuobanError(REFUSED, count=str(len(found))), *found)


def _named(name: str, before: Mapping[str, Any], after: Mapping[str, Any], older: Mapping[str, Any]) -> Iterator[Any]:
    """A named type, by itself or defined where a field uses it."""
    if before["type"] != after["type"]:
        yield _finding(KIND_CHANGED, name, after["type"], before["type"])
        return
    if before.get("name") != after.get("name"):
        yield _finding(DROPPED, name, after.get("name", ""), before.get("name", ""))
    yield from _attributes(name, before, after)
    match before["type"]:
        case "record":
            yield from _fields(name, before["fields"], after["fields"], older)
        case "enum":
            yield from _enum(name, before, after)
        case "fixed" if before["size"] != after["size"]:
            yield _finding(SIZE_CHANGED, name, after["size"], before["size"])


def _fields(record: str, before: Sequence[Any], after: Sequence[Any], older: Mapping[str, Any]) -> Iterator[Any]:
    there = {each["name"]: each for each in before}
    now = {each["name"]: each for each in after}
    for name, field in there.items():
        place = f"{record}.{name}"
        if name not in now:
            yield _finding(FIELD_REMOVED, place, "", name)
            continue
        yield from _attributes(place, field, now[name])
        if not _same(field.get("default", _NOTHING), now[name].get("default", _NOTHING)):
            yield _finding(DEFAULT_CHANGED, place, now[name].get("default", "-"), field.get("default", "-"))
        yield from _kind(place, field["type"], now[name]["type"], older)
    for name, field in now.items():
        if name not in there and "default" not in field:
            yield _finding(FIELD_ADDED, f"{record}.{name}", "-", "default")
        if name not in there and "aliases" in field:
            yield _finding(ALIASED, f"{record}.{name}", field["aliases"], "-")
    kept = [name for name in now if name in there]
    if kept != [name for name in there if name in now]:
        yield _finding(ORDER_CHANGED, record, ", ".join(kept), ", ".join(there))


def _kind(place: str, before: Any, after: Any, older: Mapping[str, Any]) -> Iterator[Any]:
    """The type of a field or item."""
    if isinstance(before, list) and isinstance(after, list):
        yield from _union(place, before, after, older)
    elif isinstance(before, list) or isinstance(after, list):
        yield _finding(UNION_CHANGED, place, _shown(after), _shown(before))
    elif isinstance(before, str) and isinstance(after, str):
        if before != after:
            yield _finding(KIND_CHANGED, place, after, before)
    else:
        before, after = ({"type": each} if isinstance(each, str) else each for each in (before, after))
        if before["type"] != after["type"] or before.get("name") != after.get("name"):
            yield _finding(KIND_CHANGED, place, _shown(after), _shown(before))
        elif before["type"] == "array":
            yield from _attributes(place, before, after)
            yield from _kind(f"{place}[]", before["items"], after["items"], older)
        else:
            yield from _named(place, before, after, older)


def _union(place: str, before: list[Any], after: list[Any], older: Mapping[str, Any]) -> Iterator[Any]:
    """Branches stay where they are. One may come after them if it is a record that the older version does not have.

    Only a message type that is new, too, can carry it, and the codec refuses to write that for the older version.
    """
    more = after[len(before) :]
    new = all(isinstance(each, str) and "." in each and _short(each) not in older for each in more)
    if len(after) < len(before) or not new or (more and len(before) < 3):
        yield _finding(UNION_CHANGED, place, _shown(after), _shown(before))
        return
    for one, other in zip(before, after, strict=False):
        if _shown(one) != _shown(other):
            yield _finding(UNION_CHANGED, place, _shown(after), _shown(before))
            return
        yield from _kind(place, one, other, older)


def _enum(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Any]:
    one, other = before["symbols"], after["symbols"]
    if other[: len(one)] != one:
        yield _finding(SYMBOLS_CHANGED, place, ", ".join(other), ", ".join(one))
    elif len(other) > len(one) and "default" not in before:
        yield _finding(SYMBOL_ADDED, place, ", ".join(other[len(one) :]), "-")
    if before.get("default") != after.get("default"):
        yield _finding(DEFAULT_CHANGED, place, after.get("default", "-"), before.get("default", "-"))


def _attributes(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Any]:
    """Everything said of a type or field beside what it is made of; a comment may say something else tomorrow."""
    if "aliases" in after:
        yield _finding(ALIASED, place, after["aliases"], "-")
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name, _NOTHING), after.get(name, _NOTHING)
        if _same(one, other):
            continue
        shown = (str(other) if other is not _NOTHING else "-", str(one) if one is not _NOTHING else "-")
        if name in CAPS:
            if type(one) is not int or type(other) is not int or other < one:
                yield _finding(CAP_TIGHTENED, f"{place} {name}", *shown)
        elif name in _UNITS:
            yield _finding(UNIT_CHANGED, place, *shown)
        elif name in ("pii", "code"):
            yield _finding(PII_CHANGED if name == "pii" else CODE_CHANGED, place, *shown)
        elif name not in _COMMENTS | _OWN_RULE:
            yield _finding(OTHER_CHANGED, f"{place} {name}", *shown)


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: in JSON false is not 0."""
    return type(one) is type(other) and bool(one == other)


def _short(name: str) -> str:
    return name.removeprefix(f"{shapes.NAMESPACE}.")


def _shown(kind: Any) -> str:
    """A type in a few words."""
    if isinstance(kind, list):
        return " | ".join(map(_shown, kind))
    return _short(kind) if isinstance(kind, str) else str(kind.get("name", kind["type"]))


def _finding(code: Code, place: str, found: object, expected: object) -> YunhuobanError:
    return YunhuobanError(code, place=place, found=str(found)[:200], expected=str(expected)[:200])
