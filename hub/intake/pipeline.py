"""The admission worker's loop: take a batch, check it, one transaction, publish; acknowledge as the confirms come.

The ingress queue is the hub's outbox: a message leaves it only when everything that follows from it is committed and
confirmed. That it is done is marked in a later batch's transaction; whatever is not marked so is done again from
stored bytes, by a duplicate's arrival or by the sweep. The next batch is checked while the confirms of the last ones
are still to come (`hub.intake.flight`).

What cannot be finished now (its parcels are not confirmed, revocation is unknown, the store is away) stays in this
worker's hands, unacknowledged, and is taken up again (`hub.intake.unfinished`).
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, select

from hub.broker import BrokerLink
from hub.broker import Delivery as Incoming
from hub.history.journal import HEAD_DAMAGED, LogKey
from hub.history.restoration import Restoration
from hub.history.witnessing import Issued
from hub.intake import recall, recording
from hub.intake.admission import FINAL, Admission, Verdict
from hub.intake.flight import Flight
from hub.intake.inspection import Inspected, second_look, stored_look
from hub.intake.looking import Looked, Looker
from hub.intake.poison import SoloAttempts
from hub.intake.recall import Parked
from hub.intake.recording import Recorder
from hub.intake.timelimits import TimeLimits
from hub.intake.unfinished import Unfinished
from hub.outflow.delivery import Delivery, held_counties
from hub.outflow.effects import Done, Effects, is_done, key_of, mark_done, repeat_effects, repeat_words
from hub.printing.grants import GrantSigner
from hub.registry import trust
from hub.registry.trust import Trust
from hub.store import STORE_CONFLICT, STORE_FAILED, Store, tables
from schemas.errors import YunhuobanError, declare

TRUST_UNREADABLE: Final = declare(
    "E-STORE-004",
    "登记的县证书、密钥声明或吊销列表读不出来（{place}），准入暂停。",
    "请用 hub codes 查括号内的代码，照其办法处理；报文会等待，处理后自动继续。",
)

_log = structlog.get_logger(__name__)
_SUSPECTS_AT_ONCE: Final = 10
_MOST_WOKEN: Final = 500
"""Parked messages settled in one transaction; the rest follow within seconds (`refuse_overdue`)."""
_BATCHES_IN_FLIGHT: Final = 4
"""So many batches' worth of messages may wait for confirms before the worker waits with them."""


