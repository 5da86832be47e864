"""The hub's processes: admission workers, the express worker, the pump of attachments, and the keeper of all the rest.

Workers share the sixteen shards: each subscribes to its own at once and to the others some seconds later, so that a
worker that is gone is replaced and one that is there is left alone (single active consumer).
"""

import sys
import threading
import time
from collections.abc import Iterable
from contextlib import closing, nullcontext
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select

from hub.around.keeping import AroundKeeper
from hub.bootstrap import HUB_USER, Hub, management
from hub.broker import BrokerLink
from hub.broker.management import Management
from hub.history import epochs
from hub.instants import now, to_millis
from hub.observing import redelivering
from hub.observing.keeping import Observer, observe
from hub.observing.lateness import LateWatch
from hub.outflow import deadletters
from hub.outflow.delivery import held_counties
from hub.outflow.effects import Done, mark_done, spoken_parcel
from hub.outflow.hold import HoldDrainer, HoldDrainers, to_drain
from hub.outflow.pausing import paused
from hub.pace import slowed
from hub.registry import directory
from hub.registry.cutting import Cutter
from hub.registry.upkeep import Upkeep
from hub.replaying import sending
from hub.store import tables
from hub.supervision import watching
from schemas import topology
from schemas.errors import YunhuobanError
from schemas.messages import PUBLISHED

_log = structlog.get_logger(__name__)
_TAKE_SECONDS: Final = 0.5
_KEEPER_SECONDS: Final = 1.0
_PARTS_PREFETCH: Final = 4
_LISTS_SECONDS: Final = 0.25
_DEPTHS_SECONDS: Final = 5.0
_ALERTS_SECONDS: Final = 15.0
_ALERTS_MOST_SECONDS: Final = 30.0
"""However long a look took, or an address that does not answer: somebody waits to be told."""
_DEPTHS_SHARE: Final = 20
"""Some 11,400 queues take the broker a second to list: it is asked for that at most a twentieth of the time."""
_PAUSE_AFTER_ERROR_SECONDS: Final = 1.0
_SWITCH_SECONDS: Final = 0.0005
"""How long one thread may keep the others from the interpreter. Both threads of a worker are busy, the one with the
broker's frames and the one with the batch; at Python's 5 ms they waited for each other a tenth of the time."""


