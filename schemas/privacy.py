"""The privacy lint: every field has a class, and nothing personal stands where the hub or a stranger could read it.

In the clear travel an envelope's fields but for `data`, with its `facts`. There every text is a code of one of the
classes below, named by the field's annotation `code`: numbers and words that a system gives, never what somebody wrote.
What the hub reads or says itself holds no personal field either (domain §8.2, P3 and P4). Pure.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas import attachments, shapes
from schemas.compatibility import SIGNED_FOR_ALL
from schemas.errors import Code, YunhuobanError, declare
from schemas.identifiers.citizen import CitizenNumber
from schemas.messages import TYPES, Party

UNCLASSED: Final = declare("E-SCHEMA-040", "字段没有个人信息类别。", "请写明 pii：none、basic 或 sensitive。")
PERSONAL_IN_CLEAR: Final = declare(
    "E-SCHEMA-041", "个人信息出现在明文里或中枢读得到的记录里。", "请移到加密的正文里，明文只留代码、数字与日期。"
)
FREE_TEXT: Final = declare(
    "E-SCHEMA-042", "明文里的文字没有代码类别，可能写进任何内容。", "请用 code 写明代码类别，或移到加密的正文里。"
)
OPAQUE: Final = declare(
    "E-SCHEMA-043", "明文里不能有不定长的字节：看不出装的是什么。", "请改用定长摘要，或移到加密的正文里。"
)
UNDERCLASSED: Final = declare(
    "E-SCHEMA-044", "字段的个人信息类别低于它所含内容的类别。", "请写成所含内容中最高的类别。"
)

CLASSES: Final = ("none", "basic", "sensitive")
"""From what anybody may know to what harms a person (PIPL art. 28): identity numbers, licenses with a face."""
CODES: Final = frozenset(
    {
        "alliance", "authorisation_no", "case_no", "claim_id", "dataschema", "division_code", "expert_no", "hall_no",
        "license_identifier", "material_code", "message_id", "message_type", "party", "refusal_code", "service_item",
        "slot_no", "station_no", "stock_kind", "stock_serial", "suite", "traceparent",
    }
)  # fmt: skip
"""The classes of codes that may stand in the clear."""
_A_CODE: Final = re.compile(r"[!-~]*|(?=[^0-9]*[0-9])\S*")
ENVELOPE: Final = "Envelope"
_ENCRYPTED: Final = "data"
_LONGEST_CODE: Final = 128
_IDENTITY_NUMBER_CHARACTERS: Final = 18
_OUTSIDE: Final = frozenset({"DirectoryRequest", *attachments.RECORDS.values()})
"""What a county says outside an envelope."""


def findings(types: Mapping[str, Mapping[str, Any]]) -> list[YunhuobanError]:
    """Everything in these named types that the lint does not let pass, in the order of its places."""
    found: list[YunhuobanError] = []
    for name, kind in types.items():
        for field in kind.get("fields", ()):
            found += _class(types, f"{name}.{field['name']}", field)
    for place, field in clear_fields(types):
        found += _clear(types, place, field)
    for record in read_by_the_hub():
        found += [
            _finding(PERSONAL_IN_CLEAR, place, field.get("pii"), "none")
            for place, field in _inside(types, record, frozenset())
            if field.get("pii") != "none"
        ]
    unique = {(each.place, each.code.code): each for each in found}
    return [unique[key] for key in sorted(unique)]


def is_code(text: str) -> bool:
    """Whether a text in the clear can be a code: no spaces or control characters, and no word without a digit in it.

    Numbers on stock and of halls may hold a province's character; a name holds no digit, and an identity number with a
    right check digit is what somebody typed into the wrong field.
    """
    if not text.isprintable() or _A_CODE.fullmatch(text) is None:
        return False
    if len(text) != _IDENTITY_NUMBER_CHARACTERS:
        return True
    try:
        CitizenNumber.parse(text)
    except YunhuobanError:
        return True
    return False


def is_clear(record: Mapping[str, Any]) -> bool:
    """Whether every text of a record that stands in no envelope is a code: it travels in the clear and into logs."""
    return all(is_code(each) for each in record.values() if isinstance(each, str))


def clear_fields(types: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field that travels unencrypted in an envelope, with its place, down to the last."""
    yield from _inside(types, ENVELOPE, frozenset({_ENCRYPTED}))


def read_by_the_hub() -> list[str]:
    """The records that the hub reads or says, beside envelopes."""
    to_hub = [kind.record for kind in TYPES.values() if kind.receiver is Party.HUB]
    return sorted({*to_hub, *SIGNED_FOR_ALL, *_OUTSIDE})


def highest(types: Mapping[str, Mapping[str, Any]], kind: Any) -> str:
    """The highest class of what a type holds; `none` for what holds no classed field."""
    classes = [
        field["pii"]
        for part in _parts(types, kind)
        if isinstance(part, Mapping) and part.get("type") == "record"
        for _, field in _inside(types, part["name"], frozenset())
        if field.get("pii") in CLASSES
    ]
    return max(classes, key=CLASSES.index, default="none")


def _inside(
    types: Mapping[str, Mapping[str, Any]], record: str, but: frozenset[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The fields of a record and of those that it holds."""
    for field in types.get(record, {}).get("fields", ()):
        if field["name"] in but:
            continue
        yield f"{record}.{field['name']}", field
        for part in _parts(types, field["type"]):
            if isinstance(part, Mapping) and part.get("type") == "record":
                yield from _inside(types, part["name"], frozenset())


def _class(types: Mapping[str, Mapping[str, Any]], place: str, field: Mapping[str, Any]) -> Iterator[YunhuobanError]:
    if field.get("pii") not in CLASSES:
        yield _finding(UNCLASSED, place, field.get("pii", "-"), " | ".join(CLASSES))
        return
    inner = highest(types, field["type"])
    if CLASSES.index(field["pii"]) < CLASSES.index(inner):
        yield _finding(UNDERCLASSED, place, field["pii"], inner)


def _clear(types: Mapping[str, Mapping[str, Any]], place: str, field: Mapping[str, Any]) -> Iterator[YunhuobanError]:
    if field.get("pii") != "none":
        yield _finding(PERSONAL_IN_CLEAR, place, field.get("pii", "-"), "none")
    for part in _parts(types, field["type"]):
        if part == "string":
            cap = field.get("max_bytes", field.get("item_max_bytes", _LONGEST_CODE + 1))
            if field.get("code") not in CODES or cap > _LONGEST_CODE:
                yield _finding(FREE_TEXT, place, f"{field.get('code', '-')}, {cap}", f"code, <= {_LONGEST_CODE}")
        elif part in ("bytes", "float", "double") or (
            isinstance(part, Mapping) and part.get("type") in ("bytes", "map")
        ):
            yield _finding(OPAQUE, place, part if isinstance(part, str) else part["type"], "fixed")


def _parts(types: Mapping[str, Mapping[str, Any]], kind: Any) -> Iterator[Any]:
    """A type and the types inside it; records stay closed."""
    if isinstance(kind, list):
        for each in kind:
            yield from _parts(types, each)
        return
    yield types.get(kind.removeprefix(f"{shapes.NAMESPACE}."), kind) if isinstance(kind, str) else kind
    if isinstance(kind, Mapping) and kind["type"] == "array":
        yield from _parts(types, kind["items"])


def _finding(code: Code, place: str, found: object, expected: str) -> YunhuobanError:
    return YunhuobanError(code, place=place, found=str(found), expected=expected)