class Pipeline:
    """One worker. Not shared between threads; several may run side by side, in one process or many."""

    def __init__(
        self,
        *,
        link: BrokerLink,
        store: Store,
        delivery: Delivery,
        log_key: LogKey,
        grants: GrantSigner,
        load_trust: Callable[[Connection, Trust | None], Trust],
        clock: Callable[[], datetime],
        batch_messages: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Every edge comes in as an argument; `hub.bootstrap` wires the real ones."""
        self._link = link
        self._store = store
        self._delivery = delivery
        self._recorder = Recorder(log_key, grants)
        self._own_certificates = (log_key.certificate, grants.certificate)
        self._load_trust = load_trust
        self._clock = clock
        self._batch_messages = batch_messages
        self._solo = SoloAttempts(store)
        self._trust: Trust | None = None
        self._done = Done()
        self._flights: list[Flight] = []
        self._looker = Looker(self._last_trust, clock)
        self._unfinished = Unfinished(monotonic)
        self._issued = Issued()
        self._limits = TimeLimits()

    def run_once(self, wait_seconds: float) -> int:
        """Handle what is there, waiting at most `wait_seconds` for something. Returns the number of messages taken.

        Raises E-STORE-001, E-STORE-004 or E-JRNL-001 when store, stored trust or journal cannot be used now; nothing
        is lost by that, call it again after a pause.
        """
        busy = self._flights or self._unfinished.suspects_wait
        taken = self._link.take(self._batch_messages, 0.0 if busy else wait_seconds)
        if not taken and self._flights:  # nothing to do but to see the last confirms come
            self._flights[0].wait(wait_seconds)
        suspects, paused = self._unfinished.due(self._link.generation, self._trust_moved)
        suspects += [each for each in taken if each.redelivered]
        fresh = [each for each in taken if not each.redelivered]
        self._handle_suspects(suspects, otherwise=paused + fresh)
        if paused:
            self._handle_together(paused, otherwise=fresh)
        if fresh:
            self._handle_together(fresh)
        self._land_complete()
        if not taken and not paused and not self._flights:
            self._mark()
        return len(taken)

    def _handle_suspects(self, suspects: list[Incoming], *, otherwise: list[Incoming]) -> None:
        """Poison is found one by one, after its attempt was committed; `otherwise` waits when the store is away.

        Of many suspects only some at a time, so that the others' messages do not wait for one county's poison.
        """
        suspects, later = suspects[:_SUSPECTS_AT_ONCE], suspects[_SUSPECTS_AT_ONCE:]
        self._unfinished.suspect(later)
        while suspects:
            try:
                self._handle_alone(suspects[0])
            except YunhuobanError:
                self._unfinished.suspect(suspects)
                self._unfinished.pause(otherwise)
                raise
            del suspects[0]

    def refuse_overdue(self, parked_seconds: float) -> int:
        """Settle parked messages that wait for nothing any more, and refuse those that have waited too long.

        Returns how many were settled.
        """
        now = self._clock()

        def work(tx: Connection) -> tuple[list[Verdict], Effects, frozenset[str]]:
            effects = Effects()
            verdicts: list[Verdict] = []
            mark_done(tx, self._done, now)
            ready, overdue = recall.ready(tx, overdue_before=now - timedelta(seconds=parked_seconds))
            if ready or overdue:
                trust_now = self._trusted(tx)
                seen, late = ([_again(row, trust_now, now) for row in rows] for rows in (ready, overdue))
                verdicts = self._decide(tx, seen, late, effects, now)
            return verdicts, effects, held_counties(tx)

        verdicts, effects, held = self._store.redo(work)
        self._done = Done()
        recording.report(verdicts)
        if effects.parcels:
            self._flights.append(Flight([], effects, self._delivery.start(effects.parcels, held)))
            self._land_all()
        return sum(each.outcome in FINAL for each in verdicts)

    def flush(self) -> None:
        """See every batch to its end and mark what was settled; called before stopping."""
        self._land_all()
        self._mark()

    def _mark(self) -> None:
        self._solo.flush()
        if self._done:
            with self._store.write() as tx:
                mark_done(tx, self._done, self._clock())
            self._done = Done()

    def _handle_together(self, batch: list[Incoming], *, otherwise: Sequence[Incoming] = ()) -> None:
        try:
            self._handle(batch, self._looker.look(batch))
        except Exception as error:
            if _passing(error):
                self._unfinished.pause([*batch, *otherwise])
                raise
            _log.exception("batch.crashed", count=len(batch))
            self._unfinished.suspect(batch)

    def _handle_alone(self, delivery: Incoming) -> None:
        set_aside = self._solo.exhausted(delivery, now=self._clock())
        try:
            looked = self._looker.unread(delivery) if set_aside else self._looker.look([delivery])
            self._handle([delivery], looked)
            self._land_all()
        except Exception as error:
            if _passing(error):
                self._solo.excuse(delivery)
                raise
            _log.exception("message.crashed", queue=delivery.queue, source=delivery.user_id)
            if not set_aside:
                self._unfinished.suspect([delivery])
                return
            self._link.ack([delivery])  # it is kept as a dead letter
        self._solo.survived(delivery)

    def _handle(self, batch: Sequence[Incoming], looked: Looked) -> None:
        def work(tx: Connection) -> tuple[list[Verdict], Effects, frozenset[str]]:
            effects = Effects()
            trust_now = self._trusted(tx)
            holds = looked.holds(trust_now, self._clock())
            current = looked if holds else self._looker.look(batch, trust_now)
            mark_done(tx, self._done, current.at)
            verdicts = self._decide(tx, current.seen, (), effects, current.at)
            if not looked.unread:
                _repeat(tx, verdicts[: len(batch)], effects, current.at)
            return verdicts, effects, held_counties(tx)

        verdicts, effects, held = self._store.redo(work)
        own = verdicts[: len(batch)]
        self._done = Done()
        recording.report(verdicts)
        on_their_way = []
        for delivery, verdict in zip(batch, own, strict=True):
            if verdict.outcome == "waiting":
                self._unfinished.wait_for_trust(delivery)
            else:
                on_their_way.append((delivery, key_of(verdict.seen)))
        self._flights.append(Flight(on_their_way, effects, self._delivery.start(effects.parcels, held)))

    def _decide(
        self, tx: Connection, seen: Sequence[Inspected], overdue: Sequence[Inspected], effects: Effects, now: datetime
    ) -> list[Verdict]:
        """Verdicts on these, in this order, and on the parked messages that they wake; all written down."""
        trust_now = self._trust or self._trusted(tx)
        restoration = Restoration(tx, self._own_certificates)
        admission = Admission(tx, trust_now, now, restoration=restoration, limits=self._limits, issued=self._issued)
        verdicts = admission.judge(seen) + admission.judge(overdue, overdue=True)
        recording.park(tx, verdicts, now)
        woken = [each for each in verdicts if each.outcome in FINAL]
        while woken and len(verdicts) < len(seen) + _MOST_WOKEN:
            cases = {each.seen.envelope.case_no for each in woken if each.seen.envelope is not None}
            rows = recall.waiting_for(tx, [each.seen.message_id for each in woken], cases)
            woken = admission.judge([_again(row, trust_now, now) for row in rows])
            woken = [each for each in woken if each.outcome in FINAL]
            verdicts += woken
        admission.write()
        self._recorder.record(tx, verdicts, effects, now)
        if any(each.recovered is not None for each in verdicts):
            admission.write_received()
        return verdicts

    def _land_complete(self) -> None:
        """Acknowledge what the confirms allow; wait for the oldest batch only when too much is on its way."""
        while sum(map(len, self._flights)) > _BATCHES_IN_FLIGHT * self._batch_messages:
            self._land(self._flights[0])
        while self._flights and self._flights[0].complete:  # in order: what goes to a hold queue goes there in order
            self._land(self._flights[0])
        for flight in self._flights[:-1]:  # the newest is given the time that a confirm takes
            self._link.ack(flight.early())

    def _land_all(self) -> None:
        while self._flights:
            self._land(self._flights[0])

    def _land(self, flight: Flight) -> None:
        """Acknowledge what is finished, keep the rest."""
        self._flights.remove(flight)
        try:
            finished, unsettled, done = flight.land()
        except YunhuobanError:  # the store is away; the broker's word is void without the mark of who is held
            self._unfinished.pause(flight.abandon())
            raise
        self._done += done
        self._link.ack(finished)
        if unsettled:
            _log.warning("effects.unconfirmed", count=len(unsettled))
            self._unfinished.pause(unsettled)
        else:
            self._unfinished.settled()

    def _trust_moved(self) -> bool:
        with self._store.read() as tx:
            return self._trust is None or trust.counter(tx) != self._trust.serial

    def _last_trust(self) -> Trust:
        """What was believed a moment ago; the writing transaction asks whether it holds, and looks again if not."""
        if self._trust is not None:
            return self._trust
        with self._store.read() as tx:
            return self._trusted(tx)

    def _trusted(self, tx: Connection) -> Trust:
        """The snapshot, loaded again when its counter has moved. Raises E-STORE-004."""
        try:
            self._trust = self._load_trust(tx, self._trust)
        except YunhuobanError as error:
            raise YunhuobanError(TRUST_UNREADABLE, place=error.code.code) from error
        return self._trust


def _again(row: Parked, trust_now: Trust, now: datetime) -> Inspected:
    """A parked message, inspected at this time."""
    return second_look(stored_look(*row), trust_now, now)


def _repeat(tx: Connection, verdicts: Sequence[Verdict], effects: Effects, now: datetime) -> None:
    """A duplicate: all effects again while they are not known to be done, later its receipt and the words on it."""
    columns = tables.messages.c
    for verdict in verdicts:
        seen = verdict.seen
        if verdict.outcome == "duplicate" and not effects.covers(key_of(seen)):
            mine = (columns.source == seen.source, columns.message_id == seen.message_id)
            row = tx.execute(select(tables.messages).where(*mine)).one()
            settled = row.received_at is not None and is_done(tx, row)
            repeat_effects(tx, row, effects, only_receipt=settled)
            if settled:
                repeat_words(tx, row, effects, now)


def _passing(error: Exception) -> bool:
    """Whether this is no message's fault: it ends when the store, stored trust or the journal is well again."""
    passing = (STORE_FAILED, STORE_CONFLICT, TRUST_UNREADABLE, HEAD_DAMAGED)
    return isinstance(error, YunhuobanError) and error.code in passing
