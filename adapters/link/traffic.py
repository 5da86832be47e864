"""Moves bytes between the stores and the broker: the outbox out, arrivals in. One link each, one thread each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import fate, inbox
from adapters.journal import forkalarm
from adapters.link.connection import Arrival, Link, SendOutcome, Submission
from adapters.store import Store, tables
from schemas import topology
from schemas.codec import CAPS_BYTES, decode
from schemas.errors import YunhuobanError
from schemas.messages import HUB, HUB_TYPES

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 20
_PREFETCH: Final = 50
_HASTEN_EVERY: Final = timedelta(minutes=1)


class Sender:
    """Sends what is due on one road, in the order it was made."""

    def __init__(
        self, *, store: Store, link: Link, clock: Callable[[], datetime], resend_seconds: float, express: bool
    ) -> None:
        """The express road has a sender of its own, so that a claim never waits behind cases."""
        self._store = store
        self._link = link
        self._clock = clock
        self._resend_seconds = resend_seconds
        self._express = express

    def run_once(self) -> int:
        """Send; returns how many the broker holds now. Stops at the first that it does not take.

        Nothing while a fork alarm is open.
        """
        with self._store.read() as tx:
            rows = [] if forkalarm.stopped(tx) else fate.due(tx, self._clock(), _AT_ONCE, express=self._express)
        if not rows:
            self._link.keep_alive()  # at every idle turn of the loop, far more often than a third of a heartbeat
        done = 0
        for row in rows:
            submission = Submission(
                exchange=row.exchange,
                routing_key=row.routing_key,
                body=row.body,
                message_id=row.message_id,
                type=row.type,
                signatures=[row.signature],
            )
            if self._link.send(submission) is not SendOutcome.CONFIRMED:
                return 0  # the loop's pause is the back-off; the row stays due
            with self._store.write() as tx:
                fate.sent(tx, row, self._clock(), self._resend_seconds)
            done += 1
        return done


class Receiver:
    """Commits arrivals as raw bytes, then acknowledges them. What cannot even be stored is rejected to dead letters."""

    def __init__(
        self, *, store: Store, link: Link, county: str, clock: Callable[[], datetime], arrived: Callable[[], None]
    ) -> None:
        """`arrived` wakes the handler."""
        self._store = store
        self._link = link
        self._queues = (topology.county_inbox(county), topology.county_express(county))
        self._clock = clock
        self._arrived = arrived
        self._listening = False
        self._opened = 0
        self._hastens = False
        """There was a new connection, for which nothing was hastened yet."""
        self._hastened_at: datetime | None = None

    def run_once(self) -> int:
        """Wait briefly for arrivals and take them; returns how many."""
        if not self._listening:
            self._link.listen(self._queues, _PREFETCH)
            self._listening = True
        if self._link.opened != self._opened:  # while nothing is in hand that a failure would leave unsettled
            self._opened, self._hastens = self._link.opened, True
        if self._hastens:
            self._hasten()
        arrivals = self._link.receive(0.5)
        if not arrivals:
            return 1  # the wait was in `receive`; go on at once
        good = [each for each in arrivals if _storable(each)]
        try:
            with self._store.write() as tx:
                for each in good:
                    self._keep(tx, each)
        except BaseException:
            self._link.close()  # what was not stored is delivered again, which only a new connection makes it
            raise
        self._link.ack(good)
        unfit = [each for each in arrivals if not _storable(each)]
        for each in unfit:
            _log.error("arrival.unfit", queue=each.queue, type=each.type)
        self._link.reject(unfit)
        self._arrived()
        return len(arrivals)

    def _hasten(self) -> None:
        """After a new connection, at most once a minute: a line that breaks all the time is no reason for more.

        One that came within that minute is not forgotten: it has its turn when the minute is over.
        """
        now = self._clock()
        if self._hastened_at is not None and self._hastened_at <= now < self._hastened_at + _HASTEN_EVERY:
            return
        self._hastens, self._hastened_at = False, now
        with self._store.write() as tx:
            count = fate.hasten(tx, now)
        if count:
            _log.info("outbox.hastened", count=count)

    def _keep(self, tx: Connection, arrival: Arrival) -> None:
        inbox.keep(
            tx,
            source=_source(arrival),
            message_id=arrival.message_id,
            message_type=arrival.type,
            body=arrival.body,
            signature=_signature(arrival),
            evidence_bytes=arrival.headers.get("evidence", b""),
            now=self._clock(),
        )


def _storable(arrival: Arrival) -> bool:
    """Whether the arrival fits the inbox's columns; whether it is true is for the opening to say."""
    return (
        len(arrival.body) <= max(CAPS_BYTES.values())
        and 0 < len(arrival.message_id) <= tables.MESSAGE_ID_CHARACTERS
        and len(arrival.type) <= tables.TYPE_CHARACTERS
        and len(_signature(arrival)) <= tables.SIGNATURE_CHARACTERS
        and isinstance(arrival.headers.get("evidence", b""), bytes)
    )


def _signature(arrival: Arrival) -> str:
    """The first signature of the list; nothing when there is none, which the opening will refuse."""
    signatures = arrival.headers.get("signatures")
    first = signatures[0] if isinstance(signatures, list) and signatures else ""
    return first if isinstance(first, str) else ""


def _source(arrival: Arrival) -> str:
    """Whose message this claims to be; believed only when it is opened."""
    if arrival.type in HUB_TYPES:
        return HUB
    try:
        return str(decode(arrival.body, "Envelope")["source"])
    except YunhuobanError:
        return ""  # kept all the same; opening it will say what is wrong
