"""The third contestant: `deploy.bench.ordinary` served by FastStream's RabbitBroker, in FastStream's own idioms.

One subscriber per shard with manual acknowledgement and one message in hand, so that a case keeps its order while
sixteen messages are worked on at once. (FastStream's RabbitMQ subscribers run as many handlers as their channel's
prefetch allows, in no promised order: at 50 a follower overtook its predecessor. `max_workers` and batches it has for
other brokers only.) The transaction runs in a thread, while the others' messages are checked; forward and receipt are
published with confirms, side by side, and then the message is acknowledged. Its per-message log is off. Like the
relay's, its clock runs from the first message in hand to the last acknowledgement.
"""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any, Final

from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue
from faststream.rabbit.schemas.queue import QueueType
from faststream.rabbit.security import RabbitExternalAuth

from deploy.bench import children
from deploy.bench.ground import APART, Ground
from deploy.bench.hands import Hands, Posting, load
from deploy.bench.messages import Wire
from deploy.bench.ordinary import Ordinary
from deploy.bench.runs import Run
from hub.bootstrap import Hub, link_parameters
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES
from hub.settings import HubSettings
from schemas import topology

_IN_FLIGHT_PER_SHARD: Final = 1
_LIMIT_SECONDS: Final = 300.0


def shard_queue(number: int) -> str:
    """Its queue of one shard."""
    return f"ordinary.{number:02d}"


def inbox(code: str) -> str:
    """Its queue of one destination."""
    return f"ordinary.{code}.inbox"


class App:
    """The broker, its sixteen subscribers, and what they share."""

    def __init__(self, hub: Hub, ordinary: Ordinary, count: int) -> None:
        """It ends by itself after `count` messages."""
        parameters = link_parameters(hub.settings)
        self.first_at = self.last_at = 0.0
        self.finished = asyncio.Event()
        self.fault: Exception | None = None
        self._ordinary = ordinary
        self._left = count
        self._writing = asyncio.Lock()
        self._broker = RabbitBroker(
            f"amqps://{parameters.host}:{parameters.port}/{APART}",
            security=RabbitExternalAuth(ssl_context=parameters.context),
            ack_policy=AckPolicy.MANUAL,
            logger=None,
        )
        for number in range(topology.SHARDS):
            self._subscribe(number)

    async def run(self) -> None:
        """Until the last message is acknowledged, or one was not admitted."""
        async with self._broker:
            await self._broker.start()
            await self.finished.wait()
        if self.fault is not None:
            raise self.fault

    def _subscribe(self, number: int) -> None:
        @self._broker.subscriber(
            RabbitQueue(shard_queue(number), durable=True, queue_type=QueueType.QUORUM),
            channel=Channel(prefetch_count=_IN_FLIGHT_PER_SHARD),
        )
        async def admit(body: bytes, message: RabbitMessage) -> None:
            if not self.first_at:
                self.first_at = time.time()
            try:
                await self._admit(body, message)
            except Exception as error:  # FastStream would log it and go on; here one refusal spoils the run
                self.fault = self.fault or error
                self.finished.set()
                raise

    async def _admit(self, body: bytes, message: RabbitMessage) -> None:
        raw = message.raw_message
        properties = {
            "headers": message.headers,
            "message_id": raw.message_id,
            "type": raw.type,
            "user_id": raw.user_id,
        }
        checked = self._ordinary.check(body, properties)
        async with self._writing:
            receipt, signature = await asyncio.to_thread(self._ordinary.admit, checked)
        envelope = checked.envelope
        forward = {SIGNATURES: [checked.signature], "receipt": receipt.decode(), "receipt_signature": signature}
        answer = {SIGNATURES: [signature]}
        await asyncio.gather(
            self._publish(body, inbox(envelope.destination), envelope.id, envelope.type, forward),
            self._publish(receipt, inbox(envelope.source), envelope.id, "admission.receipt", answer),
        )
        await message.ack()
        self._left -= 1
        if not self._left:
            self.last_at = time.time()
            self.finished.set()

    async def _publish(self, body: bytes, queue: str, message_id: str, kind: str, headers: dict[str, Any]) -> None:
        await self._broker.publish(
            body,
            queue=queue,
            message_id=message_id,
            message_type=kind,
            headers=headers,
            content_type=CONTENT_TYPE,
            persist=True,
        )


def postings(load_: list[Wire]) -> list[Posting]:
    """The same messages with the same properties, for its queues."""
    return [Posting("", shard_queue(topology.shard(each.case_no)), each) for each in load_]


def measure(ground: Ground, load_: list[Wire], log: Path) -> Run:
    """One run over this load, in a process of its own. Raises RuntimeError when anything was refused."""
    apart = ground.parameters(APART)
    inboxes = [inbox(code) for code in sorted({each.source for each in load_} | {each.destination for each in load_})]
    shards = [shard_queue(number) for number in range(topology.SHARDS)]
    ground.fresh_store()
    with Hands(apart) as hands:
        hands.declare(*shards, *inboxes)
        hands.purge([*shards, *inboxes])
        load(apart, postings(load_))
        said = children.answer(
            "deploy.bench.faststream_app",
            {"folder": str(ground.settings.folder), "count": len(load_)},
            log=log,
            limit_seconds=_LIMIT_SECONDS,
        )
        arrived = hands.ready(inboxes)
        hands.purge(inboxes)
    if arrived != 2 * len(load_):
        raise RuntimeError(f"{arrived} forwards and receipts of {2 * len(load_)} arrived")
    return Run(messages=len(load_), seconds=said["last_at"] - said["first_at"])


def main() -> None:
    """Its own process."""
    given = children.parameters()
    folder = Path(given["folder"])
    for old in folder.glob("ordinary.sqlite*"):
        old.unlink()
    with contextlib.closing(Hub(HubSettings.load(folder))) as hub:
        ordinary = Ordinary(folder / "ordinary.sqlite", hub.store, hub.keys)
        with contextlib.closing(ordinary):
            first_at, last_at = asyncio.run(_serve(hub, ordinary, given["count"]))
    children.say(first_at=first_at, last_at=last_at)


async def _serve(hub: Hub, ordinary: Ordinary, count: int) -> tuple[float, float]:
    app = App(hub, ordinary, count)
    await app.run()
    return app.first_at, app.last_at


if __name__ == "__main__":
    main()
