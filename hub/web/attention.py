"""What needs a person now: one line each, derived from what the page shows anyway. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hub.web.joining import STEPS
from hub.web.joiningview import JoiningRow
from hub.web.renewalview import RenewalRow, waiting
from hub.web.view import BrokerAlarm, CertificateRow, CountyRow, ListRow, PrintCounts, QueueRow, RestoreRow
from pages.wording import mark as _

# A window clerk waits about as long as this for an answer before asking somebody (design §9 has no measured figure).
LATE_SECONDS: Final = 300.0
# More counties than this are counted and not named: nobody reads a thousand lines.
MOST_NAMED: Final = 10
# Queues in which a single message is one too many.
NEVER_USED: Final = frozenset({"dead.letters", "unrouted"})

RESOURCES: Final = {"memory": _("内存"), "disk": _("磁盘"), "file_descriptors": _("文件句柄")}


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to act on: a marked sentence, its parameters, and where to look."""

    sentence: str
    href: str
    tone: str = "wait"
    params: dict[str, str] = field(default_factory=dict)
    marked_params: dict[str, str] = field(default_factory=dict)  # these are said in the reader's language first
    since_at: datetime | None = None


def attention(
    *,
    queues: Sequence[QueueRow],
    counties: Sequence[CountyRow],
    prints: PrintCounts | None,
    alarms: Sequence[BrokerAlarm],
    restore: RestoreRow | None = None,
    lists: Sequence[ListRow] | None = None,
    joinings: Sequence[JoiningRow] = (),
    certificates: Sequence[CertificateRow] = (),
    renewals: Sequence[RenewalRow] = (),
    red_cards: int = 0,
) -> list[Attention]:
    """Everything that waits for a person, the worst first. An empty list means that nothing does.

    `lists` are the revocation lists; None when they cannot be had now.
    """
    found = [
        Attention(
            _("消息代理报警：节点 {node} 的{resource}不足，所有报文暂停收发，直到报警解除。"),
            "#counties",
            "bad",
            {"node": alarm.node},
            {"resource": RESOURCES.get(alarm.resource, alarm.resource)},
            alarm.since_at,
        )
        for alarm in alarms
    ]
    found += [
        Attention(_("{queue} 中有 {count} 份报文没有去处，要由人处理。"), f"/queues/{row.name}", "bad",
                  {"queue": row.name, "count": str(row.ready)})
        for row in queues if row.name in NEVER_USED and row.ready
    ]  # fmt: skip
    found += _own_certificates(certificates)
    found += _lists(lists) if lists is not None else []
    if red_cards:
        said = _("{count} 张红牌还没有了结：办件超期，请看是哪个县。")
        found.append(Attention(said, "/supervision", "bad", {"count": str(red_cards)}))
    found += _joinings(joinings)
    found += _renewals(renewals)
    if restore is not None:
        said = _("中枢从备份恢复，{count} 个县还没有报告；在全部报告或由两人搁置之前，打印不放行。")
        found.append(Attention(said, "#counties", "bad", {"count": str(restore.awaited)}, {}, restore.opened_at))
    if prints and prints.unknown:
        found.append(
            Attention(_("{count} 份打印结果不明，请打印县的窗口人员核对纸张。"), "/prints/unknown", "ask",
                      {"count": str(prints.unknown)})
        )  # fmt: skip
    found += [
        Attention(_("{name}收不下报文，发给它的报文在待通队列中等候。"), f"/counties/{row.code}", "wait",
                  {"name": row.name}, {}, row.since_at)
        for row in counties if row.held
    ]  # fmt: skip
    found += [
        Attention(_("{name}报送得太快，超出定额的报文在它自己的限速队列中依次受理，不会被拒收。"),
                  f"/counties/{row.code}", "wait", {"name": row.name})
        for row in counties if row.slowed
    ]  # fmt: skip
    found += _county_certificates(certificates)
    away = [row for row in counties if not row.online and row.state == "active" and not row.held]
    if len(away) > MOST_NAMED:
        found.append(Attention(_("{count} 个县没有连上来。"), "#counties", "wait", {"count": str(len(away))}))
    else:
        found += [
            Attention(_("{name}没有连上来。"), f"/counties/{row.code}", "wait", {"name": row.name}, {}, row.since_at)
            for row in away
        ]
    found += [
        Attention(_("队列 {queue} 里最早的一份报文等得太久。"), f"/queues/{row.name}", "wait", {"queue": row.name})
        for row in queues
        if (row.oldest_age_seconds or 0) > LATE_SECONDS and row.name not in NEVER_USED
    ]
    return found


