"""The kinds of matters beside the cases, and whose work each step is.

Who is asked decides what is said in the county's name: an approver answers, offers an inspection and calls back; what
the applicant brings to the window a clerk passes on. Pure.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pages.people.person import Role
from pages.wording import mark as _
from schemas.lifecycle import CaseState
from schemas.messages import Party


class Kind(StrEnum):
    """One kind of matter."""

    QUESTION = "question"
    APPEAL = "appeal"
    ALIVE = "alive"
    LIST = "list"
    OPINION = "opinion"


NAMES: Final[Mapping[Kind, str]] = {
    Kind.QUESTION: _("云咨询"),
    Kind.APPEAL: _("办不成事"),
    Kind.ALIVE: _("异地资格认证"),
    Kind.LIST: _("按月清单"),
    Kind.OPINION: _("专家意见"),
}
PURPOSES: Final[Mapping[Kind, str]] = {
    Kind.QUESTION: _("向事项所在县问一件事，例如要什么材料。"),
    Kind.APPEAL: _("把群众反映的问题转给对方县，由对方处理并答复。"),
    Kind.ALIVE: _("请居住地的县核实在本县领取待遇的人。"),
    Kind.LIST: _("把本县的一份名单交对方县逐行核对。"),
}
"""Of those that are begun at these pages: an expert is asked where the review is."""
OPENS: Final[Mapping[Kind, str]] = {
    Kind.QUESTION: "question.asked",
    Kind.APPEAL: "appeal.raised",
    Kind.ALIVE: "alive.requested",
    Kind.LIST: "list.published",
    Kind.OPINION: "opinion.asked",
}
"""The message that begins each."""
OURS: Final = frozenset({Kind.ALIVE, Kind.LIST, Kind.OPINION})
"""Those about an item of the county that begins them; the others are about one of the county that is asked."""

_BOTH: Final = frozenset({Role.CLERK, Role.APPROVER})
_CLERK, _APPROVER = frozenset({Role.CLERK}), frozenset({Role.APPROVER})
WHOSE: Final[Mapping[str, frozenset[Role]]] = {
    "question.asked": _CLERK,
    "question.answered": _APPROVER,
    "question.continued": _CLERK,
    "question.closed": _CLERK,
    "appeal.raised": _CLERK,
    "appeal.answered": _APPROVER,
    "appeal.closed": _CLERK,
    "appeal.returned": _CLERK,
    "appeal.escalated": _CLERK,
    "alive.requested": _CLERK,
    "alive.answered": _BOTH,
    "list.published": _CLERK,
    "list.reconciled": _APPROVER,
    "opinion.given": _BOTH,
    "opinion.declined": _BOTH,
    "parcel.received": _CLERK,
    "visit.booked": _CLERK,
    "visit.done": _APPROVER,
    "rating.followed_up": _APPROVER,
    "parcel.sent": _CLERK,
    "visit.offered": _APPROVER,
    "rating.given": _CLERK,
    "license.expiring": _APPROVER,
    "case.undone": _APPROVER,
    "case.undo_requested": _CLERK,
    "group.joined": _CLERK,
}
"""Whose work each step is, in the order of the buttons: what somebody waits for comes first."""
STEPS: Final[Mapping[str, str]] = {
    "question.asked": _("提问"),
    "question.answered": _("答复"),
    "question.continued": _("追问"),
    "question.closed": _("结束咨询"),
    "appeal.raised": _("转交反映的问题"),
    "appeal.answered": _("答复处理结果"),
    "appeal.returned": _("退回重办"),
    "appeal.escalated": _("升级给负责人"),
    "appeal.closed": _("登记反映人的意见"),
    "alive.requested": _("请求认证"),
    "alive.answered": _("答复认证结论"),
    "list.published": _("提交清单"),
    "list.reconciled": _("答复核对结果"),
    "opinion.given": _("出具专家意见"),
    "opinion.declined": _("答复不能评审"),
    "parcel.sent": _("寄出纸件"),
    "parcel.received": _("签收纸件"),
    "visit.offered": _("提出云踏勘"),
    "visit.booked": _("预约或改期"),
    "visit.done": _("登记踏勘结果"),
    "rating.given": _("登记评价"),
    "rating.followed_up": _("差评回访"),
    "license.expiring": _("提醒证照到期"),
    "group.joined": _("编入组合"),
    "case.undo_requested": _("请求撤销"),
    "case.undone": _("答复撤销的请求"),
}
"""The words of the buttons."""

_S = CaseState
AWAITED: Final[Mapping[CaseState, Party]] = {
    _S.ASKED: Party.ISSUING,
    _S.ANSWERED: Party.WINDOW,
    _S.APPEALED: Party.ISSUING,
    _S.APPEAL_ANSWERED: Party.WINDOW,
    _S.CHECKING: Party.ISSUING,
    _S.LISTED: Party.ISSUING,
    _S.REVIEWING: Party.ISSUING,
}
"""Whom a matter waits for; one that stands elsewhere is over."""
DUE: Final[Mapping[str, str]] = {
    "question.asked": "answer_until",
    "question.continued": "further_until",
    "appeal.raised": "answer_until",
    "appeal.escalated": "answer_until",
    "appeal.returned": "redo_until",
    "alive.requested": "verify_until",
    "list.published": "answer_until",
    "opinion.asked": "opine_until",
}
"""The fact that says by which day the issuing county answers."""


def kind_of(message_type: str) -> Kind | None:
    """The kind of matter that a message belongs to; None for one around a case."""
    name = message_type.partition(".")[0]
    return Kind(name) if name in list(Kind) else None
