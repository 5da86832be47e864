"""What a county says of itself, for all: window powers it grants, experts, bundles, details of items, guide answers.

Each statement is signed by the county as its messages are and becomes one entry of the directory as it is; the newest
of one key counts, and one that is withdrawn leaves the directory. No operator stands between. Pure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas import directory, privacy
from schemas.errors import Code, YunhuobanError, declare
from schemas.identifiers.citizen import CitizenNumber

NOT_OWN: Final = declare("E-STATE-001", "一个县只能说明自己的事。", "请核对县的行政区划代码；不能替别的县说明。")
NUMBER_WRONG: Final = declare(
    "E-STATE-002", "编号应为一至三十位大写字母、数字与连字符，实施编码应为三十一位。", "请按本县的编号规则填写。"
)
EMPTY: Final = declare("E-STATE-003", "没有写明名称、内容或依据。", "请填写；空白的不会被接受。")
DAYS_WRONG: Final = declare("E-STATE-004", "有效期的止早于起。", "请核对日期。")
PARTS_WRONG: Final = declare(
    "E-STATE-005",
    "一件事应有二至二十个部分，须先办成的部分应排在前面，次数与天数不能是负数。",
    "请按办理次序排列各部分。",
)
PERSON_INSIDE: Final = declare(
    "E-STATE-006", "公开的内容里有身份号码或手机号。", "目录人人看得到：请删去个人信息后再发布。"
)

Record = Mapping[str, Any]
_NUMBER: Final = re.compile(r"[A-Z0-9-]{1,30}")
_ITEM: Final = re.compile(r"[0-9A-Z]{31}")
_PERSONAL: Final = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9]{9})(?![0-9])")
_MOST_PARTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One kind of what counties say of themselves."""

    record: str
    owner: str
    """The field that names the county that speaks."""
    key: Callable[[Record], str]
    """Of its entry in the directory."""
    numbered: tuple[str, ...] = ()
    """Fields that hold a number of the county's own."""
    filled: tuple[str, ...] = ()
    """Fields that must say something."""
    free: tuple[str, ...] = ()
    """Fields in the county's own words, where a person could stand; all others are codes of other registers."""


STATEMENTS: Final[Mapping[str, Statement]] = {
    "powers.stated": Statement(
        record="WindowPowers",
        owner="issuing",
        key=lambda each: directory.powers_key(each["issuing"], each["window"], each["service_item"]),
        filled=("agreement",),
        free=("agreement",),
    ),
    "expert.stated": Statement(
        record="Expert",
        owner="county",
        key=lambda each: directory.expert_key(each["county"], each["expert_no"]),
        numbered=("expert_no",),
        free=("professions", "categories"),
    ),
    "bundle.stated": Statement(
        record="Bundle",
        owner="county",
        key=lambda each: directory.bundle_key(each["county"], each["bundle"]),
        numbered=("bundle",),
        filled=("name",),
        free=("name",),
    ),
    "item.stated": Statement(
        record="ItemDetail", owner="county", key=lambda each: directory.detail_key(each["county"], each["service_item"])
    ),
    "answer.stated": Statement(
        record="GuideAnswer",
        owner="county",
        key=lambda each: directory.guide_answer_key(each["county"], each["answer_no"]),
        numbered=("answer_no",),
        filled=("question", "answer"),
        free=("question", "answer"),
    ),
}


def demand(kind: str, source: str, record: Record) -> None:
    """See that a county may say this, and that it can be so. Raises E-STATE-001 to -006."""
    stated = STATEMENTS[kind]
    if record[stated.owner] != source:
        raise _wrong(NOT_OWN, stated.owner, record[stated.owner], source)
    for name in stated.numbered:
        if not _NUMBER.fullmatch(record[name]):
            raise _wrong(NUMBER_WRONG, name, record[name], _NUMBER.pattern)
        if _is_identity_number(record[name]):
            raise YunhuobanError(PERSON_INSIDE, place=name)
    for place, item in _items(record):
        if not _ITEM.fullmatch(item):
            raise _wrong(NUMBER_WRONG, place, item, _ITEM.pattern)
    for name in stated.filled:
        if not record[name].strip():
            raise _wrong(EMPTY, name, "", "")
    if record.get("valid_to") is not None and record["valid_to"] < record["valid_from"]:
        raise _wrong(DAYS_WRONG, "valid_to", str(record["valid_to"]), f">= {record['valid_from']}")
    if kind == "bundle.stated":
        _parts(record)
    for name in stated.free:
        value = record[name]
        if any(_PERSONAL.search(text) for text in (value if isinstance(value, list) else [value])):
            raise YunhuobanError(PERSON_INSIDE, place=name)


def _items(record: Record) -> list[tuple[str, str]]:
    found = [("service_item", record["service_item"])] if "service_item" in record else []
    parts = record.get("bundle_parts", ())
    return found + [(f"bundle_parts[{n}].service_item", each["service_item"]) for n, each in enumerate(parts, 1)]


def _parts(record: Record) -> None:
    parts = record["bundle_parts"]
    if not 2 <= len(parts) <= _MOST_PARTS:
        raise _wrong(PARTS_WRONG, "bundle_parts", str(len(parts)), "2…20")
    for number, each in enumerate(parts, 1):
        if any(not 1 <= before < number for before in each["after"]):
            raise _wrong(PARTS_WRONG, f"bundle_parts[{number}].after", str(each["after"]), f"1…{number - 1}")
    for name in ("visits", "steps", "days"):
        if record[name] < 0:
            raise _wrong(PARTS_WRONG, name, str(record[name]), ">= 0")


def _is_identity_number(text: str) -> bool:
    """With a right check digit: it was typed in the place of a number of the county's own."""
    try:
        CitizenNumber.parse(text)
    except YunhuobanError:
        return False
    return True


def _wrong(code: Code, place: str, found: str, expected: str) -> YunhuobanError:
    """What is no code may be anything, a name among it: its length is told."""
    told = found[:100] if privacy.is_code(found) else f"len={len(found)}"
    return YunhuobanError(code, place=place, found=told, expected=expected)
