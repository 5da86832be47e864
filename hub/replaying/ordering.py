"""Orders to send dead letters again: tried dry, counted, capped, given by two persons, stopped by one.

An order takes its letters at once, so that nobody else settles them meanwhile; the keeper sends them (`sending`). One
letter needs one person, many need two: a wrong filter over many counties is the accident to make impossible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from hub.instants import from_millis, to_millis
from hub.outflow import deadletters
from hub.outflow.deadletters import NO_REASON, NOT_WAITING
from hub.record.acts import Act
from hub.record.noting import Actor, note
from hub.replaying import choosing
from hub.replaying.choosing import Letter, Wanted
from hub.store import tables
from schemas.errors import YunhuobanError, declare

MOST: Final = 500
"""Letters of one order: what a person can answer for when the filter was wrong."""
RATES: Final = range(1, 51)
SLOWLY: Final = 5
"""Letters a second unless told otherwise: there is time to see what they do, and to stop."""

COUNT_CHANGED: Final = declare(
    "E-ADM-095",
    "符合条件的死信已不是清点时的 {expected} 条，现在是 {found} 条，没有下达。",
    "请重新清点，核对后再下达。",
)
TOO_MANY: Final = declare(
    "E-ADM-096", "一批最多重放 {expected} 条，符合条件的超过了这个数，没有下达。", "请把条件收窄，分几批办。"
)
NOT_RUNNING: Final = declare("E-ADM-097", "没有这个正在进行的批次。", "请在重放批次的列表中核对编号和状态。")
RATE_WRONG: Final = declare("E-ADM-098", "速度须在每秒 {expected} 条之间。", "请改写速度；没有把握时从每秒 5 条开始。")
_letters: Final = tables.dead_letters
_replays: Final = tables.replays


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What an order would do, were it given now."""

    count: int
    """How many fit the filter; one more than the cap stands for all beyond it."""
    goes: int
    stays: Mapping[str, int]
    """How many would not be sent, by code."""
    first: Sequence[Letter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order and what has become of it."""

    number: int
    wanted: Wanted
    count: int
    rate: int
    state: str
    ordered_by: str
    second: str
    reason: str
    ordered_at: datetime
    ended_at: datetime | None
    why: str
    sent: int
    left: int


def attempt(tx: Connection, wanted: Wanted, now: datetime) -> Tried:
    """The dry run: changes nothing and sends nothing."""
    rows = tx.execute(_chosen(wanted).limit(MOST + 1)).all()
    stays: dict[str, int] = {}
    for row in rows:
        if (code := deadletters.why_not(row, now)) is not None:
            stays[code.code] = stays.get(code.code, 0) + 1
    first = [choosing.letter_of(row) for row in rows[: choosing.PAGE]]
    return Tried(count=len(rows), goes=len(rows) - sum(stays.values()), stays=stays, first=first)


def order_many(
    tx: Connection, wanted: Wanted, who: Actor, *, counted: int, rate: int, reason: str, second: str, now: datetime
) -> int:
    """Take all that fit the filter for sending; returns the order's number.

    Raises E-ADM-092, E-ADM-095 when they are not as many as were counted, E-ADM-096 or E-ADM-098.
    """
    if rate not in RATES:
        raise YunhuobanError(RATE_WRONG, place="rate", found=str(rate), expected=f"{RATES[0]}–{RATES[-1]}")
    rows = tx.execute(_chosen(wanted).limit(MOST + 1).with_for_update()).all()
    if len(rows) > MOST:
        raise YunhuobanError(TOO_MANY, place="wanted", found=f"> {MOST}", expected=str(MOST))
    if len(rows) != counted:
        raise YunhuobanError(COUNT_CHANGED, place="wanted", found=str(len(rows)), expected=str(counted))
    good = [row.id for row in rows if deadletters.why_not(row, now) is None]
    return _order(tx, wanted, good, who, rate=rate, reason=reason, second=second, now=now)


def order_one(tx: Connection, number: str, who: Actor, *, reason: str, now: datetime) -> int:
    """Take one letter for sending; returns the order's number. Raises E-ADM-091 to -094."""
    wanted = Wanted(letter=number)
    row = tx.execute(_chosen(wanted).with_for_update()).one_or_none()
    if row is None:
        raise YunhuobanError(NOT_WAITING, place=number)
    if (code := deadletters.why_not(row, now)) is not None:
        raise YunhuobanError(code, place=number)
    return _order(tx, wanted, [row.id], who, rate=SLOWLY, reason=reason, second="", now=now)


def stop(tx: Connection, number: int, who: Actor, *, reason: str, now: datetime) -> None:
    """End an order. When this is committed nothing more of it is sent; what is left waits as before.

    Raises E-ADM-097. A reason is kept when there is one: nobody has to think of one before it stops.
    """
    row = tx.execute(select(_replays).where(_replays.c.number == number).with_for_update()).one_or_none()
    if row is None or row.state != "running":
        raise YunhuobanError(NOT_RUNNING, place=str(number))
    end(tx, number, "stopped", now=now)
    note(tx, who, Act.REPLAY_STOPPED, at=now, about=about(number), reason=reason)


def end(tx: Connection, number: int, state: str, *, now: datetime, why: str = "") -> None:
    """Close an order; letters that were not sent wait for a person again."""
    left = (_letters.c.batch == number, _letters.c.state == "queued")
    tx.execute(update(_letters).where(*left).values(state="waiting"))
    values = {"state": state, "ended_at": to_millis(now), "why": why[:60]}
    tx.execute(update(_replays).where(_replays.c.number == number).values(**values))


def end_all(tx: Connection, *, why: str, now: datetime) -> None:
    """Close every order that runs: after a restore nobody knows any more how far it had come."""
    for number in tx.execute(select(_replays.c.number).where(_replays.c.state == "running")).scalars().all():
        end(tx, number, "stopped", now=now, why=why)


def listed(tx: Connection, *, limit: int = choosing.PAGE) -> Sequence[Order]:
    """The newest orders first."""
    rows = tx.execute(select(_replays).order_by(_replays.c.number.desc()).limit(limit)).all()
    return [_told(tx, row) for row in rows]


def one(tx: Connection, number: int) -> Order | None:
    """One order; None when there is none of this number."""
    row = tx.execute(select(_replays).where(_replays.c.number == number)).one_or_none()
    return _told(tx, row) if row else None


def about(number: int) -> str:
    """How the record names an order."""
    return f"replay-{number}"


def _order(
    tx: Connection,
    wanted: Wanted,
    letters: list[str],
    who: Actor,
    *,
    rate: int,
    reason: str,
    second: str,
    now: datetime,
) -> int:
    if not reason.strip():
        raise YunhuobanError(NO_REASON, place="reason")
    values = {
        "wanted": wanted.to_json(),
        "count": len(letters),
        "rate": rate,
        "sent": 0,
        "state": "running",
        "ordered_by": who.account[:64],
        "second": second[:64],
        "reason": reason.strip()[:400],
        "ordered_at": to_millis(now),
        "why": "",
    }
    made = tx.execute(insert(_replays).values(**values).returning(_replays.c.number)).scalar_one()
    number = int(made)
    tx.execute(update(_letters).where(_letters.c.id.in_(letters)).values(state="queued", batch=number))
    said = f"{len(letters)} · {wanted.said()} · {reason.strip()}"
    note(tx, who, Act.REPLAY_ORDERED, at=now, about=about(number), reason=said, second=second)
    return number


def _chosen(wanted: Wanted) -> Any:
    return select(_letters).where(choosing.matching(wanted)).order_by(_letters.c.died_at, _letters.c.id)


def _told(tx: Connection, row: Any) -> Order:
    queued = select(func.count()).where(_letters.c.batch == row.number, _letters.c.state == "queued")
    return Order(
        number=row.number,
        wanted=Wanted.from_json(row.wanted),
        count=row.count,
        rate=row.rate,
        state=row.state,
        ordered_by=row.ordered_by,
        second=row.second,
        reason=row.reason,
        ordered_at=from_millis(row.ordered_at),
        ended_at=from_millis(row.ended_at) if row.ended_at is not None else None,
        why=row.why,
        sent=row.sent,
        left=tx.execute(queued).scalar_one(),
    )
