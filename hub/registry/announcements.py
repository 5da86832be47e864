"""What the hub's people tell every county of maintenance to come: kept in the store, carried by the directory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from hub.instants import to_millis
from hub.registry import trust
from hub.registry.tables import announcements
from schemas import notices
from schemas.errors import YunhuobanError, declare
from schemas.notices import MOST_DAYS, NO_TIMES, Notice

NOT_THERE: Final = declare(
    "E-OPS-082", "没有这个编号的维护通知，或者已经撤回、已经过去。", "请用 hub announce 列出现有的通知和编号。"
)
_table = announcements.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One notice with the number by which it is withdrawn."""

    number: int
    notice: Notice


def announce(tx: Connection, notice: Notice, *, now: datetime) -> int:
    """Tell every county; a new directory follows within the second. Raises E-OPS-080 or E-OPS-081."""
    if notice.is_over(now) or (notice.to_at is not None and notice.to_at > now + timedelta(days=MOST_DAYS)):
        raise YunhuobanError(NO_TIMES, place="to", expected=f"<= {MOST_DAYS} d")
    body = notice.write()
    trust.lock(tx)
    number = (tx.execute(select(func.max(_table.number))).scalar() or 0) + 1
    ends_at = to_millis(notice.to_at or now)
    row = {"number": number, "body": body, "ends_at": ends_at, "announced_at": to_millis(now), "withdrawn": False}
    tx.execute(insert(announcements).values(**row))
    trust.bump(tx)
    return int(number)


def withdraw(tx: Connection, number: int, *, now: datetime) -> None:
    """Take a notice back from every county. Raises E-OPS-082."""
    trust.lock(tx)
    here = (_table.number == number) & _table.withdrawn.is_(False) & (_table.ends_at > to_millis(now))
    if not tx.execute(update(announcements).where(here).values(withdrawn=True)).rowcount:
        raise YunhuobanError(NOT_THERE, found=str(number))
    trust.bump(tx)


def current(tx: Connection, now: datetime) -> Sequence[Announced]:
    """What is announced and not over, the first to end first."""
    rows = select(announcements).where(_table.withdrawn.is_(False), _table.ends_at > to_millis(now))
    return [
        Announced(number=row.number, notice=notices.read(bytes(row.body)))
        for row in tx.execute(rows.order_by(_table.ends_at, _table.number))
    ]


def entries(tx: Connection, now: datetime) -> list[bytes]:
    """What the directory says: what is over leaves it with the next one that is published."""
    rows = select(_table.body).where(_table.withdrawn.is_(False), _table.ends_at > to_millis(now))
    return [bytes(body) for body in tx.execute(rows.order_by(_table.number)).scalars()]
