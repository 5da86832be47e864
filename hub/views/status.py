"""How the hub's standing is shown in the terminal; `hub.views.standing` asks for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hub.broker.states import QueueState
from hub.views.bilingual import NOTHING, both, heading, moment, seconds
from hub.views.ledgerview import Pile
from hub.views.standing import CountyStanding, HubStatus, status
from pages import labels, wording
from pages.wording import mark as _

__all__ = ["render", "status"]

MOST_LISTED: Final = 60
"""More counties than this are counted, and those listed for whom something waits."""


def render(found: HubStatus, language: str = "zh") -> RenderableType:
    """The status for the terminal, in the reader's language with the other one beside it."""
    parts: list[RenderableType] = [_facts(found, language), _county_table(found, language)]
    filled = [each for each in found.queues if each.ready or each.unacknowledged or each.dead_lettering]
    if filled:
        parts.append(_queue_table(filled, language))
    return Group(*parts)


def _facts(found: HubStatus, language: str) -> Table:
    table = Table.grid(padding=(0, 2))
    rows = [
        (_("消息服务"), _broker(found, language)),
        (_("队列"), _queue_line(found, language)),
        (_("未完成的后续"), _pile(found.undone, found.at)),
        (_("中枢未发出的回复"), _pile(found.unsaid, found.at)),
        (_("等候前一报文"), _pile(found.parked, found.at)),
        (_("死信"), _pile(found.dead, found.at, bad=True)),
        (_("办件"), _counts(found.cases, labels.CASE_STATES, language)),
        (_("打印台账"), _counts(found.prints, labels.PRINT_STATES, language)),
        (_("目录"), _directory(found, language)),
        (_("吊销列表"), _list_line(found, language)),
        (_("证书"), _certificates(found, language)),
        (_("存证账本"), _journal(found, language)),
    ]
    for name, value in rows:
        table.add_row(Text(both(name, language), style="dim"), value)
    return table


def _broker(found: HubStatus, language: str) -> Text:
    if found.broker is None:
        error = found.broker_trouble
        said = wording.sentence(error, language) if error else None
        return Text(f"{said.code} {said.sentence} {said.remedy}" if said else NOTHING, style="red")
    alarms = [
        both(name, language)
        for name, stands in ((_("内存报警"), found.broker.memory_alarm), (_("磁盘报警"), found.broker.disk_alarm))
        if stands
    ]
    text = f"{both(_('在运行'), language)} · RabbitMQ {found.broker.version}"
    return Text(" · ".join([text, *alarms]), style="red" if alarms else "green")


def _queue_line(found: HubStatus, language: str) -> Text:
    ready = sum(each.ready for each in found.queues)
    unacknowledged = sum(each.unacknowledged for each in found.queues)
    if found.broker is None:
        return Text(NOTHING)
    said = _("共 {queues} 个，待取 {ready}，处理中 {unacknowledged}")
    return Text(both(said, language, queues=len(found.queues), ready=ready, unacknowledged=unacknowledged))


def _pile(pile: Pile, now: datetime, *, bad: bool = False) -> Text:
    if not pile.count or pile.oldest_at is None:
        return Text("0", style="green")
    age = seconds((now - pile.oldest_at).total_seconds())
    return Text(f"{pile.count} · {age}", style="red" if bad else "yellow")


def _counts(counts: Mapping[str, int], names: dict[str, labels.Label], language: str) -> Text:
    order = list(names)
    states = sorted(counts, key=lambda state: order.index(state) if state in order else len(order))
    return Text("，".join(f"{both(labels.label(names, each).text, language)} {counts[each]}" for each in states) or "0")


def _directory(found: HubStatus, language: str) -> Text:
    if found.directory_ends_at is None:
        return Text(both(_("还没有发布"), language), style="yellow")
    ends = moment(found.directory_ends_at)
    said = both(_("序号 {serial}，有效至 {at}"), language, serial=found.directory_serial, at=ends)
    return Text(said, style="green" if found.directory_ends_at > found.at else "red")


def _journal(found: HubStatus, language: str) -> Text:
    said = _("{leaves} 条，检查点 {at}；{counties} 县会签，至 {size} 条")
    counties, size = found.witnesses
    at = moment(found.checkpoint_at)
    return Text(both(said, language, leaves=found.leaves, at=at, counties=counties, size=size))


def _list_line(found: HubStatus, language: str) -> Text:
    if not found.revocation_lists:
        return Text(both(_("没有，所有报文都在等候"), language), style="red")
    oldest = max(each.age_days for each in found.revocation_lists)
    late = any(each.late for each in found.revocation_lists)
    ends = found.revocation_lists[0].ends_at
    said = both(_("{count} 份，最旧 {days} 天，有效至 {at}"), language, count=len(found.revocation_lists),
                days=f"{max(0.0, oldest):.1f}", at=moment(ends))  # fmt: skip
    return Text(said, style="red" if ends <= found.at else "yellow" if late else "green")


def _certificates(found: HubStatus, language: str) -> Text:
    """The hub's own by name, counties counted: a county's own page says which of its certificates it is."""
    if not found.certificates:
        return Text(both(_("都还早"), language), style="green")
    first = found.certificates[0]
    said = _("{count} 张快到期，最早的是 {holder} 的 {name}，还有 {days} 天")
    words = {"holder": first.holder or "hub", "name": first.name, "days": first.days_left}
    text = both(said, language, count=len(found.certificates), **words)
    return Text(text, style="red" if first.days_left < 0 or not first.holder else "yellow")


def _county_table(found: HubStatus, language: str) -> Table:
    table = Table(title=both(_("各县"), language), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in (_("县"), _("连接"), _("待签收"), _("最早的已等"), _("待通"), _("限速")):
        table.add_column(heading(name, language))
    for each in _shown(found.counties):
        oldest = each.waiting.oldest_at
        table.add_row(
            Text(f"{each.name} {each.code}" + ("" if each.state == "active" else f" ({each.state})")),
            _connected(each, language),
            str(each.waiting.count),
            seconds((found.at - oldest).total_seconds()) if oldest else NOTHING,
            Text(moment(each.held_since), style="red") if each.held else Text(NOTHING),
            Text(moment(each.slowed_since), style="yellow") if each.slowed_since else Text(NOTHING),
        )
    if len(found.counties) > MOST_LISTED:
        there = sum(bool(each.connected) for each in found.counties)
        said = _("共 {count} 个县，{there} 个已连接；只列出有报文等候的。")
        table.caption = both(said, language, count=len(found.counties), there=there)
    return table


def _shown(counties: Sequence[CountyStanding]) -> Sequence[CountyStanding]:
    """Everybody, or of many those for whom something waits, the most first."""
    if len(counties) <= MOST_LISTED:
        return counties
    waiting = [each for each in counties if each.held or each.waiting.count]
    return sorted(waiting, key=lambda each: (not each.held, -each.waiting.count))[:MOST_LISTED]


def _connected(each: CountyStanding, language: str) -> Text:
    if each.connected is None:
        return Text(NOTHING)
    said = _("已连接") if each.connected else _("未连接")
    return Text(both(said, language), style="green" if each.connected else "yellow")


def _queue_table(queues: Sequence[QueueState], language: str) -> Table:
    table = Table(title=both(_("有报文的队列"), language), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in (_("队列"), _("待取"), _("处理中"), _("消费者")):
        table.add_column(heading(name, language))
    for each in queues:
        table.add_row(Text(each.name), str(each.ready), str(each.unacknowledged), str(each.consumers))
    return table
