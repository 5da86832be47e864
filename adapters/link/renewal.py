"""A link to the hub that renews itself: when to connect, what is void afterwards, and what an outcome means.

No library here: `link.connection` opens the connections (`Wire`). Whatever was received by a connection that is gone is
void, because the broker delivers it again; whatever was sent and not confirmed is sent again by the outbox, under the
same id.
"""

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

from adapters.link.messages import FULL, Arrival, LinkParameters, SendOutcome, Submission
from schemas.errors import YunhuobanError

FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 10.0
SLICE_SECONDS: Final = 1.0
"""Longest single wait for a frame, so that heartbeats are looked after in between."""
SWEEP_SECONDS: Final = 0.002

OnMessage = Callable[[str, Any], None]


class Wire(Protocol):
    """One open connection. Every method raises a YunhuobanError when it must not be used again."""

    def publish(self, submission: Submission) -> bool:
        """Publish; True when confirmed, False when nacked."""

    def consume(self, queues: Sequence[str], prefetch: int, on_message: OnMessage) -> None:
        """Subscribe to existing queues."""

    def read(self, seconds: float) -> bool:
        """Handle one frame if it comes in time; False when none came."""

    def ack(self, tag: Any) -> None:
        """Acknowledge one delivery."""

    def reject(self, tag: Any) -> None:
        """Dead-letter one delivery."""

    def heartbeat(self) -> None:
        """Send a heartbeat if one is due."""

    def close(self) -> None:
        """End it in an orderly way."""

    def drop(self) -> None:
        """End it at once."""


