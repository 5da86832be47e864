"""An operator pauses what goes to one county or comes from it, and lets it go on: nothing is lost or overtaken.

A paused county is held like one that takes nothing: what is for it goes, confirmed, to its hold queue, and no drainer
opens it. After the pause a drainer brings it home in order. Nobody's consumer is cancelled for that: on RabbitMQ 3.10.8
one that is cancelled and registered again with deliveries in flight can kill its channel (rabbitmq-server #5927), so a
drainer stops by closing its channel and begins with a new one (`hub.outflow.hold`).

What it sends waits likewise in a queue of its own (`hub.pace.stopping`). The two are paused apart, each with a reason
that stays in the record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, insert, select, update

from hub import instants
from hub.instants import from_millis, to_millis
from hub.outflow.delivery import PAUSED, lock_destination
from hub.outflow.tables import link_acts
from hub.pace import stopping
from hub.record.acts import Act as Acted
from hub.record.noting import Actor, note
from hub.store import Store, insert_new, tables
from schemas.errors import YunhuobanError, declare

NO_REASON: Final = declare("E-BROKER-060", "暂停或恢复一个县必须写明原因。", "请写明原因后再办，它会留在记录里。")
NOT_SO: Final = declare(
    "E-BROKER-061", "这个县现在不能这样办：没有这个县，或者已经暂停、已经恢复。", "请刷新页面，看它现在的状态。"
)
REASON_CHARACTERS: Final = 200
_NEWEST: Final = 100
_destinations, _acts = tables.destinations, link_acts


class Act(StrEnum):
    """What an operator did."""

    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    STARTED = "started"


_ACTED: Final[Mapping[Act, Acted]] = {
    Act.PAUSED: Acted.LINK_PAUSED,
    Act.RESUMED: Acted.LINK_RESUMED,
    Act.STOPPED: Acted.SENDING_STOPPED,
    Act.STARTED: Acted.SENDING_STARTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the record."""

    at: datetime
    act: Act
    by: str
    reason: str


class LinkSwitch:
    """Pauses and resumes, one transaction each."""

    def __init__(self, store: Store) -> None:
        """Nothing is changed yet."""
        self._store = store

    def pause(self, county: str, *, reason: str, by: str) -> None:
        """From the next batch on nothing goes to this county. Raises E-BROKER-060, -061."""
        said = _reason(reason)
        with self._store.write() as tx:
            _demand_county(tx, county)
            moment = to_millis(instants.now())
            row = lock_destination(tx, county)
            if row is None:
                insert_new(tx, _destinations, division_code=county, held=False, held_since=None, reason="")
                row = lock_destination(tx, county)
            if row.reason == PAUSED:
                raise YunhuobanError(NOT_SO, place="county", found=Act.PAUSED)
            _set(tx, county, held=True, held_since=row.held_since or moment, reason=PAUSED)
            _record(tx, county, Act.PAUSED, said, by)

    def resume(self, county: str, *, reason: str, by: str) -> None:
        """What waits goes home in order, then everything goes its way again. Raises E-BROKER-060, -061."""
        said = _reason(reason)
        with self._store.write() as tx:
            row = lock_destination(tx, county)
            if row is None or row.reason != PAUSED:
                raise YunhuobanError(NOT_SO, place="county", found=Act.RESUMED)
            _set(tx, county, reason="waiting")  # held until a drainer has emptied its hold queue
            _record(tx, county, Act.RESUMED, said, by)

    def stop_sending(self, county: str, *, reason: str, by: str) -> None:
        """Within two seconds nothing of it is admitted any more. Raises E-BROKER-060, -061."""
        said = _reason(reason)
        with self._store.write() as tx:
            _demand_county(tx, county)
            if stopping.is_stopped(tx, county):
                raise YunhuobanError(NOT_SO, place="county", found=Act.STOPPED)
            stopping.stop(tx, county, instants.now())
            _record(tx, county, Act.STOPPED, said, by)

    def start_sending(self, county: str, *, reason: str, by: str) -> None:
        """What waits is admitted in order, then everything as usual. Raises E-BROKER-060, -061."""
        said = _reason(reason)
        with self._store.write() as tx:
            if not stopping.is_stopped(tx, county):
                raise YunhuobanError(NOT_SO, place="county", found=Act.STARTED)
            stopping.let_go_on(tx, county, instants.now())
            _record(tx, county, Act.STARTED, said, by)

    def is_stopped(self, county: str) -> bool:
        """Whether what it sends waits."""
        with self._store.read() as tx:
            return stopping.is_stopped(tx, county)

    def knows(self, county: str) -> bool:
        """Whether there is such a county."""
        with self._store.read() as tx:
            return _is_known(tx, county)

    def record(self, county: str) -> Sequence[Entry]:
        """What was done with this county's link, in both directions, newest first."""
        asked = select(_acts).where(_acts.c.county == county).order_by(_acts.c.serial.desc()).limit(_NEWEST)
        with self._store.read() as tx:
            rows = tx.execute(asked).all()
        return [Entry(at=from_millis(row.at), act=Act(row.act), by=row.by, reason=row.reason) for row in rows]

    def is_paused(self, county: str) -> bool:
        """Whether it is."""
        with self._store.read() as tx:
            return is_paused(tx, county)


def paused(tx: Connection) -> frozenset[str]:
    """Every county that is paused."""
    asked = select(_destinations.c.division_code).where(_destinations.c.reason == PAUSED)
    return frozenset(tx.execute(asked).scalars())


def is_paused(tx: Connection, county: str) -> bool:
    """Whether this one is."""
    mine = (_destinations.c.division_code == county) & (_destinations.c.reason == PAUSED)
    return tx.execute(select(_destinations.c.held).where(mine)).first() is not None


def _reason(reason: str) -> str:
    said = " ".join(reason.split())[:REASON_CHARACTERS]
    if not said:
        raise YunhuobanError(NO_REASON, place="reason")
    return said


def _demand_county(tx: Connection, county: str) -> None:
    if not _is_known(tx, county):
        raise YunhuobanError(NOT_SO, place="county")


def _is_known(tx: Connection, county: str) -> bool:
    counties = tables.counties.c
    return tx.execute(select(counties.state).where(counties.division_code == county)).first() is not None


def _set(tx: Connection, county: str, **values: object) -> None:
    tx.execute(update(_destinations).where(_destinations.c.division_code == county).values(**values))


def _record(tx: Connection, county: str, act: Act, reason: str, by: str) -> None:
    now = instants.now()
    row = {"county": county, "at": to_millis(now), "act": act.value, "by": by, "reason": reason}
    tx.execute(insert(_acts).values(**row))
    note(tx, Actor(account=by), _ACTED[act], at=now, about=county, reason=reason)
