"""到期提醒 sent by the node itself, where the county wants it so: what is due, each once, without anybody's press.

A reminder is one transaction with its message, whose id follows from license and step: after a crash it is there or
it is not, and looked for again it is found. One that was refused is not sent again by itself: its trouble tells a
person, whose press is another message. While nobody can be written to, it waits in the outbox like every other.
"""

from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.case import around, casebook, steps
from adapters.case.workplace import Workplace
from adapters.hall.around import expiring
from adapters.hall.around.expiring import BY_NODE, REMINDER, Ending
from adapters.hall.around.known import EXPIRING_TEXT
from adapters.local import troublebook
from schemas.errors import YunhuobanError
from schemas.lifecycle import MOVES
from schemas.workdays.hours import beijing_day

_log = structlog.get_logger(__name__)
_PAUSE: Final = timedelta(minutes=10)
"""After something would not go: the loop is woken by everything else that the node does."""


class ReminderSender:
    """Looks once a day, because every decision is opened for it, and again soon after something would not go."""

    def __init__(self, place: Workplace, *, on: bool) -> None:
        """Without `on` nothing is ever sent. Used by one loop."""
        self._place = place
        self._on = on and REMINDER not in place.elsewhere
        self._day: date | None = None
        self._again_at: datetime | None = None

    def run_once(self, now: datetime) -> int:
        """Send what is due; returns how many reminders."""
        today = beijing_day(now)
        if not self._on or self._day == today or (self._again_at is not None and now < self._again_at):
            return 0
        place = self._place
        with place.store.read() as tx:
            if place.directory(tx) is None:
                return 0
            rows = expiring.ending(tx, place.box, place.county, today, max(expiring.STEPS))
        done = [self._step(each, now) for each in rows if not each.own and expiring.step_of(each, today) is not None]
        if None in done:
            self._again_at = now + _PAUSE
        else:
            self._day, self._again_at = today, None
        return sum(each or 0 for each in done)

    def _step(self, found: Ending, now: datetime) -> int | None:
        """One license, looked at again in its own transaction; None when it would not go."""
        key = f"reminder/{found.identifier}"
        try:
            with self._place.store.write() as tx:
                casebook.hold(tx, found.case_no)
                sent = self._send(tx, found, now)
                troublebook.clear(tx, key)
        except YunhuobanError as error:
            with self._place.store.write() as tx:
                troublebook.note(tx, key, error, now, case_no=found.case_no)
            _log.warning("reminder.not_sent", case_no=found.case_no, code=error.code)
            return None
        if sent:
            _log.info("reminder.sent", case_no=found.case_no)
        return int(sent)

    def _send(self, tx: Connection, found: Ending, now: datetime) -> bool:
        place = self._place
        case, today = casebook.find(tx, found.case_no), beijing_day(now)
        fresh = expiring.again(tx, place.box, found)
        step = expiring.step_of(fresh, today) if fresh is not None else None
        if case is None or step is None or (case.state, REMINDER) not in MOVES:
            return False
        message_id = expiring.node_message_id(found.identifier, step)
        if outbox.find(tx, message_id) is not None:
            return False
        record = {
            "license_identifier": found.identifier,
            "valid_until": found.valid_until,
            "text": EXPIRING_TEXT,
            "reminded_at": now,
            "clerk": BY_NODE,
        }
        directory = place.directory.demand(tx)
        around.demand_fit(tx, place.identity, case, place.county, REMINDER, record)
        steps.take(tx, case, REMINDER, record, directory, now)
        steps.put(
            tx,
            place.box,
            case,
            REMINDER,
            record,
            directory,
            now,
            county=place.county,
            message_id=message_id,
            patient=True,
        )
        return True
