"""The keeper's round of alerts: look, write down, tell. Of several keepers one does it.

Told first and written down after: a crash in between tells twice, which is better than never.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection, select, update

from hub.alerting import book, conditions, words
from hub.alerting.conditions import Facts
from hub.alerting.outcry import Outcry
from hub.alerting.plan import Plan, PlanFile, Step
from hub.alerting.tables import alert_steps, alerts
from hub.alerting.telling import MOST_TRIES, Notice, StepState, due
from hub.instants import from_millis, to_millis
from hub.registry import county
from hub.store import STORE_FAILED, Store
from hub.store.writing import insert_new
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
_ENDS_ARE_TOLD_FOR: Final = timedelta(days=1)
_columns = alerts.c


class AlertWatch:
    """One process's. Not for several threads."""

    def __init__(self, store: Store, gather: Callable[[datetime], Facts], plan: PlanFile, *, origin: str) -> None:
        """`gather` says how the hub stands; `origin` is the hub's name, by which its notices are told apart."""
        self._store = store
        self._gather = gather
        self._plan = plan
        self._origin = origin
        self._holder = str(uuid4())
        self._has_turn = True
        """Until another keeper is known to look, this one does, and tells that the store is gone."""
        self._outcry = Outcry(origin=origin)

    def run_once(self, now: datetime) -> int:
        """One round; returns how many notices went out. Raises E-STORE-001, after those on call were told of it."""
        plan, started = self._plan.current(), time.monotonic()
        try:
            told = self._round(plan, now)
        except YunhuobanError as error:
            if error.code is STORE_FAILED and self._has_turn:
                self._outcry.failed(plan, now, now + timedelta(seconds=time.monotonic() - started))
            raise
        past = self._outcry.worked(plan)
        if past is not None:
            with self._store.write() as tx:
                book.enter_past(tx, past.kind, past.subject, since=from_millis(past.seen_at), now=now)
        return told

    def _round(self, plan: Plan, now: datetime) -> int:
        with self._store.write() as tx:
            self._has_turn = book.take_turn(tx, self._holder, now)
        if not self._has_turn:
            return 0
        found = conditions.found(self._gather(now), plan.limits)
        with self._store.write() as tx:
            book.observe(tx, found, now)
        told = self._tell(plan, now)
        with self._store.write() as tx:
            book.looked(tx, now)
        return told

    def _tell(self, plan: Plan, now: datetime) -> int:
        if not plan.steps:
            return 0
        with self._store.read() as tx:
            since = to_millis(now - _ENDS_ARE_TOLD_FOR)
            over = select(alerts).where(_columns.resolved_at > since, _columns.ended_level < _columns.level)
            notices = list(due(book.standing(tx), tx.execute(over).all(), plan, states(tx), now))
            names = {row.division_code: row.name for row in county.listed(tx)} if notices else {}
        return sum(self._give(each, plan, names, now) for each in notices)

    def _give(self, notice: Notice, plan: Plan, names: Mapping[str, str], now: datetime) -> bool:
        step = plan.steps[notice.step]
        title, text = words.notice(notice, plan, names=names, origin=self._origin)
        try:
            trouble = step.channels.tell(title, text)
        except YunhuobanError as error:
            with self._store.write() as tx:
                tries = _failed(tx, step, error, now)
                if tries >= MOST_TRIES:
                    _pass_on(tx, notice, last=notice.step + 1 == len(plan.steps))
            _log.error("alert.not_told", code=error.code.code, attempts=tries)
            return False
        with self._store.write() as tx:
            _note(tx, step.name, told_at=to_millis(now), tries=0, trouble=trouble.code.code if trouble else "")
            _raise(tx, notice, to_millis(now))
        _log.info("alert.told", count=len(notice.begun) + len(notice.over))
        return True


def states(tx: Connection) -> Mapping[str, StepState]:
    """How telling went so far, by the steps' names."""
    return {
        row.name: StepState(told_at=_at(row.told_at), tries=row.tries, tried_at=_at(row.tried_at))
        for row in tx.execute(select(alert_steps))
    }


def troubles(tx: Connection) -> Mapping[str, str]:
    """The steps that could not be told, or not wholly, with the code."""
    rows = select(alert_steps.c.name, alert_steps.c.trouble).where(alert_steps.c.trouble != "")
    return dict(tx.execute(rows).all())


def _raise(tx: Connection, notice: Notice, at: int | None) -> None:
    begun, over = [row.id for row in notice.begun], [row.id for row in notice.over]
    tx.execute(update(alerts).where(_columns.id.in_(begun)).values(level=notice.step + 1, level_at=at))
    tx.execute(update(alerts).where(_columns.id.in_(over)).values(ended_level=notice.step + 1))


def _pass_on(tx: Connection, notice: Notice, *, last: bool) -> None:
    """It is the next step's turn at once; the last one is tried for as long as the alert stands."""
    _raise(tx, Notice(step=notice.step, begun=[] if last else notice.begun, over=notice.over), None)


def _failed(tx: Connection, step: Step, error: YunhuobanError, now: datetime) -> int:
    tries = tx.execute(select(alert_steps.c.tries).where(alert_steps.c.name == step.name)).scalar() or 0
    _note(tx, step.name, tries=tries + 1, tried_at=to_millis(now), trouble=error.code.code)
    return tries + 1


def _note(tx: Connection, name: str, **values: Any) -> None:
    if not tx.execute(update(alert_steps).where(alert_steps.c.name == name).values(**values)).rowcount:
        insert_new(tx, alert_steps, name=name, **{"tries": 0, "trouble": "", **values})


def _at(millis: int | None) -> datetime | None:
    return from_millis(millis) if millis is not None else None
