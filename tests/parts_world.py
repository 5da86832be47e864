"""The road of parts in one process: real county roads and the real pump of the hub over a broker of plain lists.

The broker gives what the topology says: where a key leads, who vouches for the sender, how much a consumer may have in
hand, what is given back when a connection ends. A test may lose, double, alter or reorder what passes (`meddle`).
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from adapters.attachments import receiving, sealing
from adapters.attachments.road import AttachmentRoad
from adapters.hall.taking import scans
from adapters.instants import to_millis
from adapters.link.messages import Arrival, SendOutcome, Submission
from adapters.store import tables as county_tables
from hub.broker import Delivery, Outcome, Outgoing
from hub.intake.inspection import CONTENT_TYPE
from hub.parts.passing import Pump
from hub.store import open_store, tables
from schemas import topology
from schemas.envelope import Envelope
from tests.county_world import County, World

PASSED = frozenset({"content_type", "headers", "delivery_mode", "message_id", "type", "user_id"})
Meddle = Callable[[str, Any], Iterable[Any]]


def _as_it_is(queue: str, message: Any) -> Iterable[Any]:
    _ = queue
    yield message


@dataclass(kw_only=True)
class Broker:
    """Queues by name; a message on its way in is put into its queue as `meddle` makes of it."""

    queues: dict[str, deque[Any]] = field(default_factory=dict)
    meddle: Meddle = _as_it_is
    full: set[str] = field(default_factory=set)
    passed: list[tuple[str, Any]] = field(default_factory=list)
    """Everything that was put into a queue, in order."""

    def put(self, queue: str, message: Any) -> bool:
        """Whether the queue took it."""
        if queue in self.full:
            return False
        for each in self.meddle(queue, message):
            self.passed.append((queue, each))
            self.queues.setdefault(queue, deque()).append(each)
        return True


class CountyLink:
    """A county's link, as its road uses it."""

    def __init__(self, broker: Broker, county: str) -> None:
        """Connected."""
        self.broker, self.county = broker, county
        self.opened = 1
        self.up = True
        self._queue, self._prefetch = "", 0
        self._tags = 0
        self._hand: dict[int, Submission] = {}

    def listen(self, queues: Sequence[str], prefetch: int) -> None:
        """Subscribe."""
        (self._queue,), self._prefetch = queues, prefetch

    def receive(self, wait_seconds: float) -> list[Arrival]:
        """What there is, as far as the prefetch goes."""
        _ = wait_seconds
        found = []
        queue = self.broker.queues.setdefault(self._queue, deque())
        while self.up and queue and len(self._hand) < self._prefetch:
            message = queue.popleft()
            self._tags += 1
            self._hand[self._tags] = message
            found.append(
                Arrival(
                    queue=self._queue, body=message.body, message_id=message.message_id, type=message.type,
                    headers={}, redelivered=False, tag=self._tags, generation=self.opened,
                )
            )  # fmt: skip
        return found

    def send(self, submission: Submission) -> SendOutcome:
        """Where its key leads, vouched for by the broker."""
        if not self.up:
            return SendOutcome.UNAVAILABLE
        assert submission.exchange == topology.PARTS
        assert not submission.persistent
        _, code, shard, _ = submission.routing_key.split(".", 3)
        assert code == self.county, "the broker refuses another county's key"
        taken = self.broker.put(topology.parts_queue(int(shard)), (self.county, submission))
        return SendOutcome.CONFIRMED if taken else SendOutcome.FULL

    def ack(self, arrivals: Iterable[Arrival]) -> None:
        """Forget these."""
        for each in arrivals:
            if each.generation == self.opened:
                del self._hand[each.tag]

    def keep_alive(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """What is in hand goes back to the front of its queue, and the next connection is a new one."""
        queue = self.broker.queues.setdefault(self._queue, deque())
        queue.extendleft(reversed(self._hand.values()))
        self._hand.clear()
        self.opened += 1


class HubLink:
    """The hub's link, as the pump uses it."""

    def __init__(self, broker: Broker) -> None:
        """Subscribed to every queue of parts."""
        self.broker = broker

    def take(self, limit: int, wait_seconds: float, *, most_bytes: int) -> list[Delivery]:
        """A few of each queue."""
        _ = wait_seconds, most_bytes
        found: list[Delivery] = []
        for name in topology.parts_queues():
            queue = self.broker.queues.get(name, deque())
            while queue and len(found) < limit:
                found.append(delivery(name, *queue.popleft()))
        return found

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float) -> list[Outcome]:
        """Into the counties' queues."""
        _ = timeout_seconds
        assert all(each.exchange == topology.COUNTY and not each.persistent for each in outgoings)
        return [Outcome.CONFIRMED if self.broker.put(each.routing_key, each) else Outcome.NACKED for each in outgoings]

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Nothing comes twice here by itself."""


def delivery(queue: str, user: str, submission: Submission, **changes: Any) -> Delivery:
    """What the hub is given of a county's submission."""
    made = Delivery(
        queue=queue, body=submission.body, headers={"signatures": []}, properties_set=PASSED,
        message_id=submission.message_id, type=submission.type, user_id=user, content_type=CONTENT_TYPE, timestamp=None,
        reply_to=None, expiration=None, priority=None, correlation_id=None, exchange=submission.exchange,
        routing_key=submission.routing_key, redelivered=False, delivery_count=0, generation=1, channel=1, tag=1,
    )  # fmt: skip
    return replace(made, **changes)


