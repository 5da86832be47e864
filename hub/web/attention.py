"""What needs a person now: one line each, derived from what the page shows anyway. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hub.web import grounds
from hub.web.grounds import Attention
from hub.web.groundview import Ground
from hub.web.joining import STEPS
from hub.web.joiningview import JoiningRow
from hub.web.matrix import LATE_SECONDS
from hub.web.renewalview import RenewalRow, waiting
from hub.web.view import BrokerAlarm, CertificateRow, CountyRow, ListRow, PrintCounts, QueueRow, RestoreRow
from pages.wording import mark as _

# More counties than this are counted and not named: nobody reads a thousand lines.
MOST_NAMED: Final = 10
# Queues in which a single message is one too many.
NEVER_USED: Final = frozenset({"dead.letters", "unrouted"})

NOTHING_IS_THE_MATTER: Final = Ground()

RESOURCES: Final = {"memory": _("内存"), "disk": _("磁盘"), "file_descriptors": _("文件句柄")}


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
    ground: Ground = NOTHING_IS_THE_MATTER,
    red_cards: int = 0,
    dead: int = 0,
    late: int = 0,
    unanswered: int = 0,
    unfollowed: int = 0,
) -> list[Attention]:
    """Everything that waits for a person, the worst first. An empty list means that nothing does.

    `lists` are the revocation lists; None when they cannot be had now.
    """
    names = told_apart(counties)
    found = grounds.stopping(ground)
    found += [
        Attention(
            _("消息代理报警：节点 {node} 的{resource}不足，所有报文暂停收发，直到报警解除。"),
            _("看队列"),
            "/queues",
            "bad",
            {"node": alarm.node},
            {"resource": RESOURCES.get(alarm.resource, alarm.resource)},
            alarm.since_at,
        )
        for alarm in alarms
    ]
    found += grounds.idle(queues, ground)
    found += [
        Attention(_("{queue} 中有 {count} 份报文没有去处，要由人处理。"), _("看队列"), f"/queues/{row.name}", "bad",
                  {"queue": row.name, "count": str(row.ready)})
        for row in queues if row.name in NEVER_USED and row.ready
    ]  # fmt: skip
    if dead:
        said = _("{count} 份死信等人处理：没有一步处理得了它们。")
        found.append(Attention(said, _("看死信"), "/dead", "bad", {"count": str(dead)}))
    found += _own_certificates(certificates)
    found += _lists(lists) if lists is not None else []
    if red_cards:
        said = _("{count} 张红牌还没有了结：办件超期，请看是哪个县。")
        found.append(Attention(said, _("看红牌"), "/supervision", "bad", {"count": str(red_cards)}))
    found += _joinings(joinings)
    found += _renewals(renewals)
    if restore is not None:
        said = _("中枢从备份恢复，{count} 个县还没有报告；在全部报告或由两人搁置之前，打印不放行。")
        found.append(
            Attention(said, _("看各县"), "/counties", "bad", {"count": str(restore.awaited)}, {}, restore.opened_at)
        )
    if late:
        said = _("{count} 件办件超过了时限。")
        found.append(Attention(said, _("逐件催办"), "/late", "bad", {"count": str(late)}))
    if unanswered:
        said = _("{count} 件咨询或反映的问题逾期没有答复。")
        place = "/around?overdue=true"
        found.append(Attention(said, _("看是哪个县"), place, "bad", {"count": str(unanswered)}))
    if unfollowed:
        said = _("{count} 条差评逾期没有回访。")
        found.append(Attention(said, _("看是哪个县"), "/around/ratings", "bad", {"count": str(unfollowed)}))
    if prints and prints.unknown:
        found.append(
            Attention(_("{count} 份打印结果不明，请打印县的窗口人员核对纸张。"), _("逐份核对"),
                      "/prints/unknown", "ask", {"count": str(prints.unknown)})
        )  # fmt: skip
    found += [
        Attention(_("{name}的投递由系统管理员暂停，发给它的报文在等候。"), _("恢复"), f"/counties/{row.code}/link",
                  "wait", {"name": names[row.code]}, county=row.code)
        for row in counties if row.paused
    ]  # fmt: skip
    found += [
        Attention(_("{name}报送的报文由系统管理员暂停受理，在它自己的队列中等候。"), _("恢复"),
                  f"/counties/{row.code}/link", "wait", {"name": row.name}, county=row.code)
        for row in counties if row.stopped
    ]  # fmt: skip
    held = [row for row in counties if row.held and not row.paused]
    said = _("{count} 个县收不下报文，发给它们的报文在待通队列中等候。")
    found += _crowd(len(held), said, _("看各县"), "/counties") or [
        Attention(_("{name}收不下报文，发给它的报文在待通队列中等候。"), _("看这个县"), f"/counties/{row.code}",
                  "wait", {"name": names[row.code]}, county=row.code)
        for row in held
    ]  # fmt: skip
    found += [
        Attention(_("{name}报送得太快，超出定额的报文在它自己的限速队列中依次受理，不会被拒收。"),
                  _("看这个县"), f"/counties/{row.code}", "wait", {"name": names[row.code]}, county=row.code)
        for row in counties if row.slowed
    ]  # fmt: skip
    found += _county_certificates(certificates, names)
    away = [row for row in counties if not row.online and row.state == "active" and not row.held]
    found += _crowd(len(away), _("{count} 个县没有连上来。"), _("看离线的县"), "/offline") or [
        Attention(_("{name}没有连上来。"), _("看这个县"), f"/counties/{row.code}", "wait",
                  {"name": names[row.code]}, {}, row.since_at, county=row.code)
        for row in away
    ]  # fmt: skip
    old = [row for row in queues if row.county and (row.oldest_age_seconds or 0) > LATE_SECONDS]
    found += _crowd(len(old), _("{count} 个县有报文等得太久没有签收。"), _("看队列"), "/queues") or [
        Attention(_("{name}有报文等得太久没有签收，最早的一份已等 {minutes} 分钟。"), _("看队列"),
                  f"/queues/{row.name}", "wait", {"name": names.get(row.county or "", row.county or ""),
                           "minutes": f"{(row.oldest_age_seconds or 0) // 60:.0f}"}, county=row.county or "")
        for row in old
    ]  # fmt: skip
    return found + grounds.lasting(ground, names)


def told_apart(counties: Iterable[CountyRow]) -> dict[str, str]:
    """The counties' names by code; those of one name with their codes, so that nobody telephones the wrong one."""
    rows = list(counties)
    counts = Counter(row.name for row in rows)
    return {row.code: row.name if counts[row.name] == 1 else f"{row.name}({row.code})" for row in rows}


