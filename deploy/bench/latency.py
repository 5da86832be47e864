"""End-to-end latency of relay and hub at the same rates: from the moment a message was due to its arrival.

The load is open: message n is due at start + n / rate, whatever became of those before it, and its latency counts
from then, not from when a busy sender got round to it (no coordinated omission). One process of its own sends and
receives, so that both times come from one clock; at the hub it receives at the destinations' inboxes, and what counts
is the forwarded message, not the receipt. The rates are shares of the hub's measured capacity with one worker, for
the relay as well: both carry the same load. The first second of each run is not counted.
"""

import pickle
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pika

from deploy.bench import children, hubrun, relay
from deploy.bench.ground import APART, Ground
from deploy.bench.hands import Hands, Posting, connection_parameters
from deploy.bench.messages import Wire
from deploy.bench.runs import percentile
from hub.bootstrap import link_parameters
from hub.broker import LinkParameters
from hub.settings import HubSettings

WARM_SECONDS: Final = 1.0
_TICK_SECONDS: Final = 0.001
_TAIL_SECONDS: Final = 30.0
_READY_SECONDS: Final = 120.0


class Prober:
    """Sends by the clock and notes arrivals."""

    def __init__(self, parameters: LinkParameters, postings: Sequence[Posting], rate: float, queues: list[str]) -> None:
        """`rate` is messages a second."""
        self.latencies: list[tuple[str, float]] = []
        """Message id and seconds of each arrival after the warm-up."""
        self._postings, self._rate, self._queues = postings, rate, queues
        self._due: dict[str, float] = {}
        self._sent = 0
        self._missing = len(postings)
        self._start = self._deadline = 0.0
        self._out: Any = None
        self._connection = pika.SelectConnection(
            connection_parameters(parameters),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda connection, _: connection.ioloop.stop(),
            on_close_callback=lambda connection, _: connection.ioloop.stop(),
        )

    def run(self) -> None:
        """Until everything has arrived. Raises RuntimeError when something has not."""
        self._connection.ioloop.start()
        if self._missing:
            raise RuntimeError(f"{self._missing} of {len(self._postings)} messages did not arrive")

    def _opened(self, channel: Any) -> None:
        self._out = channel
        for name in self._queues:
            channel.basic_consume(name, self._arrived, auto_ack=True)
        self._start = time.monotonic() + 0.2
        self._deadline = self._start + len(self._postings) / self._rate + _TAIL_SECONDS
        self._tick()

    def _tick(self) -> None:
        now = time.monotonic()
        while self._sent < len(self._postings) and (due := self._start + self._sent / self._rate) <= now:
            each = self._postings[self._sent]
            self._due[each.properties.message_id] = due
            self._out.basic_publish(each.exchange, each.key, each.body, each.properties)
            self._sent += 1
        if now > self._deadline:
            self._connection.close()
        elif self._missing:
            self._connection.ioloop.call_later(_TICK_SECONDS, self._tick)

    def _arrived(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        due = self._due.pop(properties.message_id, None)
        if due is None:  # a receipt, or a second copy
            return
        if due - self._start >= WARM_SECONDS:
            self.latencies.append((properties.message_id, time.monotonic() - due))
        self._missing -= 1
        if not self._missing:
            self._connection.close()


def of_relay(ground: Ground, load: list[Wire], rate: float, log: Path) -> list[float]:
    """Seconds of each message through the bare relay."""
    with Hands(ground.parameters(APART)) as hands:
        hands.declare(relay.IN, relay.OUT)
        hands.purge([relay.IN, relay.OUT])
        command = relay.command(ground)
        with children.running(command, log=log):
            hands.wait_consumers([relay.IN], _READY_SECONDS)
            found = probe(ground, load, rate, apart=True, queues=[relay.OUT], log=log)
    return [seconds for _, seconds in found]


def of_hub(ground: Ground, load: list[Wire], rate: float, log: Path) -> list[float]:
    """Seconds of each message through the hub with one worker."""
    with hubrun.working(ground, load, log):
        found = probe(ground, load, rate, apart=False, queues=hubrun.inboxes(load), log=log)
    return [seconds for _, seconds in found]


def probe(
    ground: Ground, load: list[Wire], rate: float, *, apart: bool, queues: list[str], log: Path
) -> list[tuple[str, float]]:
    """Send this load at this rate in a process of its own; the id and seconds of each arrival."""
    file = ground.settings.folder / "probe.pickle"
    file.write_bytes(pickle.dumps(load))
    parameters = {
        "folder": str(ground.settings.folder),
        "load": str(file),
        "rate": rate,
        "apart": apart,
        "queues": queues,
    }
    limit = len(load) / rate + _TAIL_SECONDS * 2
    said = children.answer("deploy.bench.latency", parameters, log=log, limit_seconds=limit)
    file.unlink()
    return [(message_id, seconds) for message_id, seconds in said["latencies"]]


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 in milliseconds."""
    return {f"p{share}_ms": percentile(seconds, share / 100) * 1000 for share in (50, 95, 99)}


def main() -> None:
    """The prober's own process."""
    given = children.parameters()
    load: list[Wire] = pickle.loads(Path(given["load"]).read_bytes())
    parameters = link_parameters(HubSettings.load(Path(given["folder"])))
    apart = given["apart"]
    prober = Prober(
        relay.apart(parameters) if apart else parameters,
        relay.postings(load) if apart else hubrun.postings(load),
        given["rate"],
        given["queues"],
    )
    prober.run()
    children.say(latencies=prober.latencies)


if __name__ == "__main__":
    main()
