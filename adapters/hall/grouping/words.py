"""The words and signs of a group's own states; colour never speaks alone."""

from typing import Final

from pages.labels import Label
from pages.wording import mark as _
from schemas.casegroup import GroupState, Step

STATES: Final = {
    GroupState.GATHERING: Label(_("还没有全部送出"), "wait", "…"),
    GroupState.UNDER_WAY: Label(_("各部分在办"), "wait", "→"),
    GroupState.COMPENSATING: Label(_("有一部分没有办成，正在撤回其余部分"), "bad", "↩"),
    GroupState.WHOLE: Label(_("全部办成"), "good", "✓"),
    GroupState.PARTLY: Label(_("办成一部分"), "ask", "◐"),
    GroupState.NONE: Label(_("没有办成"), "calm", "■"),
}
FORM: Final = Label(_("正在填写"), "wait", "✎")
OVER: Final = Label(_("已结束"), "calm", "■")
WAITS: Final = Label(_("等前面的部分办成"), "wait", "‖")
GIVEN_UP: Final = Label(_("不再报送"), "calm", "■")
REFUSED: Final = Label(_("被退回，请更正后重新报送"), "bad", "✕")
ELSEWHERE: Final = Label(_("本县不知道"), "ask", "?")
KINDS: Final = {"joint": _("多地联办"), "bundle": _("一件事")}
CHOICES: Final = {True: _("要么全部办成，要么全部不办"), False: _("各部分各办各的")}
DUES: Final = {
    Step.WITHDRAW.value: _("即将由本县节点撤回"),
    Step.REQUEST_UNDO.value: _("即将请属地撤销决定"),
}
DONE: Final = {
    Step.WITHDRAW.value: _("撤回申请"),
    Step.REQUEST_UNDO.value: _("请属地撤销决定"),
    "case.undone": _("属地答复是否撤销决定"),
}
