"""The form of an application, generated: from the canonical record that it becomes, and from the item applied for.

What the contract asks of `application.submitted` (type, longest text, personal or public, enums) is read from the
`.avsc`; what a clerk is asked besides, and what stays in this county until the contract carries it, stands here. A
field that a later contract adds appears by itself, under its own name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from adapters.hall.taking import permitwords
from adapters.hall.taking.offered import Offered
from adapters.licenses import particulars
from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from pages import fieldnames
from pages.wording import mark as _
from schemas.catalogue.model import Mode

OPENING: Final = "application.submitted"
REGISTERED: Final = ("000131127004",)
"""基本编码 whose application has 登记内容; a template of a business license says the same of others."""
_REGISTERING_TEMPLATE: Final = "business-license"
INTAKE: Final = "intake"
"""The part of the record that says who checked the applicant and where it was taken: made of what stays here."""
_AT_THE_WINDOW: Final = (f"{INTAKE}.", "window_acceptance.", "once_notice.")
BY_THE_NODE: Final = frozenset(
    {"project_no", "service_item", "applied_at", "received_at", "window_no", "clerk", "alliance"}
    | {path for path, leaf in canonical.shape(OPENING).leaves.items() if leaf.path.startswith(_AT_THE_WINDOW)}
)
"""Nobody types these."""
_LONG_TEXT_BYTES: Final = 1000
_MOST_BYTES: Final = 200


class Group(StrEnum):
    """As a clerk thinks of a form."""

    APPLICANT = "applicant"
    AGENT = "agent"
    MATTER = "matter"
    MATERIALS = "materials"
    DELIVERY = "delivery"


GROUPS: Final[Mapping[Group, str]] = {
    Group.APPLICANT: _("申请人"),
    Group.AGENT: _("经办人"),
    Group.MATTER: _("申请内容"),
    Group.MATERIALS: _("材料"),
    Group.DELIVERY: _("送达"),
}


class Form(StrEnum):
    """How a field is typed and read."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    AMOUNT = "amount"
    """Yuan, read as fen."""
    WHOLE = "whole"
    DATE = "date"
    DOCUMENT = "document"
    """A number that is checked by the kind of document beside it."""
    CITIZEN = "citizen"
    CREDIT = "credit"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form."""

    path: str
    """In the canonical record; of what stays in this county a name that no record has."""
    group: Group
    label: str
    """Chinese, marked."""
    form: Form
    required: bool
    choices: Mapping[str, str] = field(default_factory=dict)
    """Value and marked label."""
    max_bytes: int = _MOST_BYTES
    personal: bool = False
    hint: str = ""
    sent: bool = True
    """Whether it is of the record that is sent."""
    first: str = ""
    """What stands in it before anything was typed."""
    nullable: bool = False
    """Whether the record says nothing at all when it is left empty."""


WORDS: Final[Mapping[str, str]] = permitwords.WORDS | {
    "project_name": _("办理摘要"),
    "applicant.name": _("姓名或名称"),
    "applicant.kind": _("申请人类型"),
    "applicant.document_kind": _("证件类型"),
    "applicant.document_no": _("证件号码"),
    "applicant.mobile": _("手机号码"),
    "contact_name": _("经办人姓名"),
    "contact_mobile": _("经办人手机"),
    "registration.enterprise_name": _("企业名称"),
    "registration.enterprise_kind": _("企业类型"),
    "registration.legal_representative": _("法定代表人"),
    "registration.legal_representative_document_no": _("法定代表人证件号码"),
    "registration.registered_capital_fen": _("注册资本"),
    "registration.address": _("住所"),
    "registration.business_scope": _("经营范围"),
    "mode": _("办理模式"),
}
"""The docs of the schema in a form's short words; a field without one is shown by its doc."""
HINTS: Final[Mapping[str, str]] = permitwords.HINTS | {
    "registration.enterprise_kind": _("如 有限责任公司（自然人独资）"),
    "registration.registered_capital_fen": _("单位：元，也可写 100万元"),
    "contact_name": _("申请人本人办理时可不填"),
}
CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "applicant.kind": {"natural_person": _("自然人"), "legal_person": _("法人或其他组织")},
    "applicant.document_kind": {
        "111": _("居民身份证"),
        "001": _("统一社会信用代码"),
        "414": _("护照"),
        "511": _("台湾居民来往大陆通行证"),
        "516": _("港澳居民来往内地通行证"),
        "553": _("外国人永久居留证"),
    },
    "mode": {"online": _("全程网办"), "relayed": _("异地代收代办"), "joint": _("多地联办")},
}
_FORMS: Final = {
    "applicant.document_no": Form.DOCUMENT,
    "registration.legal_representative_document_no": Form.CITIZEN,
    "residence.identity_no": Form.CITIZEN,
    "elder.identity_no": Form.CITIZEN,
    "food.credit_code": Form.CREDIT,
    "drug.credit_code": Form.CREDIT,
    "applicant.mobile": Form.PHONE,
    "contact_mobile": Form.PHONE,
}
_MAY_BE_EMPTY: Final = frozenset({"applicant.mobile", "contact_name", "contact_mobile"})
_GROUP_OF: Final = {"applicant": Group.APPLICANT, "contact_name": Group.AGENT, "contact_mobile": Group.AGENT}

IDENTITY, AGENT, CHANNEL, PLACE, METHOD, ADDRESS, ORGANISATION, HANDLING = (
    "identity.method", "agent.kind", "origin.channel", "origin.place", "delivery.method", "delivery.address",
    "agent.organisation", "matter.handling",
)  # fmt: skip
SELF, HALL, POST = "self", "hall", "post"

