"""The bare relay, which is what client and broker allow: one pika process that consumes, publishes and acknowledges.

As fast as pika honestly does it: SelectConnection, one channel to consume and one to publish with confirms, hundreds
unconfirmed at a time, one acknowledgement for everything confirmed so far. It checks nothing and remembers nothing.
Its clock runs from the first message in hand to the last one confirmed and acknowledged.
"""

import json
import time
from pathlib import Path
from typing import Any, Final

import pika
from pika.spec import Basic, BasicProperties

from deploy.bench import children
from deploy.bench.ground import APART, Ground
from deploy.bench.hands import Confirms, Hands, Posting, connection_parameters, load
from deploy.bench.messages import Wire
from deploy.bench.runs import Run
from hub.bootstrap import link_parameters
from hub.broker import LinkParameters
from hub.settings import HubSettings

IN: Final = "relay.in"
OUT: Final = "relay.out"
_PREFETCH: Final = 1000
_LIMIT_SECONDS: Final = 300.0


class Relay:
    """Relays `count` messages, or for ever when it is 0, and measures."""

    def __init__(self, parameters: LinkParameters, count: int) -> None:
        """Not connected yet."""
        self.first_at = self.last_at = 0.0
        self._count = count
        self._confirms = Confirms()
        self._acknowledged = 0
        self._out: Any = None
        self._in: Any = None
        self._connection = pika.SelectConnection(
            connection_parameters(parameters),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._publisher_opened),
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
        )

    def run(self) -> None:
        """Until all is relayed. Raises RuntimeError when the broker ends it earlier."""
        self._connection.ioloop.start()
        if not self._count or self._acknowledged < self._count:
            raise RuntimeError(f"{self._acknowledged} of {self._count} relayed")

    def _publisher_opened(self, channel: Any) -> None:
        self._out = channel
        channel.confirm_delivery(self._confirmed, callback=self._confirming)

    def _confirming(self, _frame: Any) -> None:
        self._connection.channel(on_open_callback=self._consumer_opened)

    def _consumer_opened(self, channel: Any) -> None:
        self._in = channel
        channel.basic_qos(prefetch_count=_PREFETCH)
        channel.basic_consume(IN, self._arrived)

    def _arrived(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        if not self.first_at:
            self.first_at = time.time()
        fresh = BasicProperties(
            content_type=properties.content_type,
            headers=properties.headers,
            delivery_mode=2,
            message_id=properties.message_id,
            type=properties.type,
        )
        self._out.basic_publish("", OUT, body, fresh, mandatory=True)

    def _confirmed(self, frame: Any) -> None:
        if not isinstance(frame.method, Basic.Ack):
            self._connection.close()
            return
        # Both channels are new and keep one order: the tag that is confirmed is the tag that was delivered.
        upto = self._confirms.take(frame.method.delivery_tag, multiple=frame.method.multiple)
        if upto > self._acknowledged:
            self._in.basic_ack(upto, multiple=True)
            self._acknowledged = upto
        if self._acknowledged == self._count:
            self.last_at = time.time()
            self._connection.close()

    def _ended(self, connection: Any, _reason: Any) -> None:
        connection.ioloop.stop()


def postings(load_: list[Wire]) -> list[Posting]:
    """The same bodies and signatures, for the relay's queue."""
    return [Posting("", IN, each, as_user=False) for each in load_]


def measure(ground: Ground, load_: list[Wire], log: Path) -> Run:
    """One run over this load, in a process of its own."""
    apart = ground.parameters(APART)
    with Hands(apart) as hands:
        hands.declare(IN, OUT)
        hands.purge([IN, OUT])
        load(apart, postings(load_))
        with children.running(command(ground, len(load_)), log=log) as (child,):
            said = children.line(child, log=log, limit_seconds=_LIMIT_SECONDS)
        arrived = hands.ready([OUT])
        hands.purge([OUT])
    if arrived != len(load_):
        raise RuntimeError(f"the relay lost or doubled messages: {arrived} of {len(load_)}")
    return Run(messages=len(load_), seconds=said["last_at"] - said["first_at"])


def command(ground: Ground, count: int = 0) -> list[str]:
    """The relay's command line."""
    return ["deploy.bench.relay", json.dumps({"folder": str(ground.settings.folder), "count": count})]


def main() -> None:
    """The relay's own process."""
    given = children.parameters()
    parameters = link_parameters(HubSettings.load(Path(given["folder"])))
    relay = Relay(apart(parameters), given["count"])
    relay.run()
    children.say(first_at=relay.first_at, last_at=relay.last_at)


def apart(parameters: LinkParameters) -> LinkParameters:
    """The same way in, to the virtual host of the contestants that are not the hub."""
    return LinkParameters(
        host=parameters.host,
        port=parameters.port,
        vhost=APART,
        context=parameters.context,
        server_hostname=parameters.server_hostname,
    )


if __name__ == "__main__":
    main()