class RenewingLink(ABC):
    """One connection to the hub that renews itself whenever it is used. For one thread only; nothing opens before use.

    After a failure it waits before it tries again, at most `LONGEST_PAUSE_SECONDS`, each time a little differently, so
    that the counties do not come all at once after a restart. Until then `send` answers `UNAVAILABLE` at once.
    """

    def __init__(self, parameters: LinkParameters) -> None:
        self.parameters = parameters
        self._wire: Wire | None = None
        self._generation = 0
        self._listening: tuple[tuple[str, ...], int] = ((), 1)
        self._arrived: list[Arrival] = []
        self._unsettled: set[Any] = set()
        self._failures = 0
        self._retry_at = 0.0
        self._used_at = 0.0
        self._shown = 0
        """Which certificate file the connection was opened with, by its time of change."""
        self._problem: YunhuobanError | None = None

    @property
    def connected(self) -> bool:
        """Whether there was a connection when it was last used."""
        return self._wire is not None

    @property
    def opened(self) -> int:
        """How many connections there have been; a new number is a new connection."""
        return self._generation

    @property
    def last_problem(self) -> YunhuobanError | None:
        """Why the last attempt failed, until something succeeds: a sentence for county IT."""
        return self._problem

    def send(self, submission: Submission) -> SendOutcome:
        """Publish one persistent message and wait for the broker's confirm of this very message."""
        self.keep_alive()
        wire = self._wire
        if wire is None:
            return SendOutcome.UNAVAILABLE
        try:
            confirmed = wire.publish(submission)
        except YunhuobanError as problem:
            self._lose(problem)
            return SendOutcome.UNAVAILABLE
        self._succeeded()
        if confirmed:
            return SendOutcome.CONFIRMED
        self._problem = YunhuobanError(FULL, place=submission.exchange)
        return SendOutcome.FULL

    def listen(self, queues: Sequence[str], prefetch: int) -> None:
        """Take messages from these queues, at most `prefetch` unsettled ones from each, from the next `receive` on.

        What was received before is void and will be delivered again: the old connection is closed, because RabbitMQ
        3.10.8 can lose a channel whose consumer is cancelled and registered anew.
        """
        self._listening = (tuple(queues), prefetch)
        self.close()

    def receive(self, wait_seconds: float) -> list[Arrival]:
        """Return what has come, waiting for the first at most `wait_seconds`; empty when nothing came or no link is up.

        Connects when it is time to; see `last_problem` when nothing ever comes.
        """
        deadline = time.monotonic() + wait_seconds
        while True:
            self._renew()
            self._connect_when_due()
            left = deadline - time.monotonic()
            if self._wire is None:
                if left <= 0:
                    return []
                time.sleep(max(0.0, min(left, self._retry_at - time.monotonic())))
                continue
            try:
                if not self._arrived:
                    self._wire.read(max(SWEEP_SECONDS, min(left, SLICE_SECONDS)))
                self._look_after(self._wire)
                self._succeeded()  # not before: what ends the link as soon as it subscribes must not do so in a loop
            except YunhuobanError as problem:
                self._lose(problem)
            if self._arrived or left <= 0:
                arrivals, self._arrived = self._arrived, []
                return arrivals

    def ack(self, arrivals: Iterable[Arrival]) -> None:
        """Tell the broker to forget these; those of an older connection are ignored and will be delivered again."""
        self._settle(arrivals, lambda wire, tag: wire.ack(tag))

    def reject(self, arrivals: Iterable[Arrival]) -> None:
        """Send these to the dead letters, never back to their queue. On `memory://` they vanish."""
        self._settle(arrivals, lambda wire, tag: wire.reject(tag))

    def keep_alive(self) -> None:
        """Answer heartbeats and take note of a lost connection; connect when it is time to.

        A thread that only sends calls this at least every third of `heartbeat_seconds` while it has nothing to send.
        """
        self._renew()
        if self._wire is not None and time.monotonic() - self._used_at > SLICE_SECONDS:
            try:
                self._look_after(self._wire)
            except YunhuobanError as problem:
                self._lose(problem)
        self._connect_when_due()

    def close(self) -> None:
        """Say goodbye, a second per step at most; what is not acknowledged will be delivered again."""
        if self._wire is not None:
            self._wire.close()
        self._forget()

    def _renew(self) -> None:
        """Connect anew under a new certificate; not while something is in hand that would be delivered again."""
        if self._wire is not None and not self._unsettled and self._shown != self._certificate_changed_at():
            self.close()
            self._retry_at = 0.0

    def _certificate_changed_at(self) -> int:
        """When the certificate's file was last replaced; a file that is away changes nothing."""
        try:
            return 0 if self.parameters.memory else self.parameters.chain.stat().st_mtime_ns
        except OSError:
            return self._shown

    def _connect_when_due(self) -> None:
        """Connect and subscribe if there is no connection and the pause is over."""
        if self._wire is not None or time.monotonic() < self._retry_at:
            return
        wire: Wire | None = None
        self._shown = self._certificate_changed_at()  # before it is read: what changes meanwhile is looked at again
        try:
            wire = self._open()
            self._generation += 1
            queues, prefetch = self._listening
            if queues:
                wire.consume(queues, prefetch, self._take)
        except YunhuobanError as problem:
            self._wire = wire
            self._lose(problem)
            return
        self._wire = wire
        self._used_at = time.monotonic()

    def _look_after(self, wire: Wire) -> None:
        """Read all that is there, and send a heartbeat if one is due."""
        while wire.read(SWEEP_SECONDS):
            pass
        wire.heartbeat()
        self._used_at = time.monotonic()

    @abstractmethod
    def _open(self) -> Wire:
        """Connect once through the failover list. Raises a YunhuobanError when there is no broker to use."""

    def _take(self, queue: str, message: Any) -> None:
        """Keep a delivery until `receive` returns it; called by py-amqp while it reads."""
        properties, delivery = message.properties, message.delivery_info
        headers = message.headers if self.parameters.memory else properties.get("application_headers")
        arrival = Arrival(
            queue=queue,
            body=bytes(message.body or b""),
            message_id=properties.get("message_id") or "",
            type=properties.get("type") or "",
            headers=headers or {},
            redelivered=bool(delivery.get("redelivered")),
            tag=message.delivery_tag,
            generation=self._generation,
        )
        self._unsettled.add(arrival.tag)
        self._arrived.append(arrival)

    def _settle(self, arrivals: Iterable[Arrival], settle: Callable[[Wire, Any], None]) -> None:
        """Settle each delivery of this connection once: a second time would make the broker close the channel."""
        for arrival in arrivals:
            current = arrival.generation == self._generation and arrival.tag in self._unsettled
            if self._wire is None or not current:
                continue
            self._unsettled.discard(arrival.tag)
            try:
                settle(self._wire, arrival.tag)
            except YunhuobanError as problem:
                self._lose(problem)

    def _succeeded(self) -> None:
        """The broker has answered: the next loss is answered by connecting at once."""
        self._failures = 0
        self._problem = None
        self._used_at = time.monotonic()

    def _lose(self, problem: YunhuobanError) -> None:
        """Drop the connection without ceremony and set the time of the next attempt."""
        if self._wire is not None:
            self._wire.drop()
        self._forget()
        self._problem = problem
        if self._failures:
            pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._failures, 16))
            self._retry_at = time.monotonic() + pause * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads load only
        self._failures += 1

    def _forget(self) -> None:
        """Make everything of the old connection void."""
        self._wire = None
        self._arrived.clear()
        self._unsettled.clear()