def run_admission(hub: Hub, stop: threading.Event, *, index: int = 0, count: int = 1) -> None:
    """Admit from the shards until `stop`; `index` of `count` workers says which shards are its own."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    settings = hub.settings.worker
    queues = topology.admission_queues()
    own = [name for i, name in enumerate(queues) if i % count == index]
    others = [name for name in queues if name not in own]
    with hub.admission_link() as link:
        for name in own:
            link.subscribe(name, settings.prefetch)
        _work(hub, link, stop, later=(settings.foreign_shards_after_seconds, others))


def run_express(hub: Hub, stop: threading.Event) -> None:
    """Admit print claims until `stop`."""
    with hub.admission_link() as link:
        link.subscribe(topology.ADMISSION_EXPRESS, hub.settings.worker.prefetch)
        _work(hub, link, stop, later=(0.0, []))


def run_parts(hub: Hub, stop: threading.Event) -> None:
    """Pass parts of attachments on, until `stop`; of several pumps one has each queue (single active consumer).

    A part is half a megabyte, and what is in hand lies in memory: few are taken at once.
    """
    with hub.link() as link:
        for name in topology.parts_queues():
            link.subscribe(name, _PARTS_PREFETCH)
        pump = hub.pump(link)
        while not stop.is_set():
            try:
                pump.run_once(_TAKE_SECONDS)
            except YunhuobanError as error:
                _log.error("worker.step_failed", code=str(error.code), place=error.place)
                stop.wait(_PAUSE_AFTER_ERROR_SECONDS)


def run_slow(hub: Hub, stop: threading.Event) -> None:
    """Admit from the slow queues of counties that send too fast, until `stop`."""
    with hub.slow_link() as link:
        lane = hub.slow_lane(link)
        while not stop.is_set():
            try:
                pause = lane.run_once()
            except YunhuobanError as error:
                _log.error("worker.step_failed", code=str(error.code), place=error.place)
                pause = _PAUSE_AFTER_ERROR_SECONDS
            stop.wait(pause)
        lane.flush()


def _work(hub: Hub, link: BrokerLink, stop: threading.Event, *, later: tuple[float, list[str]]) -> None:
    settings = hub.settings.worker
    pipeline, sweep = hub.pipeline(link), hub.sweep(link)
    started = last_sweep = time.monotonic()
    after, others = later
    while not stop.is_set():
        try:
            pipeline.run_once(_TAKE_SECONDS)
            moment = time.monotonic()
            if others and moment - started >= after:
                for name in others:
                    link.subscribe(name, settings.prefetch)
                others = []
            if moment - last_sweep >= settings.sweep_seconds:
                last_sweep = moment
                pipeline.refuse_overdue(settings.parked_seconds)
                sweep.run_once()
        except YunhuobanError as error:
            _log.error("worker.step_failed", code=str(error.code), place=error.place)
            stop.wait(_PAUSE_AFTER_ERROR_SECONDS)
    pipeline.flush()


def watch_lists(hub: Hub, broker: Management, stop: threading.Event) -> None:
    """Bring new revocation lists in and cut off what they revoke, until `stop`: in a thread of its own.

    A revocation counts within a second in admission, whatever else the keeper is busy with.
    """
    lists = hub.revocation_folder()
    cutter, due = Cutter(hub.store, broker), True
    while not stop.is_set():
        try:
            due = lists.run_once(now()) or due
            if due or cutter.due:
                cutter.run_once()
                due = False
        except YunhuobanError as error:
            _log.error("keeper.step_failed", code=str(error.code), place=error.place)
            stop.wait(_PAUSE_AFTER_ERROR_SECONDS)
        stop.wait(_LISTS_SECONDS)


def keep_up(hub: Hub, broker: Management, stop: threading.Event) -> None:
    """Bring the broker to what the store says, until `stop`: in a thread of its own, for it may take seconds."""
    vhost = hub.settings.broker.vhost
    upkeep = Upkeep(hub.store, lambda: nullcontext(broker), vhost=vhost, hub_user=HUB_USER)
    while not stop.wait(_KEEPER_SECONDS):
        upkeep.run_once()


def watch_alerts(hub: Hub, broker: Management, stop: threading.Event) -> None:
    """Look at everything and tell whoever is on call, until `stop`: in a thread of its own, for telling takes seconds.

    When it ends by anything else, the keeper ends with it and is replaced: nobody would hear that nobody looks.
    """
    from hub.alerting.facts import FactFinder  # noqa: PLC0415 -- no other worker waits for the views at its start
    from hub.alerting.plan import PlanFile  # noqa: PLC0415
    from hub.alerting.watch import AlertWatch  # noqa: PLC0415

    settings = hub.settings
    try:
        plan, facts = PlanFile(settings.folder), FactFinder(hub.store, broker, settings)
        watch, pause = AlertWatch(hub.store, facts, plan, origin=settings.origin), _ALERTS_SECONDS
        while not stop.wait(pause):
            started = time.monotonic()
            try:
                watch.run_once(now())
            except YunhuobanError as error:
                _log.error("keeper.step_failed", code=str(error.code), place=error.place)
                pause = _ALERTS_SECONDS  # waiting for a store that is locked has kept nobody busy
                continue
            took = (time.monotonic() - started) * _DEPTHS_SHARE
            pause = min(max(_ALERTS_SECONDS, took), _ALERTS_MOST_SECONDS)
    finally:
        stop.set()


def watch_clocks(hub: Hub, broker: Management, stop: threading.Event) -> None:
    """Say that the hub is there and watch time limits, until `stop`: in a thread of its own, for it takes long."""
    watching.watch(hub.store, broker, stop, now)


def watch_hours(hub: Hub, broker: Management, stop: threading.Event) -> None:
    """Note who is there and how the hour is, until `stop`: in a thread of its own, as the others."""
    observe(Observer(hub.store, lambda: nullcontext(broker)), stop)


def watch_limits(hub: Hub, _broker: Management, stop: threading.Event) -> None:
    """Keep until when each case is due, until `stop`: in a thread of its own, because no broker is waited for."""
    LateWatch(hub.store, now()).keep(stop, now)


def watch_around(hub: Hub, _broker: Management, stop: threading.Event) -> None:
    """Keep what is said around the cases, until `stop`: in a thread of its own, for after an upgrade it takes long."""
    AroundKeeper(hub.store).keep(stop, now)


def send_replays(hub: Hub, _broker: Management, stop: threading.Event) -> None:
    """Send what was ordered to be replayed, until `stop`: in a thread of its own, at its own pace."""
    sending.keep_sending(hub.store, hub.link, stop, now)


_BESIDES: Final = (
    # What one is at when the process ends it takes up again after the next start: nobody waits for it for long.
    (watch_lists, None),
    (send_replays, sending.CONFIRM_SECONDS),
    (keep_up, _KEEPER_SECONDS),
    (watch_clocks, _KEEPER_SECONDS),
    (watch_hours, _KEEPER_SECONDS),
    (watch_limits, _KEEPER_SECONDS),
    (watch_around, _KEEPER_SECONDS),
    (watch_alerts, 0.0),
)
"""What the keeper does at the side, and for how many seconds its end is waited for; None: until it is there."""


def run_keeper(hub: Hub, stop: threading.Event) -> None:
    """Watch lists, set the broker right, publish directories, drain hold queues, see to dead letters, until `stop`.

    All threads ask the broker through one client, which may be shared; it ends with the process.
    """
    broker = management(hub.settings)
    threads = [
        (threading.Thread(target=each, args=(hub, broker, stop), name=each.__name__, daemon=wait is not None), wait)
        for each, wait in _BESIDES
    ]
    for thread, _ in threads:
        thread.start()
    try:
        _keep(hub, broker, stop)
    finally:
        stop.set()
        for thread, wait in threads:
            thread.join(wait)


def _keep(hub: Hub, broker: Management, stop: threading.Event) -> None:
    publisher = hub.publisher()
    with (
        hub.link() as own,
        hub.link() as dead,
        hub.link() as asked,
        closing(HoldDrainers(lambda county: _drainer(hub, county))) as drainers,
    ):
        for name in (topology.DEAD_LETTERS, topology.UNROUTED_QUEUE):
            dead.subscribe(name, 50)
        asked.subscribe(topology.DIRECTORY_REQUESTS, 200)
        with hub.store.write() as tx:
            directory.bump_if_own_changed(tx, hub.keys.directory)
        post = hub.directory_post(own, asked)
        next_depths = float("-inf")
        depths: list[tuple[str, int]] = []
        while not stop.is_set():
            more = False
            try:
                more = post.run_once(now())
                with hub.store.read() as tx:
                    held, restored = held_counties(tx), epochs.newest(tx) is not None
                    stopped = paused(tx)
                if restored:
                    with hub.store.write() as tx:
                        epochs.settle(tx, log=hub.keys.checkpoint, now=now())
                publisher.run_once()
                _send_published(hub, own, held)
                if (started := time.monotonic()) >= next_depths:
                    states = broker.queues(hub.settings.broker.vhost)
                    depths = [(each.name, each.ready) for each in states]
                    took = time.monotonic() - started
                    next_depths = started + max(_DEPTHS_SECONDS, took * _DEPTHS_SHARE)
                    redelivering.look(hub.store, states, now())
                _lay_slow_roads(hub, broker, depths)
                for county in drainers.run_once(to_drain(held, depths) - stopped):
                    depths = [(name, ready) for name, ready in depths if name != topology.county_hold(county)]
                _collect_dead(hub, dead)
            except YunhuobanError as error:
                _log.error("keeper.step_failed", code=str(error.code), place=error.place)
            stop.wait(0.0 if more else _KEEPER_SECONDS)


def _send_published(hub: Hub, link: BrokerLink, held: frozenset[str]) -> None:
    """A new checkpoint, or a word on an epoch, goes out at once; what is not confirmed now is the sweep's."""
    outgoing = tables.outgoing
    fresh = to_millis(now() - timedelta(seconds=_KEEPER_SECONDS * 3))
    with hub.store.read() as tx:
        unsent = select(outgoing).where(~outgoing.c.done, outgoing.c.made_at > fresh)
        rows = tx.execute(unsent.where(outgoing.c.type.in_((PUBLISHED, epochs.KIND)))).all()
    if not rows:
        return
    settled = hub.delivery(link).publish([spoken_parcel(row) for row in rows], held)
    with hub.store.write() as tx:
        spoken = [row.message_id for row, good in zip(rows, settled, strict=True) if good]
        mark_done(tx, Done(spoken=spoken), now())


