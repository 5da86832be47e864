"""Each alert in the store from its beginning to its end, so that a restart neither repeats nor forgets one.

Of one kind and subject one alert stands at a time. It counts once it has stood for its kind's time, and it is over when
it has not been seen for `OVER_AFTER`: what comes and goes is one alert and not fifty.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, select, update

from hub.alerting.conditions import Found, Matter
from hub.alerting.kinds import KINDS
from hub.alerting.plan import passed
from hub.alerting.tables import alert_turn, alerts
from hub.instants import from_millis, to_millis
from hub.record.acts import Act
from hub.record.noting import Actor
from hub.record.noting import note as note_act
from hub.store.writing import insert_new
from schemas.errors import YunhuobanError, declare

NOT_STANDING: Final = declare(
    "E-ALERT-002", "没有这条告警，或者它已经恢复。", "请刷新页面，或用 hub alerts list 查看。"
)
NEEDS_REASON: Final = declare(
    "E-ALERT-003", "确认告警要写明谁在处理、怎么处理。", "请用一句话写明，例如“已电话联系吴桥县”。"
)
OVER_AFTER: Final = timedelta(minutes=2)
TURN: Final = timedelta(minutes=2)
"""A keeper that says nothing for so long has lost its turn."""
_KEPT: Final = timedelta(days=90)
_NAME: Final = "alerts"
_LONGEST: Final = 400
_columns = alerts.c


def take_turn(tx: Connection, holder: str, now: datetime) -> bool:
    """Whether this keeper looks and tells; another one does as long as it is there."""
    turn, free = alert_turn.c, to_millis(now)
    mine = (turn.holder == holder) | (turn.until_at < free) | (turn.until_at > to_millis(now + 2 * TURN))
    values = {"holder": holder, "until_at": to_millis(now + TURN)}
    if tx.execute(update(alert_turn).where(turn.name == _NAME, mine).values(**values)).rowcount:
        return True
    return insert_new(tx, alert_turn, name=_NAME, **values)


def looked(tx: Connection, now: datetime) -> None:
    """The hub was looked at, and everything written down."""
    tx.execute(update(alert_turn).where(alert_turn.c.name == _NAME).values(looked_at=to_millis(now)))


def looked_at(tx: Connection) -> datetime | None:
    """When that was last."""
    at = tx.execute(select(alert_turn.c.looked_at).where(alert_turn.c.name == _NAME)).scalar()
    return from_millis(at) if at is not None else None


def observe(tx: Connection, found: Found, now: datetime) -> None:
    """Write down what is the matter now, what has begun by it, and what is over. Old alerts are forgotten."""
    standing = {
        (row.kind, row.subject): row for row in tx.execute(select(alerts).where(_columns.resolved_at.is_(None)))
    }
    for kind, matters in found.items():
        for each in matters:
            row = standing.pop((kind, each.subject), None)
            if row is None:
                _begin(tx, kind, each, now)
            else:
                _go_on(tx, row, each, now)
    for (kind, _subject), row in standing.items():
        if kind in found or kind not in KINDS:
            _fade(tx, row, now)
    tx.execute(delete(alerts).where(_columns.resolved_at < to_millis(now - _KEPT)))


def _begin(tx: Connection, kind: str, each: Matter, now: datetime) -> None:
    at = to_millis(now)
    insert_new(
        tx,
        alerts,
        id=str(uuid4()),
        kind=kind,
        subject=each.subject,
        urgent=KINDS[kind].urgent,
        seen_at=at,
        since_at=to_millis(each.since_at) if each.since_at else None,
        amount=each.count,
        whole=each.whole,
        started_at=at if _stood(kind, each.since_at or now, now) else None,
        acknowledged_by="",
        note="",
        level=0,
        ended_level=0,
    )


def enter_past(tx: Connection, kind: str, subject: str, *, since: datetime, now: datetime) -> None:
    """One that could not be written down while it stood, and of which everybody has heard by now."""
    insert_new(
        tx,
        alerts,
        id=str(uuid4()),
        kind=kind,
        subject=subject,
        urgent=KINDS[kind].urgent,
        seen_at=to_millis(since),
        amount=1,
        started_at=to_millis(since),
        resolved_at=to_millis(now),
        acknowledged_by="",
        note="",
        level=0,
        ended_level=0,
    )


def _go_on(tx: Connection, row: Row[Any], each: Matter, now: datetime) -> None:
    values: dict[str, Any] = {}
    if (row.amount, row.whole) != (each.count, each.whole):
        values |= {"amount": each.count, "whole": each.whole}
    if row.gone_at is not None:
        values["gone_at"] = None
    if row.started_at is None and _stood(row.kind, _began(row), now):
        values["started_at"] = to_millis(now)
    if values:
        tx.execute(update(alerts).where(_columns.id == row.id).values(**values))


def _stood(kind: str, since: datetime, now: datetime) -> bool:
    """Whether it has stood for its kind's time, counted from when it is known to have begun."""
    return not KINDS[kind].after or passed(since, now, KINDS[kind].after)


def _began(row: Row[Any]) -> datetime:
    return from_millis(row.seen_at if row.since_at is None else min(row.seen_at, row.since_at))


def _fade(tx: Connection, row: Row[Any], now: datetime) -> None:
    this = _columns.id == row.id
    if row.started_at is None:
        tx.execute(delete(alerts).where(this))  # nobody has heard of it
    elif row.gone_at is None:
        tx.execute(update(alerts).where(this).values(gone_at=to_millis(now)))
    elif passed(from_millis(row.gone_at), now, OVER_AFTER):
        tx.execute(update(alerts).where(this).values(resolved_at=to_millis(now)))


def standing(tx: Connection) -> Sequence[Row[Any]]:
    """What has begun and is not over; the oldest first."""
    begun = select(alerts).where(_columns.resolved_at.is_(None), _columns.started_at.is_not(None))
    return tx.execute(begun.order_by(_columns.started_at, _columns.id)).all()


def recent(tx: Connection, limit: int) -> Sequence[Row[Any]]:
    """What is over, newest first."""
    over = select(alerts).where(_columns.resolved_at.is_not(None))
    return tx.execute(over.order_by(_columns.resolved_at.desc(), _columns.id).limit(limit)).all()


def counts(tx: Connection) -> Mapping[str, tuple[int, int]]:
    """How many stand of each kind, and how many of them nobody has acknowledged."""
    found = dict.fromkeys(KINDS, (0, 0))
    for row in standing(tx):
        all_, open_ = found.get(row.kind, (0, 0))
        found[row.kind] = (all_ + 1, open_ + (row.acknowledged_at is None))
    return found


def acknowledge(tx: Connection, number: str, *, by: str, note: str, now: datetime) -> None:
    """Somebody has taken it on: it goes to nobody else. Raises E-ALERT-002 or -003."""
    said = note.strip()
    if not said or len(said) > _LONGEST:
        raise YunhuobanError(NEEDS_REASON, place="note", expected=f"1-{_LONGEST}")
    stands = (_columns.id == number) & _columns.resolved_at.is_(None) & _columns.acknowledged_at.is_(None)
    values = {"acknowledged_at": to_millis(now), "acknowledged_by": by, "note": said}
    if not tx.execute(update(alerts).where(stands).values(**values)).rowcount:
        raise YunhuobanError(NOT_STANDING, place="alert", found=number[:36])
    note_act(tx, Actor(account=by), Act.ALERT_TAKEN, at=now, about=number, reason=said)
