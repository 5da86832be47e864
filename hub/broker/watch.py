"""Keeps the private node running: starts it when it is gone, and anew when it runs and cannot hold a message any more.

Measured on 3.10.8: when its disk is full, the log that all quorum queues write together ends and is not started again.
From then on every queue is `down`, nothing is confirmed and nothing delivered, for ever, also when there is room again;
connections, alarms and every health check of the broker say that all is well. Starting the node anew heals it: what it
confirmed is on disk. A queue that does not start even then has a broken log and gets a new one
(`hub.broker.deadqueues`), and one that has no leader is given one. What is remembered here is only what was tried: the
broker's list says what is still to do.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

import structlog

from hub.broker.deadqueues import have_all_connect_anew, hold_elections, start_empty, unserved
from hub.broker.management import Management
from hub.broker.node import BrokerNode
from schemas import topology
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
LOOK_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 10.0
"""A node that has just started says `down` of its queues for some seconds, too."""
WHOLE_LOOK_SECONDS: Final = 10.0
START_COUNTS_SECONDS: Final = 600.0
"""A queue that has lived this long after a start of the node may be dead for another reason, which a start heals."""
_WHOLE_LOOK_SHARE: Final = 20
"""Listing some 11,400 queues takes the broker a second: it is asked for that at most a twentieth of the time."""


class BrokerWatch:
    """One node's; `run_once` is called again and again and does something every `LOOK_SECONDS`."""

    def __init__(
        self,
        node: BrokerNode,
        management: Callable[[], AbstractContextManager[Management]],
        vhost: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`management` opens a door to this node's management API."""
        self._node = node
        self._management = management
        self._vhost = vhost
        self._monotonic = monotonic
        self._look_at = 0.0
        self._whole_look_at = 0.0
        self._down_since: float | None = None
        self._dead: frozenset[str] = frozenset()
        """Queues that had no process at the last look at all of them."""
        self._silent: frozenset[str] = frozenset()
        """Queues of which no state was known then."""
        self._elections_for: frozenset[str] = frozenset()
        """Those for which elections were held."""
        self._started_for: dict[str, float] = {}
        """Those for which the node was started anew already, and when they were last seen dead."""
        self._attempted: frozenset[str] = frozenset()
        """Those that were given a new log, it may be in vain."""

    def run_once(self) -> None:
        """Look, and start the node if that is what it needs. What cannot be done now is tried at the next look."""
        if self._monotonic() < self._look_at:
            return
        try:
            if not self._node.status().running:
                self._node.start()  # quorum queues and users are on its disk
                self._begin_anew()
            elif self._is_down():
                _log.error("broker.queues_down", queue=topology.admission_queue(0))
                self._start_anew()
            elif self._monotonic() >= self._whole_look_at:
                self._look_at_all()
        except YunhuobanError as error:
            _log.error("broker.not_started", code=error.code.code, place=error.place)
        self._look_at = self._monotonic() + LOOK_SECONDS

    def _start_anew(self) -> None:
        self._node.stop()
        self._node.start()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._down_since, self._dead = None, frozenset()
        self._silent = self._elections_for = frozenset()
        self._whole_look_at = self._monotonic() + WHOLE_LOOK_SECONDS

    def _look_at_all(self) -> None:
        """What serves nobody at two looks is mended; without room it would only fall again."""
        started = self._monotonic()
        with self._management() as management:
            found = unserved(management, self._vhost)
            dead, self._dead = found.dead & self._dead, found.dead
            silent, self._silent = found.silent & self._silent, found.silent
            room = not (dead or silent) or not management.overview().disk_alarm
        took = self._monotonic() - started
        self._whole_look_at = started + max(WHOLE_LOOK_SECONDS, took * _WHOLE_LOOK_SHARE)
        self._started_for = {
            queue: started if queue in found.dead else dead_at
            for queue, dead_at in self._started_for.items()
            if queue in found.dead or started - dead_at < START_COUNTS_SECONDS
        }
        if self._attempted - found.dead:
            have_all_connect_anew(self._node)
        self._attempted &= found.dead
        if room:
            self._lead(silent)
            self._revive(dead)

    def _lead(self, silent: frozenset[str]) -> None:
        """A queue that has no state once elections were held is given time: it may only not have been counted."""
        self._elections_for &= silent
        if new := silent - self._elections_for:
            _log.warning("broker.queues_without_leader", count=len(new), queue=min(new))
            hold_elections(self._node)
            self._elections_for = silent

    def _revive(self, dead: frozenset[str]) -> None:
        """The node is started anew for a dead queue, once; dead at two looks after that: it is replaced."""
        hopeless = dead & self._started_for.keys()
        for queue in sorted(hopeless):
            self._replace(queue)
        if waiting := dead - hopeless:
            _log.error("broker.queues_dead", count=len(waiting), queue=min(waiting))
            self._started_for |= dict.fromkeys(waiting, self._monotonic())
            self._start_anew()

    def _replace(self, queue: str) -> None:
        """One that cannot be replaced now keeps no other one waiting: it is dead at the next look, too."""
        self._attempted |= {queue}
        try:
            start_empty(self._node, self._vhost, queue)
        except YunhuobanError as error:
            _log.error("broker.queue_not_replaced", queue=queue, code=error.code.code)
            return
        _log.error("broker.queue_replaced", queue=queue)
        del self._started_for[queue]

    def _is_down(self) -> bool:
        """Whether it has been down for a while though there is room: one queue speaks for all, they share the log."""
        try:
            with self._management() as management:
                down = not management.serves(self._vhost, topology.admission_queue(0))
                down = down and not management.overview().disk_alarm  # without room it would only fall again
        except YunhuobanError:
            down = False  # starting, or busy: nothing is known
        if not down:
            self._down_since = None
            return False
        now = self._monotonic()
        self._down_since = now if self._down_since is None else self._down_since
        return now - self._down_since >= PATIENCE_SECONDS
