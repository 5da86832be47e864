"""How a step of a case went, in the words of its people: a label for every value that its message states in the clear.

The same value means different things in different messages (a license is revoked, a print is), so each type has its
own table. `hub trace`, the hub's pages and the desk read from here; a test holds it against the contract.
"""

from collections.abc import Mapping
from typing import Final

from pages.labels import CASE_STATES, PRINT_STATES, Label
from pages.wording import mark as _

LICENSE_STATES: Final = {
    "valid": Label(_("有效"), "good", "✓"),
    "suspended": Label(_("暂扣"), "ask", "!"),
    "revoked": Label(_("撤销"), "bad", "✕"),
    "cancelled": Label(_("注销"), "bad", "✕"),
    "expired": Label(_("过期失效"), "bad", "✕"),
    "transferred_out": Label(_("转出"), "bad", "✕"),
    "withdrawn": Label(_("吊销"), "bad", "✕"),
    "lost": Label(_("挂失"), "bad", "✕"),
    "superseded": Label(_("历史版本"), "calm", "■"),
}
_PROCEDURES: Final = {
    "hearing": Label(_("听证"), "wait", "…"),
    "tender": Label(_("招标"), "wait", "…"),
    "auction": Label(_("拍卖"), "wait", "…"),
    "inspection": Label(_("检验"), "wait", "…"),
    "testing": Label(_("检测"), "wait", "…"),
    "quarantine": Label(_("检疫"), "wait", "…"),
    "appraisal": Label(_("鉴定"), "wait", "…"),
    "expert_review": Label(_("专家评审"), "wait", "…"),
}
_NOT_SUPPLEMENTED: Final = Label(_("未按要求补正"), "calm", "■")

OUTCOMES: Final[Mapping[str, Mapping[str, Label]]] = {
    "application.not_accepted": {
        "permit_not_needed": Label(_("不需要行政许可"), "calm", "■"),
        "not_competent": Label(_("不属于职权范围"), "calm", "■"),
        "not_supplemented": _NOT_SUPPLEMENTED,
        "not_lawful": Label(_("不符合法定条件"), "calm", "■"),
    },
    "review.advanced": {
        "first_review": Label(_("初审"), "good", "✓"),
        "second_review": Label(_("复核"), "good", "✓"),
        "joint_review": Label(_("会签"), "good", "✓"),
        "sign_off": Label(_("签发"), "good", "✓"),
    },
    "procedure.opened": _PROCEDURES,
    "procedure.closed": _PROCEDURES,
    "decision.made": {
        "granted": Label(_("准予许可"), "good", "✓"),
        "denied": CASE_STATES["denied"],
    },
    "case.terminated": {
        "not_supplemented": _NOT_SUPPLEMENTED,
        "applicant_gone": Label(_("申请人不再存在"), "calm", "■"),
        "subject_gone": Label(_("标的灭失"), "calm", "■"),
        "law_changed": Label(_("法律法规变更"), "calm", "■"),
        "other": Label(_("其他"), "calm", "■"),
    },
    "license.issued": LICENSE_STATES,
    "license.state_changed": LICENSE_STATES,
    "print.settled": {name: PRINT_STATES[name] for name in ("printed", "spoiled", "revoked")},
    "case.handed_over": {
        "in_person": Label(_("当面送达"), "good", "✓"),
        "parcel": Label(_("邮寄送达"), "good", "✓"),
    },
    "case.closed": {
        "licensed": Label(_("已发证"), "good", "✓"),
        "denied": CASE_STATES["denied"],
        "decided": Label(_("不发证"), "calm", "■"),
    },
}


def outcome(message_type: str, value: str) -> Label | None:
    """The label of what a message states; None for a number, a code, or a value that this version does not know."""
    return OUTCOMES.get(message_type, {}).get(value)
