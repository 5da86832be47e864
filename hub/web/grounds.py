"""The lines of the overview about the hub itself: store, watch, processes, disk, clocks, backup, alerts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hub.alerting.words import SUBJECTS
from hub.views import readers
from hub.web.groundview import Ground
from hub.web.view import QueueRow
from pages.wording import mark as _
from schemas.messages import HUB

PILES: Final = {
    "admission": _("{count} 份报文在等候受理：进来的比受理的多。"),
    "express": _("{count} 份打印申领在等候放行：每一份都有人在窗口等着。"),
}
_ALERTS: Final = _("看告警"), "/alerts"


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to act on: a marked sentence, its parameters, and the one action with where it is done."""

    sentence: str
    action: str  # marked
    href: str
    tone: str = "wait"
    params: dict[str, str] = field(default_factory=dict)
    marked_params: dict[str, str] = field(default_factory=dict)  # these are said in the reader's language first
    since_at: datetime | None = None
    county: str = ""  # whom to phone about it


def stopping(ground: Ground) -> list[Attention]:
    """What stops everybody, or the telling of it."""
    found = []
    if not ground.writable:
        said = _("数据库写不进去：报文都在等候，没有一份会丢。请看磁盘，以及是什么程序占着数据库。")
        found.append(Attention(said, *_ALERTS, "bad"))
    if ground.unwatched_since is not None:
        said = _("看护进程没有在查看：有事也不会发出告警。")
        found.append(Attention(said, *_ALERTS, "bad", since_at=ground.unwatched_since))
    if ground.free_percent is not None:
        said = _("中枢的磁盘只剩百分之 {percent}：满了以后，所有报文都会停下。")
        found.append(Attention(said, *_ALERTS, "bad", {"percent": str(ground.free_percent)}))
    return found


def idle(queues: Sequence[QueueRow], ground: Ground) -> list[Attention]:
    """Processes that do not work, and those that do not keep up."""
    unread = readers.missing(queues)
    found = [
        Attention(_("{process}没有在工作：没有人取它的队列。"), _("看队列"), "/queues", "bad", {},
                  {"process": SUBJECTS[process]})
        for process in unread
    ]  # fmt: skip
    found += [
        Attention(_("{process}本来有 {whole} 个，现在少了 {gone} 个，没有重新启动。"), *_ALERTS, "bad",
                  {"whole": str(roll.whole), "gone": str(roll.gone)}, {"process": SUBJECTS[process]})
        for process, roll in ground.died.items() if process not in unread
    ]  # fmt: skip
    piled = readers.piled(queues, most_messages=ground.most_messages, most_claims=ground.most_claims)
    return found + [
        Attention(PILES[process], _("看队列"), "/queues", "bad", {"count": str(count)})
        for process, count in piled.items()
    ]


def lasting(ground: Ground, names: Mapping[str, str]) -> list[Attention]:
    """What will not stop anybody today."""
    found = []
    for code, seconds in ground.clocks.items():
        if code == HUB:
            said = _("中枢的时钟与多数县相差约 {seconds} 秒，请校准。")
            found.append(Attention(said, *_ALERTS, "bad", {"seconds": str(seconds)}))
        else:
            said = _("{name}的时钟快了约 {seconds} 秒；快到五分钟，它的报文就会被拒收。")
            words = {"name": names.get(code, code), "seconds": str(seconds)}
            found.append(Attention(said, _("看这个县"), f"/counties/{code}", "wait", words, county=code))
    if ground.unsaved_since is not None:
        said = _("最近一次备份太旧了：现在恢复，此后的一切都会丢失。")
        found.append(Attention(said, *_ALERTS, since_at=ground.unsaved_since))
    if ground.alerts:
        said = _("{count} 项告警还没有人确认。")
        found.append(Attention(said, *_ALERTS, "ask", {"count": str(ground.alerts)}))
    return found
