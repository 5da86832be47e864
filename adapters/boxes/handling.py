"""What each arrival means here: receipts settle the outbox, the directory and grants are kept, messages are applied.

One arrival, one transaction: opened, receipted and, once the sender's message before it was applied, given its effect.
Nothing of this touches the local system or the printer; those have loops of their own, driven by what is committed
here. An arrival that is wrong is kept, noted and refused with a signed word; one that only time can cure waits; one
that makes this program stumble waits too, and none of them holds up the others.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import answering, evidence, inbox, receipts, unread, waiting
from adapters.boxes.inbox import NOT_READ_HERE
from adapters.boxes.opening import (
    COPIES_DIFFER,
    OTHER_BYTES,
    SIGNER_UNKNOWN,
    Opened,
    envelope_of,
    open_message,
)
from adapters.boxes.outbox import Outbox
from adapters.case import casebook
from adapters.case.applying import Applier
from adapters.directory import directories, directoryview
from adapters.directory.directories import CurrentDirectory
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.journal import countersigning, epochs, forkalarm, journalmemory
from adapters.journal.forkalarm import ForkFoundError
from adapters.local import troublebook
from adapters.store import Store
from adapters.window import granting
from certs import atrest, chain
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.messages import HUB, Parties

_log = structlog.get_logger(__name__)
OUT_OF_ORDER: Final = declare("E-ENV-110", "报文所依据的前一报文尚未到达。", "无需处理，到达后自动继续。")
STUMBLED: Final = declare(
    "E-ENV-111", "处理报文时程序出错，报文保留，稍后重试。", "请把日志中 arrival.crashed 一行交给联盟运维。"
)

# What only time can cure: nothing is known against the message.
_WAITING: Final = (
    OUT_OF_ORDER,
    NOT_READ_HERE,
    directoryview.NO_DIRECTORY,
    epochs.EPOCH_UNKNOWN,
    chain.REVOCATION_UNKNOWN,
    atrest.KEY_RING_UNUSABLE,
    atrest.NOT_OPENED_AT_REST,
)
# What a newer directory may cure, within a day.
_BEHIND: Final = (SIGNER_UNKNOWN, evidence.UNKNOWN_LOG, chain.NOT_YET_VALID)
_BEHIND_FOR: Final = timedelta(days=1)
# Not the sender's doing, as far as anybody can tell: noted here, but the sender's own message is not refused.
_NOT_ANSWERED: Final = (OTHER_BYTES, COPIES_DIFFER)
_WATCH_EVERY: Final = timedelta(minutes=1)
_TRIES_BEFORE_A_PERSON_IS_TOLD: Final = 8  # some four minutes


class Handler:
    """Interprets stored arrivals; one per node, used by one thread."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        box: Outbox,
        trial: bool,
        directory: CurrentDirectory,
        applier: Applier,
        granted: Callable[[str, str, bytes, str], None],
    ) -> None:
        """`granted(authorisation_no, claim_id, grant, message_id)` hands a checked grant to the station."""
        self._store = store
        self._identity = identity
        self._box = box
        self._trial = trial
        self._directory = directory
        self._applier = applier
        self._granted = granted
        self._watched_at: datetime | None = None
        self._unread = unread.Unread()

    def run_once(self, now: datetime, limit: int = 50) -> int:
        """Handle what is due, and finish drafts that have a key now; returns how much was done.

        Nothing while a fork alarm is open.
        """
        with self._store.read() as tx:
            rows = [] if forkalarm.stopped(tx) else inbox.due(tx, now, limit)
        done = 0
        for row in rows:
            done += 1
            if not self._handle(row, now):
                break
        self._watch(now)
        with self._store.read() as tx:
            drafts, offers = self._box.has_drafts(tx), epochs.may_offer(tx)
        if drafts:
            done += self._finish_drafts(now)
            with self._store.read() as tx:
                offers = epochs.may_offer(tx)  # the report may have been among them
        return done + (self._offer_again(now) if offers else 0) + self._write_unread(now)

    def _watch(self, now: datetime) -> None:
        if self._watched_at is None or now >= self._watched_at + _WATCH_EVERY:
            self._watched_at = now
            with self._store.write() as tx:
                countersigning.watch(tx, now)

    def _finish_drafts(self, now: datetime) -> int:
        with self._store.write() as tx:
            directory = self._directory(tx)
            return self._box.finish_drafts(tx, directory, now) if directory else 0

    def _offer_again(self, now: datetime) -> int:
        with self._store.write() as tx:
            return epochs.offer_again(tx, now)

    def _write_unread(self, now: datetime) -> int:
        if not self._unread.looking:
            return 0
        with self._store.read() as tx:
            directory = None if forkalarm.stopped(tx) else self._directory(tx)
            rows = self._unread.next_few(tx, directory, now) if directory is not None else []
        if directory is None or not rows:
            return 0
        with self._store.write() as tx:
            return sum(unread.write_anew(tx, self._box, row, directory, now) for row in rows)

    def _handle(self, row: Any, now: datetime) -> bool:
        """Whether to go on with the next one."""
        try:
            match row.type:
                case "directory.published":
                    self._keep_directory(row, now)
                case "admission.receipt":
                    self._settle_outbox(row, now)
                case epochs.KIND:
                    self._keep_epoch(row, now)
                case "print.granted":
                    self._keep_grant(row, now)
                case "checkpoint.published":
                    self._keep_checkpoint(row, now)
                case _:
                    self._county_message(row, now)
        except ForkFoundError as error:
            with self._store.write() as tx:
                forkalarm.sound(tx, error, now)
            return False  # the arrival stays as it came, until a person has looked into it
        except YunhuobanError as error:
            self._not_applied(row, error, now)
        except Exception:  # noqa: BLE001 -- see the module: one arrival must not hold up the others
            # Whatever it is, it concerns this arrival: rolled back as a whole, tried again later, told to a person.
            _log.exception("arrival.crashed", message_id=row.message_id, type=row.type, source=row.source)
            self._later(row, YunhuobanError(STUMBLED, place=row.type), now)
        with self._store.read() as tx:
            return not forkalarm.stopped(tx)

    def _keep_directory(self, row: Any, now: datetime) -> None:
        with self._store.write() as tx:
            outcome = directories.accept(
                tx, row.body, row.signature, anchors=self._identity.anchors, trial=self._trial, now=now
            )
            if outcome == "applied":
                view = self._directory.demand(tx)
                _watch_directory(tx, "own-keys", lambda: directories.check_own_keys(view, self._identity), now)
                _watch_directory(tx, "calendar", view.carried.demand_readable, now)
                inbox.wake_waiting(tx, now)
                waiting.wake(tx, now)
                self._unread.look_again()
            inbox.drop_bytes(tx, row)
            self._done(tx, row, now)

    def _settle_outbox(self, row: Any, now: datetime) -> None:
        with self._store.write() as tx:
            wrong = receipts.settle(
                tx,
                row.body,
                box=self._box,
                identity=self._identity,
                directory=self._directory.demand(tx),
                now=now,
            )
            if wrong:
                inbox.mark_refused(tx, row, wrong[0].code.code)
                troublebook.note(tx, f"arrival/{row.message_id}", wrong[0], now)
                _log.error("receipt.not_proven", message_id=row.message_id, code=wrong[0].code, count=len(wrong))
            else:
                self._done(tx, row, now)

    def _keep_epoch(self, row: Any, now: datetime) -> None:
        with self._store.write() as tx:
            county = self._identity.division_code
            epochs.keep(tx, row, box=self._box, county=county, directory=self._directory.demand(tx), now=now)
            inbox.wake_waiting(tx, now)
            self._done(tx, row, now)

    def _keep_grant(self, row: Any, now: datetime) -> None:
        with self._store.read() as tx:
            grant = granting.check(row, self._directory.demand(tx), self._identity.division_code, now)
            awaited = granting.awaited(tx, grant)
        if grant["granted"] and awaited:
            self._granted(grant["authorisation_no"], grant["claim_id"], row.body, row.message_id)
        with self._store.write() as tx:
            if not grant["granted"] and awaited:
                granting.withhold(tx, grant, now)
            self._done(tx, row, now)

    def _keep_checkpoint(self, row: Any, now: datetime) -> None:
        with self._store.write() as tx:
            directory = self._directory.demand(tx)
            countersigning.keep(tx, row, directory=directory, identity=self._identity, box=self._box, now=now)
            self._done(tx, row, now)

    def _county_message(self, row: Any, now: datetime) -> None:
        opened: Opened | None = None
        if row.state == "new":
            with self._store.read() as tx:
                directory = self._directory.demand(tx)
                late = inbox.come_anew(tx, row.message_id, row.source)
                parties = None if late else self._parties(tx, row)
            if late:
                self._give_up(row, now)
                return
            opened = open_message(row, identity=self._identity, directory=directory, parties=parties)
        with self._store.write() as tx:
            current = self._directory(tx)
            if opened is None:
                envelope, record = envelope_of(row), inbox.record_of(tx, self._identity, row.seq)
            else:
                envelope, record = opened.envelope, dict(opened.record)
                epochs.demand_known(tx, opened.admitted.checkpoint)
                journalmemory.saw(tx, opened.admitted.checkpoint, now)
                journalmemory.heard(tx, row, envelope, now)
                sealed = self._identity.storage.seal(opened.payload, place=f"inbox/{row.message_id}")
                inbox.mark_opened(tx, row, envelope, sealed=sealed)
                if envelope.supersedes is not None:
                    inbox.give_up_unread(tx, envelope, NOT_READ_HERE.code)
                    troublebook.clear(tx, f"arrival/{envelope.supersedes}")
                answering.sign_for(tx, row, envelope, box=self._box, directory=current, now=now)
            other_form = inbox.other_form(tx, envelope)
            if other_form == "opened" or not inbox.predecessor_applied(tx, envelope.source, envelope.prev):
                inbox.try_later(tx, row, now, prev=envelope.prev)
                return
            if other_form != "applied":
                self._applier.apply(tx, envelope, record, current, now)
            self._done(tx, row, now)
        _log.info(
            "message.applied", message_id=row.message_id, type=row.type, source=row.source, case_no=envelope.case_no
        )

    def _give_up(self, row: Any, now: datetime) -> None:
        """Another form of the message was opened before this one: that is the one that counts, and is signed for."""
        with self._store.write() as tx:
            inbox.mark_refused(tx, row, NOT_READ_HERE.code)
            inbox.wake_successors(tx, row, now)
            troublebook.clear(tx, f"arrival/{row.message_id}")

    def _parties(self, tx: Connection, row: Any) -> Parties | None:
        """Who is who in the message's case. Raises E-ENV-105 and, while the case may still come, E-ENV-110."""
        envelope = envelope_of(row)
        if inbox.believed_otherwise(tx, row, envelope):
            raise YunhuobanError(OTHER_BYTES, place="message_id")
        case = casebook.find(tx, envelope.case_no)
        before_it = inbox.predecessor_applied(tx, envelope.source, envelope.prev)
        if case is None and not envelope.kind.opens and not before_it:
            raise YunhuobanError(OUT_OF_ORDER, place="prev")
        return case.parties if case else None

    def _done(self, tx: Connection, row: Any, now: datetime) -> None:
        inbox.mark_applied(tx, row, now)
        inbox.wake_successors(tx, row, now)
        troublebook.clear(tx, f"arrival/{row.message_id}")

    def _not_applied(self, row: Any, error: YunhuobanError, now: datetime) -> None:
        behind = error.code in _BEHIND and now < from_millis(row.arrived_at) + _BEHIND_FOR
        if error.code in _WAITING or behind or error.code.area == "STORE":
            self._later(row, error, now)
            return
        with self._store.write() as tx:
            envelope = _envelope(row)
            inbox.mark_refused(tx, row, error.code.code, supersedes=envelope.supersedes if envelope else None)
            inbox.wake_successors(tx, row, now)
            troublebook.note(tx, f"arrival/{row.message_id}", error, now)
            if envelope is not None and error.code not in _NOT_ANSWERED:
                answering.refuse(tx, envelope, error, box=self._box, directory=self._directory(tx), now=now)
        _log.error("arrival.refused", message_id=row.message_id, type=row.type, source=row.source, code=error.code)

    def _later(self, row: Any, error: YunhuobanError, now: datetime) -> None:
        envelope = _envelope(row)
        with self._store.write() as tx:
            inbox.try_later(tx, row, now, prev=envelope.prev if envelope else None)
            if row.tries >= _TRIES_BEFORE_A_PERSON_IS_TOLD:
                troublebook.note(tx, f"arrival/{row.message_id}", error, now)


def _watch_directory(tx: Connection, part: str, check: Callable[[], None], now: datetime) -> None:
    """Tell a person what is wrong with a part of a directory, which stands all the same: others need it."""
    try:
        check()
        troublebook.clear(tx, f"directory/{part}")
    except YunhuobanError as error:
        troublebook.note(tx, f"directory/{part}", error, now)


def _envelope(row: Any) -> Envelope | None:
    """The envelope of a county's message, if it is one; the hub's own words have no one to answer."""
    if row.source == HUB:
        return None
    try:
        return Envelope.parse(row.body)
    except YunhuobanError:
        return None  # the hub admits only envelopes that parse; without one there is nobody to answer