class PartsWorld:
    """Two counties' roads around the hub's pump, over a store of the hub that knows what was admitted."""

    def __init__(self, world: World, folder: Path) -> None:
        """All counties active."""
        self.world = world
        self.broker = Broker()
        self.store = open_store(f"sqlite:///{folder / 'hub.sqlite'}")
        with self.store.write() as tx:
            for code in world.counties:
                tx.execute(insert(tables.counties).values(**_county(code)))
        self.pump = self.new_pump()
        self.links = {code: CountyLink(self.broker, code) for code in world.counties}
        self.roads = {code: self.new_road(county) for code, county in world.counties.items()}

    def monotonic(self) -> float:
        """The world's clock."""
        return self.world.now.timestamp()

    def new_pump(self) -> Pump:
        """A pump that remembers nothing."""
        return Pump(link=HubLink(self.broker), store=self.store, monotonic=self.monotonic, confirm_seconds=1.0)

    def new_road(self, county: County) -> AttachmentRoad:
        """A node's road, as after a start."""
        return AttachmentRoad(
            store=county.store, storage=county.identity.storage, link=self.links[county.code], county=county.code,
            find=scans.with_ciphertext, clock=self.world.clock, monotonic=self.monotonic,
        )  # type: ignore[arg-type]  # fmt: skip

    def restart(self, county: County) -> None:
        """The process is killed in between two steps; what it had in hand is delivered again."""
        self.links[county.code].close()
        self.roads[county.code] = self.new_road(county)

    def admit(self) -> None:
        """What the counties have sent so far is admitted, as far as this store is asked for it."""
        for county in self.world.counties.values():
            outbox = county_tables.outbox
            for row in county.rows(outbox.select()):
                envelope = Envelope.parse(row.body)
                if envelope.attachments:
                    self.enter(envelope, row.body)

    def enter(self, envelope: Envelope, body: bytes, state: str = "admitted") -> None:
        """One message as admission leaves it; once."""
        values = {
            "source": envelope.source, "message_id": envelope.id, "envelope_sha256": bytes(32), "state": state,
            "type": envelope.type, "destination": envelope.destination, "case_no": envelope.case_no,
            "sent_at": 0, "expires_at": 0, "admitted_at": to_millis(self.world.now), "body": body, "signature": "",
            "verdict": state,
        }  # fmt: skip
        columns = tables.messages.c
        with self.store.write() as tx:
            same = (columns.source == envelope.source) & (columns.message_id == envelope.id)
            tx.execute(tables.messages.delete().where(same))
            tx.execute(insert(tables.messages).values(**values))

    def turn(self) -> None:
        """Every road once, and the pump until it has nothing more."""
        for road in self.roads.values():
            road.run_once()
            while self.pump.run_once(0.0):
                pass

    def settle(self, rounds: int = 200, until: Callable[[], bool] = lambda: False) -> None:
        """Turn until nothing passes any more, or until a condition holds."""
        quiet = 0
        for _ in range(rounds):
            before = len(self.broker.passed)
            self.turn()
            still = len(self.broker.passed) == before and not any(self.broker.queues.values())
            quiet = quiet + 1 if still else 0  # what was just taken is answered at the next turn
            if until() or quiet > 1:
                return

    def close(self) -> None:
        """The hub's store."""
        self.store.close()


def bring_over(world: World, most: int = 1000) -> None:
    """The files that the issuing county waits for, or the first few, are there, as if the road had brought them."""
    window, issuing = world.window, world.issuing
    with window.store.read() as source, issuing.store.write() as tx:
        for each in receiving.coming(tx, issuing.identity.storage)[:most]:
            file_id = scans.with_ciphertext(source, each.ciphertext_sha256)
            assert file_id is not None
            for number, part in enumerate(sealing.sealed_parts(source, file_id, each.part_count)):
                receiving.take(tx, each, number, part, world.now)
            assert receiving.judge(tx, each) is None
            receiving.settle(tx, each.file_id, None, world.now)


def _county(code: str) -> dict[str, Any]:
    return {
        "division_code": code, "name": code, "authority_name": "", "authority_code": "", "state": "active", "halls": "",
        "contact": "", "telephone": "", "key_statement": b"", "key_statement_signature": "", "enrolled_at": 0,
        "changed_in": 0,
    }  # fmt: skip
