"""The rungs of every case as the hub's journal has them, counted; what the demonstration's progress shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from hub.store import Store, tables
from pages.wording import mark as _

# Name of the rung on the wire, Chinese, English.
RUNGS: Final[Sequence[tuple[str, str, str]]] = (
    ("application.submitted", _("准入"), "admitted"),
    ("received", _("对方县收到"), "received"),
    ("application.accepted", _("受理"), "accepted"),
    ("decision.made", _("决定"), "decided"),
    ("license.issued", _("证照返回"), "license returned"),
    ("print.authorised", _("打印授权"), "print authorised"),
    ("granted", _("放行"), "granted"),
    ("print.settled", _("打印确认"), "printed"),
    ("case.handed_over", _("送达"), "handed over"),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases have reached each rung."""

    by_rung: dict[str, int]
    """Rung to number of cases, or of sheets for the print rungs."""
    handed_over: int
    """Cases whose ladder is closed."""
    refused: int
    """Messages refused at the hub."""


def count(store: Store) -> Counts:
    """Count once."""
    messages = tables.messages.c
    with store.read() as tx:
        admitted = select(messages.type, func.count()).where(messages.state == "admitted").group_by(messages.type)
        by_rung = {str(name): int(number) for name, number in tx.execute(admitted)}
        received = select(func.count()).where(
            messages.type == "application.submitted", messages.received_at.is_not(None)
        )
        by_rung["received"] = tx.execute(received).scalar_one()
        by_rung["granted"] = tx.execute(select(func.count()).select_from(tables.grants)).scalar_one()
        closed = select(func.count()).where(tables.cases.c.state == "handed_over")
        refused = select(func.count()).where(messages.state == "refused")
        return Counts(by_rung, tx.execute(closed).scalar_one(), tx.execute(refused).scalar_one())


def case_numbers(store: Store) -> list[str]:
    """Every case the hub knows, oldest first."""
    with store.read() as tx:
        return list(tx.execute(select(tables.cases.c.case_no).order_by(tables.cases.c.opened_at)).scalars())
