"""The words and signs of states, the same on every page: label, tone and icon, so that colour never speaks alone."""

from dataclasses import dataclass
from typing import Final

from pages.wording import mark as _


@dataclass(frozen=True, slots=True)
class Label:
    """How a state is shown. `tone` chooses the colour, `icon` the sign beside the text."""

    text: str
    tone: str  # calm | good | wait | bad | ask
    icon: str


CASE_STATES: Final = {
    "submitted": Label(_("已收件"), "wait", "→"),
    "supplement_requested": Label(_("待补正"), "wait", "…"),
    "supplemented": Label(_("已补正"), "wait", "→"),
    "not_accepted": Label(_("不予受理"), "calm", "■"),
    "accepted": Label(_("已受理"), "wait", "→"),
    "special": Label(_("特别程序"), "wait", "‖"),
    "granted": Label(_("准予许可"), "wait", "→"),
    "denied": Label(_("不予许可"), "calm", "■"),
    "licensed": Label(_("已制证"), "wait", "→"),
    "printed": Label(_("已打印"), "good", "✓"),
    "handed_over": Label(_("已送达"), "good", "✓"),
    "closed": Label(_("已办结"), "good", "✓"),
    "withdrawn": Label(_("申请人已撤回"), "calm", "■"),
    "terminated": Label(_("已终止"), "calm", "■"),
    "reviewing": Label(_("待专家评审"), "wait", "→"),
    "reviewed": Label(_("专家已评审"), "good", "✓"),
    "review_declined": Label(_("专家不能评审"), "calm", "■"),
    "undone": Label(_("已撤销"), "calm", "■"),
    "asked": Label(_("待答复"), "wait", "→"),
    "answered": Label(_("已答复"), "good", "✓"),
    "appealed": Label(_("待处理"), "wait", "→"),
    "appeal_answered": Label(_("已处理，待反映人意见"), "wait", "…"),
    "settled": Label(_("已了结"), "good", "✓"),
    "checking": Label(_("待认证"), "wait", "→"),
    "checked": Label(_("已认证"), "good", "✓"),
    "listed": Label(_("待核对"), "wait", "→"),
    "reconciled": Label(_("已核对"), "good", "✓"),
}

PRINT_STATES: Final = {
    "authorised": Label(_("待打印"), "calm", "○"),
    "claimed": Label(_("已申领"), "wait", "…"),
    "printing": Label(_("待确认"), "wait", "…"),  # from the start of printing to the clerk's word
    "printed": Label(_("打印合格"), "good", "✓"),
    "spoiled": Label(_("已作废"), "bad", "✕"),
    "unknown": Label(_("结果不明"), "ask", "?"),
    "revoked": Label(_("已撤回"), "bad", "✕"),
    "expired": Label(_("已过期"), "bad", "✕"),
}

CHECK_STATES: Final = {
    "ok": Label(_("通过"), "good", "✓"),
    "failed": Label(_("不通过"), "bad", "✕"),
    "unknown": Label(_("无法判断"), "ask", "?"),
}

