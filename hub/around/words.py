"""The words of what is around the cases. No state speaks by colour alone: sign and word."""

from typing import Final

from pages.labels import Label
from pages.wording import mark as _
from schemas import directory

KINDS: Final = {
    "question": _("云咨询"),
    "appeal": _("办不成事"),
    "alive": _("异地资格认证"),
    "list": _("按月清单"),
    "opinion": _("专家意见"),
}
GROUP_KINDS: Final = {"joint": _("多地联办"), "bundle": _("一件事")}
GROUP_STATES: Final = {
    "compensating": Label(_("正在撤回各部分"), "wait", "↩"),
    "gathering": Label(_("各部分还没有报齐"), "wait", "…"),
    "under_way": Label(_("各部分正在办理"), "wait", "→"),
    "partly": Label(_("部分办成"), "calm", "■"),
    "whole": Label(_("全部办成"), "good", "✓"),
    "none": Label(_("都没有办成"), "calm", "■"),
}
"""By `schemas.casegroup.GroupState`, what somebody has to look at first."""
APPEAL_KINDS: Final = {
    "not_taken": _("不予收件"),
    "overdue": _("超期"),
    "asked_again": _("重复要材料"),
    "system": _("系统故障"),
    "attitude": _("服务态度"),
    "other": _("其他"),
}
CHANNELS: Final = {
    "window": _("窗口"),
    "hotline": _("12345热线"),
    "online": _("网上"),
    "mobile": _("移动端"),
    "letter": _("来信"),
}
STATED: Final = {
    directory.POWERS: _("窗口授权"),
    directory.EXPERT: _("专家"),
    directory.BUNDLE: _("一件事"),
    directory.DETAIL: _("事项补充说明"),
    directory.GUIDE_ANSWER: _("办事指南问答"),
}
"""What counties say of themselves, by its kind in the directory."""