def _lay_slow_roads(hub: Hub, broker: Management, depths: Iterable[tuple[str, int]]) -> None:
    """Declare the slow queue of each county that has begun to flood; see to what lies in one whose row is gone."""
    left = {name.split(".")[1] for name, ready in depths if name.endswith(".slow") and ready}
    with hub.store.read() as tx:
        new = slowed.without_queue(tx)
        left -= {county for county, _ in slowed.roads(tx)}
    if new:
        broker.apply(hub.settings.broker.vhost, topology.slow_road(new))
    if new or left:
        with hub.store.write() as tx:
            for county in new:
                slowed.mark_queue(tx, county, stands=True)
            slowed.slow_down(tx, {(county, topology.SUBMIT) for county in left}, queue_stands=True, now=now())


def _drainer(hub: Hub, county: str) -> HoldDrainer:
    return HoldDrainer(
        county,
        open_link=hub.link,
        store=hub.store,
        monotonic=time.monotonic,
        confirm_seconds=hub.settings.worker.confirm_seconds,
    )


def _collect_dead(hub: Hub, link: BrokerLink) -> None:
    deliveries = link.take(50, 0.0)
    if not deliveries:
        return
    try:
        with hub.store.write() as tx:
            # In one order, so that two keepers never wait for each other.
            for each in sorted(deliveries, key=lambda each: each.message_id or ""):
                deadletters.keep_from_broker(tx, each, now())
    except YunhuobanError:
        link.requeue(deliveries)  # in our hands they would lie until the connection ends
        raise
    link.ack(deliveries)
    _log.error("deadletter.kept", count=len(deliveries))