def _joinings(rows: Sequence[JoiningRow]) -> list[Attention]:
    """Who wants to join and waits for our people, and whom somebody tried to be."""
    waiting = [
        Attention(_("{name}申请加入：{state}。"), f"/joining/{row.county}", "wait",
                  {"name": row.name}, {"state": STEPS[row.state].label.text}, row.since_at)
        for row in rows if STEPS[row.state].by_us
    ]  # fmt: skip
    tried = [
        Attention(_("{name}的邀请收到 {count} 份不是凭邀请码做的申请，请查明来源。"), f"/joining/{row.county}", "ask",
                  {"name": row.name, "count": str(row.attempts)}, {}, row.since_at)
        for row in rows if row.attempts and row.state == "invited"
    ]  # fmt: skip
    return [*tried, *waiting]


def _renewals(rows: Sequence[RenewalRow]) -> list[Attention]:
    """Who waits for the authority, which only a person of ours reaches."""
    found = waiting(rows)
    if not found:
        return []
    since = min(row.came_at for row in found)
    if len(found) > MOST_NAMED:
        said = _("{count} 个县的续期申请等发证机构签发。")
        return [Attention(said, "/renewals", "wait", {"count": str(len(found))}, {}, since)]
    names = "、".join(row.name for row in found)
    return [Attention(_("{names}的续期申请等发证机构签发。"), "/renewals", "wait", {"names": names}, {}, since)]


def _lists(lists: Sequence[ListRow]) -> list[Attention]:
    """Without a list in force nothing passes: people are told long before, when a newer one should have come."""
    if not lists or any(each.ended for each in lists):
        return [
            Attention(
                _("吊销列表缺失或已过期：报文都在等待，没有一条会因此被拒收。请立即放入新的列表。"), "#counties", "bad"
            )
        ]
    late = [each for each in lists if each.late]
    if not late:
        return []
    oldest = max(late, key=lambda each: each.age_days)
    said = _("吊销列表已有 {days} 天没有更新，到期后报文都要等待。请通知发证机构发布新的列表。")
    return [Attention(said, "#counties", "wait", {"days": f"{oldest.age_days:.0f}"})]


def _own_certificates(rows: Sequence[CertificateRow]) -> list[Attention]:
    """The hub's own by name, for nothing passes without them."""
    return [
        Attention(_("中枢自己的 {name} 证书还有 {days} 天到期，请立即向发证机构申请新的并换上。"), "#counties", "bad",
                  {"name": each.name, "days": str(each.days_left)})
        for each in rows if not each.holder
    ]  # fmt: skip


def _county_certificates(rows: Sequence[CertificateRow]) -> list[Attention]:
    """Each county once, with what ends first, as long as they are few."""
    days = {each.holder: str(each.days_left) for each in reversed(rows) if each.holder}
    if len(days) > MOST_NAMED:
        said = _("{count} 个县的证书快到期，续期还没有完成。")
        return [Attention(said, "#counties", "wait", {"count": str(len(days))})]
    said = _("县 {county} 的证书还有 {days} 天到期，续期还没有完成。")
    return [Attention(said, f"/counties/{code}", "wait", {"county": code, "days": days[code]}) for code in sorted(days)]
