"""Everything there is to be alarmed about, with the section of the runbook that says what to do then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pages.wording import mark as _

RUNBOOK: Final = "docs/{language}/runbooks.md#{anchor}"
_FOLDERS: Final = {"zh": "zh-CN", "en": "en"}
HUB: Final = "hub"
"""The subject of what concerns the hub as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One thing that may be the matter."""

    name: str
    """Also the anchor of its section in the runbook."""
    title: str
    """Marked; the places it concerns are listed behind it."""
    counted: str
    """Marked; what `{count}` counts."""
    urgent: bool
    """Whether somebody is to be woken for it."""
    after: timedelta
    """How long it must stand before anybody hears of it: what mends itself is no alert."""

    def runbook(self, language: str) -> str:
        """The page, from the root of the documentation's repository."""
        return RUNBOOK.format(language=_FOLDERS[language], anchor=self.name)


def _kind(name: str, title: str, counted: str, *, urgent: bool, minutes: float) -> Kind:
    return Kind(name=name, title=title, counted=counted, urgent=urgent, after=timedelta(minutes=minutes))


_MESSAGES: Final = _("{count} 份报文")
_CARDS: Final = _("{count} 张")
_PIECES: Final = _("{count} 件")
_ONLY_PLACE: Final = ""

KINDS: Final[Mapping[str, Kind]] = {
    each.name: each
    for each in (
        _kind("store", _("数据库写不进去，报文都在等候"), _ONLY_PLACE, urgent=True, minutes=1 / 3),
        _kind("broker-away", _("消息服务没有回答"), _ONLY_PLACE, urgent=True, minutes=1),
        _kind("broker-alarm", _("消息服务报警，所有报文暂停收发"), _ONLY_PLACE, urgent=True, minutes=0),
        _kind("revocation-list", _("吊销列表缺失或没有按时更新"), _ONLY_PLACE, urgent=True, minutes=0),
        _kind("worker-died", _("工作进程没有在工作"), _ONLY_PLACE, urgent=True, minutes=2),
        _kind("admission-backlog", _("报文在等候受理"), _MESSAGES, urgent=True, minutes=5),
        _kind("disk", _("磁盘快满了"), _("只剩百分之 {count}"), urgent=True, minutes=1),
        _kind("clock", _("时钟不准"), _("相差约 {count} 秒"), urgent=False, minutes=10),
        _kind("backup", _("备份太旧"), _("已有 {count} 小时没有备份"), urgent=False, minutes=0),
        _kind("certificate", _("证书快到期，续期没有完成"), _("还有 {count} 天"), urgent=False, minutes=0),
        _kind("dead-letters", _("有死信要由人处理"), _MESSAGES, urgent=False, minutes=1),
        _kind("waiting", _("报文等得太久没有签收"), _MESSAGES, urgent=False, minutes=0),
        _kind("county-offline", _("县没有连上来"), _ONLY_PLACE, urgent=False, minutes=10),
        _kind("print-unknown", _("打印结果不明"), _("{count} 份"), urgent=False, minutes=0),
        _kind("statute-cards", _("红牌＋：超过法定时限"), _CARDS, urgent=False, minutes=0),
        _kind("red-cards", _("红牌：超期"), _CARDS, urgent=False, minutes=0),
        _kind("late-cases", _("办件超期"), _PIECES, urgent=False, minutes=0),
        _kind("late-answers", _("咨询或反映的问题逾期没有答复"), _PIECES, urgent=False, minutes=0),
        _kind("bad-ratings", _("差评逾期没有回访"), _PIECES, urgent=False, minutes=0),
    )
}
"""By name, the worst first."""