REDUCTIONS: Final = {
    "visits": _("跑动次数"),
    "steps": _("办理环节"),
    "materials": _("提交材料"),
    "days": _("办理时限（工作日）"),
}
"""The four that a bundle reduces (四减), in the order of `schemas.reductions.MEASURES`."""
RUNGS: Final = {
    "application.submitted": _("申请已准入"),
    "supplement.requested": _("补正告知"),
    "supplement.provided": _("补正材料"),
    "application.not_accepted": _("不予受理"),
    "application.accepted": _("受理"),
    "review.advanced": _("审查"),
    "procedure.opened": _("特别程序开始"),
    "procedure.closed": _("特别程序结束"),
    "deadline.extended": _("延长期限"),
    "decision.made": _("作出决定"),
    "case.withdrawn": _("申请人撤回"),
    "case.terminated": _("终止办理"),
    "license.issued": _("证照送回"),
    "license.state_changed": _("证照状态变更"),
    "print.authorised": _("打印授权"),
    "print.revoked": _("撤销打印授权"),
    "print.claimed": _("打印申领"),
    "print.granted": _("放行"),
    "print.settled": _("打印结果"),
    "case.handed_over": _("送达"),
    "case.closed": _("办结"),
    "parcel.sent": _("纸件寄出"),
    "parcel.received": _("纸件收讫"),
    "visit.offered": _("云踏勘可约"),
    "visit.booked": _("云踏勘预约"),
    "visit.done": _("云踏勘完成"),
    "rating.given": _("好差评"),
    "rating.followed_up": _("差评回访"),
    "license.expiring": _("证照到期提醒"),
    "group.joined": _("编入组合"),
    "case.undo_requested": _("请求撤销"),
    "case.undone": _("撤销的答复"),
    "review.convened": _("云评审开始"),
    "review.drawn": _("云评审抽取专家"),
    "review.concluded": _("云评审结束"),
    "opinion.asked": _("请专家评审"),
    "opinion.given": _("专家意见"),
    "opinion.declined": _("专家不能评审"),
    "powers.stated": _("授予窗口权限"),
    "expert.stated": _("登记专家"),
    "bundle.stated": _("登记一件事"),
    "item.stated": _("登记事项补充说明"),
    "answer.stated": _("发布常见问答"),
    "question.asked": _("云咨询提问"),
    "question.answered": _("云咨询答复"),
    "question.continued": _("云咨询追问"),
    "question.closed": _("云咨询结束"),
    "appeal.raised": _("办不成事反映"),
    "appeal.escalated": _("办不成事升级"),
    "appeal.returned": _("办不成事退回重办"),
    "appeal.answered": _("办不成事处理结果"),
    "appeal.closed": _("办不成事了结"),
    "alive.requested": _("异地资格认证请求"),
    "alive.answered": _("异地资格认证结论"),
    "list.published": _("按月清单"),
    "list.reconciled": _("按月清单核对结果"),
    "message.received": _("签收报文"),
    "message.refused": _("接收方拒收"),
    "directory.published": _("目录更新"),
    "admission.receipt": _("准入回执"),
}

# Queues by the last part of a county's queue name, or the first of one of the hub's own (`schemas.topology`).
QUEUES: Final = {
    "inbox": _("收件箱"),
    "hold": _("待通队列"),
    "slow": _("限速队列"),
    "express": _("打印放行"),
    "admission": _("准入"),
    "dead": _("死信"),
    "parts": _("附件"),
    "unrouted": _("没有去处"),
}

# Why a sheet is void, as the print ledger keeps it.
SPOIL_REASONS: Final = {
    "misprint": _("打印不合格"),
    "jam": _("卡纸"),
    "wrong_stock": _("放错空白证照"),
    "damaged": _("纸张损坏"),
    "revoked": _("授权已撤回"),
    "no_sheet": _("没有出纸"),
}

# Kinds of stock that everyone has; a county's own kinds are shown by their names.
STOCK_KINDS: Final = {
    "specimen-a4": _("样张纸 A4"),
    "specimen-a3": _("样张纸 A3"),
    "business-license-original-2019": _("营业执照正本（2019 版）"),
    "business-license-duplicate-2019": _("营业执照副本（2019 版）"),
    "food-license-original": _("食品经营许可证正本"),
    "food-license-duplicate": _("食品经营许可证副本"),
    "drug-license-original": _("药品经营许可证正本"),
    "drug-license-duplicate": _("药品经营许可证副本"),
    "performance-license-original": _("营业性演出许可证正本"),
    "performance-license-duplicate": _("营业性演出许可证副本"),
    "residence-proof": _("居住证明"),
    "elder-card": _("老年人优待证"),
}

COPY_KINDS: Final = {"original": _("正本"), "duplicate": _("副本")}


def label(kind: dict[str, Label], state: str) -> Label:
    """The label of a state; a state nobody described is shown by its own name, never hidden."""
    return kind.get(state, Label(state, "ask", "?"))
