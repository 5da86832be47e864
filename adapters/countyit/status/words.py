"""What the values of a report are called, for the page and for the terminal alike."""

from collections.abc import Mapping
from typing import Final

from adapters.countyit.renewing.progress import WORDS, Progress
from adapters.countyit.status.report import ClockLine, Weather
from pages.frame import moment
from pages.labels import Label
from pages.wording import mark as _
from pages.wording import say

WEATHER: Final[Mapping[str, Label]] = {
    Weather.CLEAR: Label(_("往来正常"), "good", "✓"),
    Weather.QUIET: Label(_("近日无往来"), "calm", "○"),
    Weather.SLOW: Label(_("没有签收"), "wait", "…"),
    Weather.BARRED: Label(_("暂不能报送"), "bad", "✕"),
}
LINK: Final[Mapping[bool, Label]] = {
    True: Label(_("已连接"), "good", "✓"),
    False: Label(_("未连接"), "bad", "✕"),
}
ROADS: Final[Mapping[str, str]] = {
    "cases": _("报送办件"),
    "claims": _("打印申领"),
    "arrivals": _("接收报文"),
}
ROLES: Final[Mapping[str, str]] = {
    "connection": _("连接"),
    "signing": _("签名"),
    "encryption": _("加密"),
    "seal": _("印章"),
    "hall": _("大厅页面"),
}
LISTS: Final[Mapping[str, str]] = {"transport": _("联网证书吊销列表"), "seal": _("印章证书吊销列表")}


def renewal(going: Progress, language: str) -> str:
    """How far the renewal of our certificates is, and what went wrong the last time."""
    text = say(WORDS[going.next], language, since=moment(going.since))
    return f"{text} {going.trouble}".strip()


def size(count: int | None) -> str:
    """A size as people read it."""
    if count is None:
        return "—"
    amount = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit in {"B", "KB"} else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TB"


def clock(line: ClockLine, language: str) -> str:
    """How far our clock is from the hub's, as far as it is known."""
    if line.least is not None and line.most is not None:
        return say(_("{least} 至 {most} 秒"), language, least=f"{line.least:+.1f}", most=f"{line.most:+.1f}")
    if line.least is not None:
        return say(_("至少 {least} 秒"), language, least=f"{line.least:+.1f}")
    if line.most is not None:
        return say(_("至多 {most} 秒"), language, most=f"{line.most:+.1f}")
    return say(_("还没有往来，无从判断"), language)
