"""Tells that the store itself cannot be used: the book of alerts lies in it, so that this one is kept in memory only.

Nobody can acknowledge it, for that would have to be written: each step hears of it when those before have had their
time. A keeper that is started anew meanwhile tells it again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from hub.alerting import words
from hub.alerting.kinds import HUB, KINDS
from hub.alerting.plan import Plan, Step, passed
from hub.alerting.telling import MOST_TRIES, Notice
from hub.instants import from_millis, to_millis
from schemas.errors import YunhuobanError

KIND: Final = "store"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """The alert, as far as words and book ask for it."""

    seen_at: int
    kind: str = KIND
    subject: str = HUB
    amount: int = 1
    whole: int | None = None
    since_at: int | None = None


class Outcry:
    """One keeper's. Not for several threads."""

    def __init__(self, *, origin: str) -> None:
        """Nothing is the matter yet; `origin` is the hub's name."""
        self._origin = origin
        self._failing: Failing | None = None
        self._had_their_turn = self._tries = 0
        self._last_turn_at: datetime | None = None

    def failed(self, plan: Plan, began_at: datetime, now: datetime) -> int:
        """The store could not be used at a look that began then; returns how many notices went out."""
        if self._failing is None:
            self._failing = Failing(seen_at=to_millis(began_at))
        if not passed(from_millis(self._failing.seen_at), now, KINDS[KIND].after):
            return 0
        told = 0
        while self._had_their_turn < len(plan.steps):
            step = plan.steps[self._had_their_turn]
            if self._had_their_turn and not passed(self._last_turn_at, now, step.after):
                break
            good = self._give(step, plan, over=False)
            self._tries = 0 if good else self._tries + 1
            if not good and self._tries < MOST_TRIES:
                break
            told += good
            self._tries, self._last_turn_at = 0, now
            self._had_their_turn += 1
        return told

    def worked(self, plan: Plan) -> Failing | None:
        """The store can be used again: whoever heard of it hears that; returns what was the matter, if it was told."""
        failing, told = self._failing, self._had_their_turn
        if failing is not None and told:
            for step in plan.steps[:told]:
                self._give(step, plan, over=True)
        self._failing, self._had_their_turn, self._tries, self._last_turn_at = None, 0, 0, None
        return failing if told else None

    def _give(self, step: Step, plan: Plan, *, over: bool) -> bool:
        rows = [self._failing]
        notice = Notice(step=0, begun=[] if over else rows, over=rows if over else [])
        title, text = words.notice(notice, plan, names={}, origin=self._origin)
        try:
            step.channels.tell(title, text)
        except YunhuobanError as error:
            _log.error("alert.not_told", code=error.code.code, attempts=self._tries + 1)
            return False
        _log.info("alert.told", count=1)
        return True