IDENTITY_METHODS: Final = {
    "card_reader": _("读卡器核验"),
    "sight": _("目视核对证件原件"),
    "face": _("人像比对"),
}
AGENTS: Final = {
    SELF: _("申请人本人"),
    "agent": _("经办人代理"),
    "assisted": _("帮办代办人员"),
    "bank": _("银行代办点"),
}
CHANNELS: Final = {
    HALL: _("县政务服务大厅"),
    "town": _("乡镇（街道）便民服务中心"),
    "village": _("村（社区）便民服务站"),
    "organisation": _("代办机构"),
}
DELIVERY_METHODS: Final = {"window": _("到收件窗口领取"), POST: _("邮寄送达")}


def _kept(path: str, group: Group, label: str, **more: object) -> Field:
    """A field that stays in this county."""
    values: dict[str, object] = {"form": Form.TEXT, "required": False} | more
    return Field(path=path, group=group, label=label, sent=False, **values)  # type: ignore[arg-type]


_LOCAL: Final = (
    _kept(IDENTITY, Group.APPLICANT, _("身份怎样核验"), form=Form.CHOICE, choices=IDENTITY_METHODS, required=True),
    _kept(AGENT, Group.AGENT, _("谁来办理"), form=Form.CHOICE, choices=AGENTS, required=True, first=SELF),
    _kept(ORGANISATION, Group.AGENT, _("代办机构名称"), hint=_("帮办、银行代办点填写")),
    _kept(CHANNEL, Group.AGENT, _("收件渠道"), form=Form.CHOICE, choices=CHANNELS, required=True, first=HALL),
    _kept(PLACE, Group.AGENT, _("收件地点"), hint=_("乡镇、村或代办机构的名称")),
    _kept(
        METHOD, Group.DELIVERY, _("送达方式"), form=Form.CHOICE, choices=DELIVERY_METHODS, required=True, first="window"
    ),
    _kept(ADDRESS, Group.DELIVERY, _("邮寄地址"), personal=True, max_bytes=400, hint=_("邮寄送达时填写")),
)


def fields(what: Offered) -> Sequence[Field]:
    """The fields of one application in the order of the form; materials have their own (`materials`)."""
    registers, part = registering(what), particulars.part_of(_license(what))
    found = [
        _sent(leaf, what)
        for leaf in canonical.shape(OPENING).leaves.values()
        if leaf.path not in BY_THE_NODE
        and (registers or not leaf.path.startswith("registration."))
        and leaf.within in ("", part)
    ]
    if what.business_items:
        names = {each.handling: each.name for each in what.business_items}
        found.append(_kept(HANDLING, Group.MATTER, _("业务办理项"), form=Form.CHOICE, choices=names, required=True))
    return ordered([*found, *_LOCAL])


def ordered(found: Sequence[Field]) -> Sequence[Field]:
    """In the order of the form."""
    place, groups = {path: number for number, path in enumerate(_IN_ORDER)}, list(Group)
    return sorted(found, key=lambda each: (groups.index(each.group), place.get(each.path, len(place))))


_IN_ORDER: Final = (
    "applicant.kind", "applicant.name", "applicant.document_kind", "applicant.document_no", "applicant.mobile",
    IDENTITY, AGENT, "contact_name", "contact_mobile", ORGANISATION, CHANNEL, PLACE, HANDLING, "project_name", "mode",
    *(path for path in WORDS if path.startswith("registration.")), *permitwords.WORDS, METHOD, ADDRESS,
)  # fmt: skip


def registering(what: Offered) -> bool:
    """Whether the application has 登记内容."""
    return what.service_item.endswith(REGISTERED) or _license(what).startswith(_REGISTERING_TEMPLATE)


def _license(what: Offered) -> str:
    """What the issuing county says that it makes of a granted case."""
    return what.implementation.license_template if what.implementation is not None else ""


def _sent(leaf: Leaf, what: Offered) -> Field:
    first = ""
    choices = CHOICES.get(leaf.path, {each: each for each in leaf.symbols})
    if leaf.path == "mode":
        choices = {each: text for each, text in choices.items() if each in what.modes}
        first = Mode.RELAYED if Mode.RELAYED in what.modes else next(iter(choices), "")
    elif leaf.path == "project_name":
        first = what.name
    elif leaf.path == "applicant.kind":
        first = "natural_person"
    elif leaf.path == "applicant.document_kind":
        first = "111"
    return Field(
        path=leaf.path,
        group=_GROUP_OF.get(leaf.path, _GROUP_OF.get(leaf.path.partition(".")[0], Group.MATTER)),
        label=WORDS.get(leaf.path) or fieldnames.name(leaf.doc),
        form=_FORMS.get(leaf.path) or _form(leaf, bool(choices)),
        required=(leaf.demanded or not leaf.nullable) and leaf.path not in _MAY_BE_EMPTY,
        choices=choices,
        max_bytes=leaf.max_bytes or _MOST_BYTES,
        personal=leaf.personal,
        hint=HINTS.get(leaf.path, ""),
        first=first,
        nullable=leaf.nullable,
    )


def _form(leaf: Leaf, chosen: bool) -> Form:
    if chosen:
        return Form.CHOICE
    if leaf.form == "date":
        return Form.DATE
    if leaf.form in ("int", "long"):
        return Form.AMOUNT if leaf.path.endswith("_fen") else Form.WHOLE
    return Form.LONG if (leaf.max_bytes or 0) >= _LONG_TEXT_BYTES else Form.TEXT
