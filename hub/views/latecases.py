"""How many cases are late, by the county that decides: a limit passed for certain by the calendar.

A case's next limit moves only when the case does, so it is kept until then; what is not known yet is worked out a few
cases at a time, because each costs the reading of its envelopes.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
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


class LateCases:
    """One process's memory of limits. Not for several threads."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._calendar = CurrentCalendar()
        self._dues: dict[str, tuple[tuple[int, int], datetime | None]] = {}

    def __call__(self, tx: Connection, now: datetime) -> Mapping[str, Pile]:
        """The late cases that are known by now; a paused case is not late."""
        cases, serial = tables.cases.c, calendars.serial(tx)
        under_way = select(cases.case_no, cases.issuing_county, cases.changed_at).where(
            cases.state.not_in([state.value for state in ENDED]), cases.trial.is_(False)
        )
        rows = tx.execute(under_way).all()
        kept = {row.case_no: self._dues[row.case_no] for row in rows if row.case_no in self._dues}
        left, late = AT_ONCE, defaultdict[str, list[datetime]](list)
        for row in rows:
            state = (row.changed_at, serial)
            if (known := kept.get(row.case_no)) is None or known[0] != state:
                if not left:
                    continue
                left -= 1
                known = kept[row.case_no] = state, self._due(tx, row.case_no, now)
            if known[1] is not None and known[1] < now:
                late[row.issuing_county].append(known[1])
        self._dues = kept
        return {county: Pile(count=len(since), oldest_at=min(since)) for county, since in late.items()}

    def _due(self, tx: Connection, case_no: str, now: datetime) -> datetime | None:
        """The first limit that is certain; none while the clock is paused, or where nothing is due."""
        try:
            face = trace.trace(tx, case_no, calendar=self._calendar(tx), now=now).clock
        except YunhuobanError:
            return None  # its messages are being taken out: it has come to its end
        certain = [due.at for due in face.dues if not due.provisional]
        return min(certain, default=None) if face.ended_at is None else None
