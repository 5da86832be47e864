"""The colours of cards and the rules by which they are given, in words. A colour never speaks alone: sign and word."""

from enum import StrEnum
from typing import Final

from pages.labels import Label
from pages.wording import mark as _


class Level(StrEnum):
    """How grave, the least grave first."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"
    RED_PLUS = "red_plus"


class Rule(StrEnum):
    """What a county owed."""

    RECEIVING = "receiving"
    """To sign within one working day that it holds a message that was brought to it (接件)."""
    ANSWERING = "answering"
    """To say within five working days what is missing (行政许可法 art. 32)."""
    PROMISE = "promise"
    """To decide by the day it promised (承诺办结日)."""
    STATUTE = "statute"
    """To decide within the statutory limit of the item (法定时限, art. 42)."""
    PROCEDURE = "procedure"
    """To end a special procedure by the day it named (art. 45)."""
    LICENSING = "licensing"
    """To issue the license within ten working days of the decision (art. 44)."""


LEVELS: Final = {
    "blue": Label(_("蓝牌 提示"), "calm", "○"),
    "yellow": Label(_("黄牌 预警"), "wait", "△"),
    "red": Label(_("红牌 超期"), "bad", "✕"),
    "red_plus": Label(_("红牌＋ 超法定时限"), "bad", "‼"),
}
GRAVITY: Final = {level.value: at for at, level in enumerate(Level)}
RULES: Final = {
    "receiving": _("接件：一个工作日内签收"),
    "answering": _("告知：收到申请后五个工作日内"),
    "promise": _("承诺办结日"),
    "statute": _("法定时限"),
    "procedure": _("特别程序：预计结束日"),
    "licensing": _("颁发证照：决定后十个工作日内"),
}
STANDINGS: Final = {
    "open": Label(_("未办结"), "wait", "…"),
    "cleared": Label(_("已补办"), "calm", "■"),
    "explained": Label(_("已说明，待裁定"), "ask", "?"),
    "valid": Label(_("裁定有效"), "calm", "✓"),
    "withdrawn": Label(_("申诉撤销"), "good", "↩"),
}
GROUNDS: Final = {
    "hub": _("中枢停机或排队"),
    "county_system": _("县里系统停机"),
    "network": _("网络中断"),
    "applicant": _("等申请人"),
    "counted": _("计算有误"),
    "force_majeure": _("不可抗力"),
    "none": _("没有理由，接受此牌"),
}
"""Why, as the county says it; free text beside it holds no person."""
RULINGS: Final = {"valid": _("裁定有效"), "withdrawn": _("申诉撤销")}
CAUSES: Final = {"procedure": _("特别程序"), "outage": _("中枢停机")}
"""Why a clock stood still."""
UNITS: Final = {
    "working_day": _("{count} 个工作日"),
    "natural_day": _("{count} 个自然日"),
    "month": _("{count} 个月"),
    "year": _("{count} 年"),
}
"""What a limit is counted in (`schemas.workdays.limits.Unit`)."""
