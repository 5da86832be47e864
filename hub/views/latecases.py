"""How many cases are late, by the county that decides: a limit passed for certain by the calendar.

A case's next limit becomes earlier only when the case moves, so it is kept until then. It becomes later by an
extension, too, so that one which has passed is worked out again before anybody is told, and every hour after. A few
cases at a time, because each costs the reading of its envelopes.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from hub.registry import calendars
from hub.registry.calendars import CurrentCalendar
from hub.store import tables
from hub.views import trace
from hub.views.ledgerview import Pile
from schemas.errors import YunhuobanError
from schemas.lifecycle import ENDED

AT_ONCE: Final = 200
"""Cases worked out in one call."""
_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was worked out of one case, when, and of which state of it."""

    state: tuple[int, int]
    due_at: datetime | None
    at: datetime

    def holds(self, state: tuple[int, int], now: datetime) -> bool:
        passed = self.due_at is not None and self.due_at < now
        return self.state == state and not (passed and not self.at <= now < self.at + _AGAIN)

    def is_late(self, now: datetime) -> bool:
        """Worked out since the limit passed."""
        return self.due_at is not None and self.due_at < now and self.due_at <= self.at


class LateCases:
    """One process's memory of limits. Not for several threads."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._calendar = CurrentCalendar()
        self._known: dict[str, _Known] = {}

    def __call__(self, tx: Connection, now: datetime) -> Mapping[str, Pile]:
        """The late cases that are known by now; a paused case is not late."""
        cases, serial = tables.cases.c, calendars.serial(tx)
        under_way = select(cases.case_no, cases.issuing_county, cases.changed_at).where(
            cases.state.not_in([state.value for state in ENDED]), cases.trial.is_(False)
        )
        rows = tx.execute(under_way).all()
        kept = {row.case_no: self._known[row.case_no] for row in rows if row.case_no in self._known}
        left, late = AT_ONCE, defaultdict[str, list[datetime]](list)
        for row in rows:
            state, known = (row.changed_at, serial), kept.get(row.case_no)
            if (known is None or not known.holds(state, now)) and left:
                left -= 1
                due_at = self._due(tx, row.case_no, now)
                known = kept[row.case_no] = _Known(state=state, due_at=due_at, at=now)
            if known is not None and known.due_at is not None and known.is_late(now):
                late[row.issuing_county].append(known.due_at)
        self._known = kept
        return {county: Pile(count=len(since), oldest_at=min(since)) for county, since in late.items()}

    def _due(self, tx: Connection, case_no: str, now: datetime) -> datetime | None:
        """The first limit that is certain; none while the clock is paused, or where nothing is due."""
        try:
            face = trace.trace(tx, case_no, calendar=self._calendar(tx), now=now).clock
        except YunhuobanError:
            return None  # its messages are being taken out: it has come to its end
        certain = [due.at for due in face.dues if not due.provisional]
        return min(certain, default=None) if face.ended_at is None else None
