"""A broker that answers what the test says, counting how often it is asked."""

from dataclasses import dataclass, field

from hub.broker.management import NO_ANSWER
from hub.broker.states import BrokerOverview, ConnectionState, QueueState
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, START, WINDOW


@dataclass
class StandingBroker:
    """In the place of `hub.broker.management.Management`."""

    away: bool = False
    disk_alarm: bool = False
    asked: list[str] = field(default_factory=list)

    def overview(self) -> BrokerOverview:
        """One node."""
        self._ask("overview")
        return BrokerOverview(
            version="3.10.8", node="hub@here", memory_alarm=False, disk_alarm=self.disk_alarm, memory_bytes=1,
            disk_free_bytes=1,
        )  # fmt: skip

    def queues(self, vhost: str) -> list[QueueState]:
        """Both counties' queues and the dead letters."""
        self._ask(f"queues {vhost}")
        names = [*topology.county_queues(WINDOW), *topology.county_queues(ISSUING), topology.DEAD_LETTERS]
        return [QueueState(name=name, ready=1, unacknowledged=2, consumers=3, dead_lettering=0) for name in names]

    def connections(self) -> list[ConnectionState]:
        """The window county alone."""
        self._ask("connections")
        return [ConnectionState(name="c", user=WINDOW, vhost="v", address="a", connected_at=START)]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            raise YunhuobanError(NO_ANSWER, place="broker")
