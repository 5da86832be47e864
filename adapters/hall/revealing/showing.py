"""A canonical record as a page shows it: the contract's own names for its fields, what is personal masked.

What is personal says the contract (`pii` of each field). Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from pages import fieldnames
from pages.wording import mark as _
from schemas import shapes
from schemas.errors import YunhuobanError
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.masking import HIDDEN, masked_address, masked_name, masked_phone
from schemas.workdays.hours import BEIJING

_FEN_PER_YUAN: Final = 100
_LONGEST_NAME: Final = 12
_LEGAL: Final = "legal_person"
WORDS: Final[Mapping[str, str]] = {
    "natural_person": _("自然人"),
    _LEGAL: _("法人"),
    "online": _("全程网办"),
    "relayed": _("异地代收代办"),
    "joint": _("多地联办"),
}
"""Marked: the words of enumerations that stand in an application."""
WORDS_AT: Final[Mapping[str, Mapping[str, str]]] = {
    "intake.channel": {
        "window": _("县政务服务大厅"),
        "township": _("乡镇（街道）便民服务中心"),
        "village": _("村（社区）便民服务站"),
        "agency": _("代办机构"),
        "online": _("网上"),
        "mobile": _("手机"),
        "self_service": _("自助终端"),
        "other": _("其他"),
    },
    "intake.agent": {
        "self": _("申请人本人"),
        "agent": _("经办人代理"),
        "assisted": _("帮办代办人员"),
        "bank": _("银行代办点"),
        "other": _("其他"),
    },
    "intake.identity_method": {
        "card_reader": _("读卡器核验"),
        "sight": _("目视核对证件原件"),
        "face": _("人像比对"),
        "online": _("网上实名核验"),
        "other": _("其他"),
    },
}
"""The same of enumerations some of whose symbols mean another thing elsewhere."""
AS_WRITTEN: Final = frozenset({_("原件"), _("复印件"), _("电子")})
"""The same of what the contract writes in Chinese (`Material.taken_as`)."""
YES, NO = _("是"), _("否")
TRANSLATED: Final = frozenset(
    {
        *(YES, NO),
        *AS_WRITTEN,
        *WORDS.values(),
        *(word for each in WORDS_AT.values() for word in each.values()),
        *(word for each in shapes.raw().values() for word in fieldnames.words(each).values()),
    }
)
"""What a page translates before it shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One line: the contract's name of a field and its value, masked or not."""

    path: str
    label: str
    value: str
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """An array of the record: a table with the labels as its head."""

    path: str
    label: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def fields(message_type: str, record: Mapping[str, Any], *, revealed: bool) -> list[Field]:
    """Every value of the record outside its arrays, in the order of the contract."""
    public = _public_names(record)
    found: list[Field] = []
    for path, leaf in canonical.shape(message_type).leaves.items():
        value = at(record, path)
        if value is None or value == "":
            continue
        hidden = leaf.personal and path not in public and not revealed
        text = shown(leaf, value)
        found.append(
            Field(
                path=path, label=fieldnames.name(leaf.doc), value=masked(path, text) if hidden else text, hidden=hidden
            )
        )
    return found


def tables(message_type: str, record: Mapping[str, Any], *, revealed: bool) -> list[Rows]:
    """Every array of the record that is not empty, without the columns that are."""
    found = []
    for path, each in canonical.shape(message_type).repeated.items():
        rows = at(record, path) or ()
        leaves = {name: leaf for name, leaf in each.leaves.items() if any(at(row, name) for row in rows)}
        if leaves:
            found.append(
                Rows(
                    path=path,
                    label=fieldnames.name(each.doc),
                    head=[fieldnames.name(leaf.doc) for leaf in leaves.values()],
                    rows=[[_cell(leaf, name, row, revealed=revealed) for name, leaf in leaves.items()] for row in rows],
                )
            )
    return found


def shown(leaf: Leaf, value: Any) -> str:
    """A value as a person reads it: Beijing time, yuan, digests in hexadecimal digits."""
    if isinstance(value, datetime):
        return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if leaf.path.endswith("_fen"):
        yuan, fen = divmod(int(value), _FEN_PER_YUAN)
        return f"{yuan:,}.{fen:02} 元"
    if leaf.form == "boolean":
        return YES if value else NO
    if leaf.form != "enum":
        return str(value)
    named: dict[str, str] = {**dict(zip(leaf.symbols, leaf.words, strict=False)), **WORDS_AT.get(leaf.path, WORDS)}
    return named.get(str(value), str(value))


def masked(path: str, text: str) -> str:
    """By what the field is named: number, telephone, address, name; anything else is hidden as a whole."""
    name = path.rpartition(".")[2]
    if name.endswith(("document_no", "holder_code", "identity_no")):
        try:
            return CitizenNumber.parse(text.upper()).masked()
        except YunhuobanError:
            return HIDDEN
    if name.endswith(("mobile", "phone")):
        return masked_phone(text)
    if name.endswith(("address", "domicile", "premises", "residence", "visit_place")):
        return masked_address(text)
    if len(text) <= _LONGEST_NAME:
        return masked_name(text)
    return f"{HIDDEN}（{len(text)} 字）"


def at(record: Mapping[str, Any], path: str) -> Any:
    """The value at a path."""
    for name in path.split("."):
        record = record.get(name) or {}
    return None if record == {} else record


def _cell(leaf: Leaf, name: str, row: Mapping[str, Any], *, revealed: bool) -> str:
    value = at(row, name) if "." in name else row.get(name)
    if value is None or value == "":
        return ""
    text = shown(leaf, value)
    return text if revealed or not leaf.personal else masked(name, text)


def _public_names(record: Mapping[str, Any]) -> frozenset[str]:
    """Fields that are personal in a person and public in a company: its name and its credit code."""
    applicant = record.get("applicant")
    if isinstance(applicant, Mapping) and applicant.get("kind") == _LEGAL:
        return frozenset({"applicant.name", "applicant.document_no"})
    return frozenset()