def _crowd(count: int, sentence: str, action: str, href: str) -> list[Attention]:
    """One line for all of them, where they are too many to be named."""
    return [Attention(sentence, action, href, "wait", {"count": str(count)})] if count > MOST_NAMED else []


def _joinings(rows: Sequence[JoiningRow]) -> list[Attention]:
    """Who wants to join and waits for our people, and whom somebody tried to be."""
    waiting = [
        Attention(_("{name}申请加入：{state}。"), _("去办加入"), f"/joining/{row.county}", "wait",
                  {"name": row.name}, {"state": STEPS[row.state].label.text}, row.since_at)
        for row in rows if STEPS[row.state].by_us
    ]  # fmt: skip
    tried = [
        Attention(_("{name}的邀请收到 {count} 份不是凭邀请码做的申请，请查明来源。"), _("看加入"),
                  f"/joining/{row.county}", "ask", {"name": row.name, "count": str(row.attempts)}, {}, row.since_at)
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
        return [Attention(said, _("去办续期"), "/renewals", "wait", {"count": str(len(found))}, {}, since)]
    names = "、".join(row.name for row in found)
    said = _("{names}的续期申请等发证机构签发。")
    return [Attention(said, _("去办续期"), "/renewals", "wait", {"names": names}, {}, since)]


def _lists(lists: Sequence[ListRow]) -> list[Attention]:
    """Without a list in force nothing passes: people are told long before, when a newer one should have come."""
    if not lists or any(each.ended for each in lists):
        said = _("吊销列表缺失或已过期：报文都在等待，没有一条会因此被拒收。请立即放入新的列表。")
        return [Attention(said, _("看吊销列表"), "/trust", "bad")]
    late = [each for each in lists if each.late]
    if not late:
        return []
    oldest = max(late, key=lambda each: each.age_days)
    said = _("吊销列表已有 {days} 天没有更新，到期后报文都要等待。请通知发证机构发布新的列表。")
    return [Attention(said, _("看吊销列表"), "/trust", "wait", {"days": f"{oldest.age_days:.0f}"})]


def _own_certificates(rows: Sequence[CertificateRow]) -> list[Attention]:
    """The hub's own by name, for nothing passes without them."""
    return [
        Attention(_("中枢自己的 {name} 证书还有 {days} 天到期，请立即向发证机构申请新的并换上。"), _("看证书"),
                  "/trust", "bad", {"name": each.name, "days": str(each.days_left)})
        for each in rows if not each.holder
    ]  # fmt: skip


def _county_certificates(rows: Sequence[CertificateRow], names: Mapping[str, str]) -> list[Attention]:
    """Each county once, with what ends first, as long as they are few."""
    days = {each.holder: str(each.days_left) for each in reversed(rows) if each.holder}
    if len(days) > MOST_NAMED:
        said = _("{count} 个县的证书快到期，续期还没有完成。")
        return [Attention(said, _("看证书"), "/trust", "wait", {"count": str(len(days))})]
    said = _("{name}的证书还有 {days} 天到期，续期还没有完成。")
    return [
        Attention(
            said,
            _("看这个县"),
            f"/counties/{code}",
            "wait",
            {"name": names.get(code, code), "days": days[code]},
            county=code,
        )
        for code in sorted(days)
    ]
