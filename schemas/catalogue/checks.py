"""What is wrong with a catalogue: of one object, and of objects that refer to each other. All of it, not the first.

Whatever passes can be encoded, published and exported without loss: a text that a spreadsheet would take for a formula
is not let in, because an export opens on somebody's desk.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from schemas import directory as form
from schemas import shapes
from schemas.catalogue.model import (
    Alliance,
    AllianceItem,
    AllianceMember,
    BusinessItem,
    Dated,
    Entity,
    Implementation,
    LimitUnit,
    ListedMaterial,
    ServiceItem,
)
from schemas.errors import Code, YunhuobanError, declare
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.item import BASIC_LENGTH, IMPLEMENTATION_LENGTH, ItemCode

TEXT_WRONG: Final = declare(
    "E-CAT-001",
    "文字不合要求：过长、首尾有空白、含不可见字符，或以 = + - @ 开头。",
    "请缩短或改写；电子表格会把以 = + - @ 开头的内容当作公式。",
)
EMPTY: Final = declare("E-CAT-002", "此处不能留空。", "请填写这一格。")
SHORT_CODE_WRONG: Final = declare(
    "E-CAT-003", "编码的写法不对。", "联盟编号与材料编码用1至20个大写字母、数字或连字符；办理项编码末两位用数字。"
)
ITEM_CODE_LENGTH: Final = declare(
    "E-CAT-004", "此处的事项编码位数不对。", "事项用12位基本编码，实施清单用31位实施编码，业务办理项用33位编码。"
)
PROMISE_TOO_LONG: Final = declare(
    "E-CAT-005",
    "承诺时限长于法定时限。",
    "请缩短承诺时限；单位不同时按每月30天、每年365天、每5个工作日7天折算后比较。",
)
NUMBER_WRONG: Final = declare("E-CAT-006", "目录中的数字超出该栏的范围。", "请按预期的范围填写。")
ENDS_BEFORE: Final = declare("E-CAT-007", "有效期止早于有效期起。", "请核对两个日期。")
TWICE: Final = declare("E-CAT-008", "同一编码出现了两次。", "请只保留一行。")
REFERS_NOWHERE: Final = declare("E-CAT-009", "所引用的编码在目录中不存在。", "请先在相应的工作表中登记，或核对编码。")
_SHORT: Final = re.compile(r"[A-Z0-9-]{1,20}")
_HANDLING: Final = re.compile(r"[0-9]{2}")
_FIRST_OF_FORMULA: Final = ("=", "+", "-", "@")
_DAYS: Final = {
    LimitUnit.WORKING_DAY: (7, 5),
    LimitUnit.DAY: (1, 1),
    LimitUnit.MONTH: (30, 1),
    LimitUnit.YEAR: (365, 1),
}
_MOST_DAYS: Final = 9999
_DAY_SECONDS: Final = 24 * 3600
_LONGEST_STATE_AGE_SECONDS: Final = 366 * _DAY_SECONDS
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2269, 12, 31)
_MAY_BE_EMPTY: Final = frozenset(
    {
        "power_source", "accept_condition", "handle_flow", "result_name", "license_template", "special_procedure",
        "transact_addr", "transact_time", "link_way", "supervise_way", "agreement",
    }
)  # fmt: skip


class Fault(NamedTuple):
    """One thing that is wrong: at which field of an object, and within it at which material or business item."""

    field: str
    error: YunhuobanError
    part: int | None = None


def faults(entity: Entity) -> Iterator[Fault]:
    """Everything that is wrong with one object by itself."""
    yield from _texts(entity, type(entity).__name__)
    match entity:
        case ServiceItem():
            yield from _code("code", entity.code, BASIC_LENGTH)
            if not entity.modes:
                yield _fault("modes", EMPTY)
            if len(set(entity.modes)) != len(entity.modes):
                yield _fault("modes", TWICE, " ".join(entity.modes))
            yield from _parts(entity.materials, "materials", "ServiceItem", lambda each: each.code, _SHORT)
        case Implementation():
            yield from _division("county", entity.county)
            yield from _code("code", entity.code, IMPLEMENTATION_LENGTH)
            yield from _numbers(entity)
            yield from _parts(
                entity.business_items, "business_items", "Implementation", lambda each: each.handling, _HANDLING
            )
        case Alliance():
            yield from _short("id", entity.id)
        case AllianceMember():
            yield from _short("alliance", entity.alliance)
            yield from _division("county", entity.county)
        case AllianceItem():
            yield from _short("alliance", entity.alliance)
            yield from _code("service_item", entity.service_item, BASIC_LENGTH)
    if not isinstance(entity, ServiceItem):
        yield from _interval(entity)


def references(key: str) -> tuple[str, ...]:
    """The keys that an entry under this key refers to: its item, its alliance."""
    kind, _, rest = key.partition("/")
    first, _, second = rest.partition("/")
    match kind:
        case form.IMPLEMENTATION:
            return (form.item_key(second[IMPLEMENTATION_LENGTH - BASIC_LENGTH :]),)
        case form.MEMBER:
            return (form.alliance_key(first),)
        case form.ALLIANCE_ITEM:
            return (form.alliance_key(first), form.item_key(second))
        case _:
            return ()


def dangling(entity: Entity, known: Collection[str]) -> Iterator[Fault]:
    """References to keys that are not `known`."""
    for key in references(entity.key):
        if key not in known:
            item = "service_item" if isinstance(entity, AllianceItem) else "code"
            field = "alliance" if form.kind_of(key) == form.ALLIANCE else item
            yield _fault(field, REFERS_NOWHERE, key)


def _texts(thing: Any, record: str, place: str = "", part: int | None = None) -> Iterator[Fault]:
    for name, most in _text_caps(record).items():
        said = text_fault(getattr(thing, name), most, may_be_empty=name in _MAY_BE_EMPTY)
        if said is not None:
            yield Fault(f"{place}.{name}" if place else name, said, part)


def text_fault(text: str, most: int, *, may_be_empty: bool) -> YunhuobanError | None:
    """What is wrong with a text of at most `most` bytes, if anything: E-CAT-001 or -002."""
    if not text:
        return None if may_be_empty else YunhuobanError(EMPTY)
    size = len(text.encode("utf-8", "replace"))
    if size > most:
        return YunhuobanError(TEXT_WRONG, found=f"{size} bytes", expected=f"<= {most} bytes")
    if text != text.strip() or text.startswith(_FIRST_OF_FORMULA):
        return YunhuobanError(TEXT_WRONG, found=f"U+{ord(text[0]):04X} … U+{ord(text[-1]):04X}")
    strange = next((each for each in text if not each.isprintable() and each != "\n"), None)
    if strange is not None:
        return YunhuobanError(TEXT_WRONG, found=f"U+{ord(strange):04X}")
    return None


@cache
def _text_caps(record: str) -> Mapping[str, int]:
    fields = shapes.raw()[record]["fields"]
    return {each["name"]: each["max_bytes"] for each in fields if each["type"] == "string"}


@cache
def _most(record: str, field: str) -> int:
    (found,) = (each["max_items"] for each in shapes.raw()[record]["fields"] if each["name"] == field)
    return int(found)


def _parts(
    parts: Collection[ListedMaterial | BusinessItem],
    field: str,
    record: str,
    code_of: Callable[[Any], str],
    shape: re.Pattern[str],
) -> Iterator[Fault]:
    if len(parts) > _most(record, field):
        yield _fault(field, NUMBER_WRONG, str(len(parts)), f"<= {_most(record, field)}")
    seen: Counter[str] = Counter()
    for at, each in enumerate(parts):
        yield from _texts(each, type(each).__name__, field, at)
        code = code_of(each)
        name = "code" if isinstance(each, ListedMaterial) else "handling"
        seen[code] += 1
        if code and not shape.fullmatch(code):
            yield Fault(
                f"{field}.{name}", YunhuobanError(SHORT_CODE_WRONG, found=code[:20], expected=shape.pattern), at
            )
        elif seen[code] == 2:
            yield Fault(f"{field}.{name}", YunhuobanError(TWICE, found=code[:20]), at)


def _numbers(entity: Implementation) -> Iterator[Fault]:
    within = True
    for name, most in (
        ("anticipate_day", _MOST_DAYS), ("promise_day", _MOST_DAYS), ("limit_scene_num", 99),
        ("greatest_state_age_seconds", _LONGEST_STATE_AGE_SECONDS),
    ):  # fmt: skip
        value = getattr(entity, name)
        if not 0 <= value <= most:
            within = False
            yield _fault(name, NUMBER_WRONG, str(value)[:20], f"0…{most}")
    if entity.greatest_state_age_seconds % _DAY_SECONDS:
        yield _fault(
            "greatest_state_age_seconds", NUMBER_WRONG, str(entity.greatest_state_age_seconds)[:20], "n x 86400"
        )
    if within and longer(entity.promise_day, entity.promise_type, entity.anticipate_day, entity.anticipate_type):
        promised, stated = (
            f"{entity.promise_day} {entity.promise_type}",
            f"{entity.anticipate_day} {entity.anticipate_type}",
        )
        yield _fault("promise_day", PROMISE_TOO_LONG, promised, f"<= {stated}")


def longer(amount: int, unit: LimitUnit, than: int, than_unit: LimitUnit) -> bool:
    """Whether a limit is longer than another; different units are compared in days."""
    up, down = _DAYS[unit]
    than_up, than_down = _DAYS[than_unit]
    return amount * up * than_down > than * than_up * down


def _interval(entity: Dated) -> Iterator[Fault]:
    for name in ("valid_from", "valid_to"):
        day = getattr(entity, name)
        if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
            yield _fault(name, NUMBER_WRONG, day.isoformat(), f"{_FIRST_DAY}…{_LAST_DAY}")
    if entity.valid_to is not None and entity.valid_to < entity.valid_from:
        yield _fault("valid_to", ENDS_BEFORE, entity.valid_to.isoformat(), f">= {entity.valid_from}")


def _code(field: str, text: str, length: int) -> Iterator[Fault]:
    if not text:
        return
    if len(text) != length:
        yield _fault(field, ITEM_CODE_LENGTH, f"len={len(text)}", f"len={length}")
        return
    try:
        ItemCode.parse(text)
    except YunhuobanError as error:
        yield Fault(field, error)


def _division(field: str, text: str) -> Iterator[Fault]:
    try:
        if text:
            DivisionCode.parse(text)
    except YunhuobanError as error:
        yield Fault(field, error)


def _short(field: str, text: str) -> Iterator[Fault]:
    if text and not _SHORT.fullmatch(text):
        yield _fault(field, SHORT_CODE_WRONG, text[:20], _SHORT.pattern)


def _fault(field: str, code: Code, found: str = "", expected: str = "") -> Fault:
    return Fault(field, YunhuobanError(code, found=found, expected=expected))
