"""`hub dead …`: list, replay and discard dead letters, always with a reason."""

from typing import Annotated, Final

import typer
from rich.table import Table

from hub.broker import Outcome
from hub.commands.shared import HERE, Folder, console, opened
from hub.instants import now
from hub.outflow import deadletters
from schemas.errors import YunhuobanError, declare

app = typer.Typer(no_args_is_help=True, help="死信 / dead letters")
Reason = Annotated[str, typer.Option(prompt="原因 reason")]
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
        (outcome,) = link.publish([outgoing])
        if outcome is not Outcome.CONFIRMED:  # the transaction is rolled back: the letter is still waiting
            raise YunhuobanError(NOT_REPLAYED, place=outgoing.routing_key, found=outcome.value)


@app.command("discard")
def discard(number: str, reason: Reason, folder: Folder = HERE) -> None:
    """丢弃，原因留档 / discard; the reason is kept."""
    with opened(folder) as hub, hub.store.write() as tx:
        deadletters.discard(tx, number, reason=reason, now=now())
