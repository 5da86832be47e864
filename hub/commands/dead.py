"""`hub dead …`: list, replay and discard dead letters, always with a reason; many at once and discarding take two."""

from typing import Annotated, Final

import typer
from rich.table import Table

from hub.broker import Outcome
from hub.commands.acting import at_terminal, two_sign
from hub.commands.shared import HERE, Folder, console, opened, store_of, store_with_settings
from hub.instants import now
from hub.outflow import deadletters
from hub.record.acts import Act
from hub.record.noting import note
from hub.replaying import ordering
from hub.replaying.choosing import Wanted
from hub.replaying.ordering import SLOWLY
from pages import wording
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

app = typer.Typer(no_args_is_help=True, help="死信 / dead letters")
Reason = Annotated[str, typer.Option(prompt="原因 reason")]
Queue = Annotated[str, typer.Option(help="只要死在这个队列的 / that died in this queue")]
Source = Annotated[str, typer.Option(help="只要这个发送方的 / of this sender")]
Why = Annotated[str, typer.Option(help="只要因此而死的 / that died for this reason")]
Type = Annotated[str, typer.Option(help="只要这一类报文 / of this type")]
NOT_REPLAYED: Final = declare("E-BROKER-051", "死信没有重放：队列没有收下。", "请查看该队列是否已满，稍后再试。")


@app.command("list")
def list_(folder: Folder = HERE) -> None:
    """列出死信 / list the dead letters."""
    table = Table("编号 number", "队列 queue", "来源 source", "报文 message", "原因 reason")
    with opened(folder) as hub, hub.store.read() as tx:
        for row in deadletters.waiting(tx):
            table.add_row(row.id, row.queue, row.source, row.message_id, row.reason)
    console.print(table)


@app.command("replay")
def replay(number: str, reason: Reason, folder: Folder = HERE) -> None:
    """重放到原队列，编号不变 / replay to the queue where it died, under the same id."""
    with opened(folder) as hub, hub.link() as link, hub.store.write() as tx:
        outgoing = deadletters.replay(tx, number, reason=reason, now=now())
        note(tx, at_terminal(), Act.DEAD_REPLAYED, at=now(), about=number, reason=reason)
        (outcome,) = link.publish([outgoing])
        if outcome is not Outcome.CONFIRMED:  # the transaction is rolled back: the letter is still waiting
            raise YunhuobanError(NOT_REPLAYED, place=outgoing.routing_key, found=outcome.value)


@app.command("discard")
def discard(number: str, reason: Reason, folder: Folder = HERE) -> None:
    """丢弃，两人签字，原因留档 / discard; two persons sign, the reason is kept."""
    with store_with_settings(folder) as (store, settings):
        who, second = two_sign(store, settings)
        with store.write() as tx:
            deadletters.discard(tx, number, reason=reason, now=now())
            note(tx, who, Act.DEAD_DISCARDED, at=now(), about=number, reason=reason, second=second)


@app.command("try")
def attempt(queue: Queue = "", source: Source = "", why: Why = "", type_: Type = "", folder: Folder = HERE) -> None:
    """清点并试算，不发送任何报文 / count, and say what would be sent: the dry run."""
    with store_of(folder) as store, store.read() as tx:
        tried = ordering.attempt(tx, Wanted(queue=queue, source=source, reason=why, type=type_), now())
    for language in wording.LANGUAGES:
        said = _("符合条件 {count} 条：会送出 {goes} 条，留下 {stays} 条。")
        stays = sum(tried.stays.values())
        console.print(wording.say(said, language, count=str(tried.count), goes=str(tried.goes), stays=str(stays)))
    for code, count in sorted(tried.stays.items()):
        console.print(f"{code}: {count}")


@app.command("replay-many")
def replay_many(
    reason: Reason,
    counted: Annotated[int, typer.Option(prompt="清点的条数 as counted", help="hub dead try 清点的条数 / as counted")],
    queue: Queue = "",
    source: Source = "",
    why: Why = "",
    type_: Type = "",
    rate: Annotated[int, typer.Option(help="每秒至多几条 / letters a second at most")] = SLOWLY,
    folder: Folder = HERE,
) -> None:
    """下达一批重放，两人签字，由 hub run keeper 送出 / order a batch; two persons sign, the keeper sends it."""
    wanted = Wanted(queue=queue, source=source, reason=why, type=type_)
    with store_with_settings(folder) as (store, settings):
        who, second = two_sign(store, settings)
        with store.write() as tx:
            number = ordering.order_many(
                tx, wanted, who, counted=counted, rate=rate, reason=reason, second=second, now=now()
            )
    _say(_("第 {number} 批已下达。停止：hub dead stop {number}"), number)


@app.command("stop")
def stop(number: int, reason: Annotated[str, typer.Option()] = "", folder: Folder = HERE) -> None:
    """立即停止一批重放，没送的留着 / stop a batch at once; what was not sent waits."""
    with store_of(folder) as store, store.write() as tx:
        ordering.stop(tx, number, at_terminal(), reason=reason, now=now())
    _say(_("第 {number} 批已停止，此后不再送出。"), number)


@app.command("batches")
def batches(folder: Folder = HERE) -> None:
    """列出重放批次 / the batches."""
    table = Table("批次 batch", "状态 state", "送出 sent", "条数 count", "下达 by", "条件 wanted", "原因 reason")
    with store_of(folder) as store, store.read() as tx:
        for each in ordering.listed(tx):
            persons = f"{each.ordered_by} + {each.second}" if each.second else each.ordered_by
            state = f"{each.state} {each.why}".strip()
            counts = str(each.sent), str(each.count)
            table.add_row(str(each.number), state, *counts, persons, each.wanted.to_json(), each.reason)
    show_table(table)


def _say(text: str, number: int) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, number=str(number)), soft_wrap=True, highlight=False)
