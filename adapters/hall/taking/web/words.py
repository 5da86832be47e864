"""The words and signs of these pages' own states; colour never speaks alone."""

from datetime import datetime
from typing import Final

from adapters.hall.taking.fields import CHOICES
from adapters.hall.taking.partner import PartnerState, Reach
from adapters.hall.taking.standing import Rung
from pages.frame import BEIJING
from pages.labels import Label
from pages.wording import mark as _

REACHES: Final = {
    Reach.NOW: Label(_("现在联系得上"), "good", "✓"),
    Reach.SLOW: Label(_("有报文等它签收，可能要等"), "wait", "…"),
    Reach.BARRED: Label(_("现在不能向它报送"), "bad", "✕"),
    Reach.UNKNOWN: Label(_("不知道：近一小时没有往来"), "ask", "?"),
}
RUNGS: Final = {
    Rung.KEPT: Label(_("已收件，等待送出：线路恢复后自动报送，不必重报"), "wait", "…"),
    Rung.SENT: Label(_("已送出，等待中枢准入"), "wait", "→"),
    Rung.ADMITTED: Label(_("中枢已准入，等待属地签收"), "wait", "→"),
    Rung.RECEIVED: Label(_("属地已签收"), "good", "✓"),
    Rung.REFUSED: Label(_("被退回，请更正后重新报送"), "bad", "✕"),
}
SUPPLIED: Final = {
    Rung.KEPT: Label(_("补正已收，等待送出：线路恢复后自动报送，不必重报"), "wait", "…"),
    Rung.SENT: Label(_("补正已送出，等待中枢准入"), "wait", "→"),
    Rung.ADMITTED: Label(_("中枢已准入补正，等待属地签收"), "wait", "→"),
    Rung.RECEIVED: Label(_("属地已签收补正"), "good", "✓"),
    Rung.REFUSED: Label(_("补正被退回，请更正后重新提交"), "bad", "✕"),
}
WIPED: Final = {"draft": _("草稿长期未动"), "ended": _("办件已结束")}
CLEARED: Final = Label(_("已清除"), "good", "✓")
NOT_CLEARED: Final = Label(_("等待清除"), "wait", "…")
OPEN: Final = {
    True: Label(_("现在是上班时间"), "good", "✓"),
    False: Label(_("现在不是上班时间"), "calm", "○"),
    None: Label(_("不知道：今年的日历没有公布"), "ask", "?"),
}
MODES: Final = CHOICES["mode"]
NECESSITIES: Final = {"required": _("必要"), "optional": _("非必要"), "deferrable": _("容缺后补")}
SOURCES: Final = {"applicant": _("申请人自备"), "government": _("政府部门核发"), "other": _("其他")}
LIVE: Final = Label(_("可以收件"), "good", "✓")
NOT_LIVE: Final = Label(_("不能收件"), "bad", "✕")


def moment(said: str) -> str:
    """When something was checked, as the draft keeps it, in Beijing time."""
    return datetime.fromisoformat(said).astimezone(BEIJING).strftime("%m-%d %H:%M")


def hours(partner: PartnerState) -> str:
    """Today's hall hours, in no language; empty on a day off."""
    return " ".join(str(each) for each in partner.hours)
