"""Facts as a test wants them: a hub of three counties with which nothing is the matter, and what is changed of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hub.alerting.conditions import Facts
from hub.broker.states import BrokerOverview, QueueState
from hub.views.ledgerview import Pile
from hub.views.standing import CountyStanding, HubStatus, ListStanding
from schemas import topology
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW

COUNTIES = (WINDOW, ISSUING, FOREIGN)
NOTHING = Pile(count=0, oldest_at=None)


@dataclass
class Standing:
    """What a test changes, and the facts that follow from it."""

    at: datetime = START
    offline: set[str] = field(default_factory=set)
    waiting: dict[str, Pile] = field(default_factory=dict)
    queues: dict[str, dict[str, int]] = field(default_factory=dict)
    broker: dict[str, Any] | None = field(default_factory=dict)
    lists: list[ListStanding] | None = None
    others: dict[str, Any] = field(default_factory=dict)
    """Of `Facts`."""

    def facts(self, now: datetime | None = None) -> Facts:
        """As `FactFinder` would find them."""
        now = now or self.at
        there = ListStanding(number=1, age_days=0.1, ends_at=now + timedelta(days=10), late=False)
        status = HubStatus(
            at=now,
            broker=self._broker(),
            broker_trouble=None,
            queues=self._queues() if self.broker is not None else (),
            counties=[self._county(code) for code in COUNTIES],
            undone=NOTHING,
            unsaid=NOTHING,
            parked=NOTHING,
            dead=NOTHING,
            cases={},
            prints={},
            directory_serial=1,
            directory_ends_at=now + timedelta(days=1),
            revocation_lists=[there] if self.lists is None else self.lists,
            certificates=self.others.get("certificates", ()),
            epoch=1,
            leaves=1,
            checkpoint_at=now,
            witnesses=(0, 0),
        )
        good = Facts(
            status=status, dead={}, unknown_prints={}, late={}, late_answers={}, bad_ratings={}, red={}, red_plus={},
            ahead_seconds={}, workers={}, unsaved_since=None, free_share=0.5,
        )  # fmt: skip
        return replace(good, **{name: value for name, value in self.others.items() if name != "certificates"})

    def _broker(self) -> BrokerOverview | None:
        if self.broker is None:
            return None
        plain = BrokerOverview(
            version="3.10.8", node="n", memory_alarm=False, disk_alarm=False, memory_bytes=1, disk_free_bytes=1
        )
        return replace(plain, **self.broker)

    def _queues(self) -> list[QueueState]:
        names = [*topology.admission_queues(), topology.ADMISSION_EXPRESS, topology.DEAD_LETTERS]
        plain = {"ready": 0, "unacknowledged": 0, "consumers": 1, "dead_lettering": 0}
        return [QueueState(name=name, **(plain | self.queues.get(name, {}))) for name in names]

    def _county(self, code: str) -> CountyStanding:
        return CountyStanding(
            code=code,
            name=f"County {code}",
            state="active",
            connected=None if self.broker is None else code not in self.offline,
            held_since=None,
            held=False,
            slowed_since=None,
            waiting=self.waiting.get(code, NOTHING),
        )
