"""民情通办: how many complaints came by which channel, and what became of them, by pair of counties. Pure reading.

One that was received in the period counts in it, whenever it is answered; in time is who first answered by the day that
was asked for at the beginning, for an escalation excuses nobody. Solved is what was last said to be, unless it was
returned since.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from hub.around.tables import matters
from hub.instants import to_millis

_kept = matters.c
_SOLVED: Final = "solved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCount:
    """Those of one pair, channel and kind; any of them empty in a sum."""

    window: str
    """Who passed them on."""
    issuing: str
    """Who has to answer."""
    channel: str
    kind: str
    received: int
    answered: int
    in_time: int
    late: int
    """Answered too late, or not yet and the day is over."""
    solved: int

    @property
    def in_time_percent(self) -> float | None:
        """Of those whose day has come or that were answered; None without any."""
        due = self.in_time + self.late
        return round(100 * self.in_time / due, 2) if due else None

    @property
    def solved_percent(self) -> float | None:
        """Of all that were received; None without any."""
        return round(100 * self.solved / self.received, 2) if self.received else None


def counted(tx: Connection, begins: datetime, ends: datetime, now: datetime) -> Sequence[AppealCount]:
    """By pair, channel and kind; none on trial."""
    received = select(matters).where(
        _kept.opened_at >= to_millis(begins),
        _kept.opened_at < to_millis(ends),
        _kept.kind == "appeal",
        _kept.trial.is_(False),
    )
    found: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    for row in tx.execute(received):
        key = (row.window_county, row.issuing_county, row.channel, row.appeal_kind)
        first = row.answered_at if row.answered_at is not None else to_millis(now)
        said = ["received"]
        if row.answered_at is not None:
            said.append("answered")
        if first >= row.limit_at:
            said.append("late")
        elif row.answered_at is not None:
            said.append("in_time")
        if row.result == _SOLVED:
            said.append(_SOLVED)
        found[key].update(said)
    return [_count(key, count) for key, count in sorted(found.items())]


def summed(counts: Sequence[AppealCount]) -> AppealCount:
    """All of them in one."""
    total: Counter[str] = Counter()
    for each in counts:
        total.update(
            received=each.received, answered=each.answered, in_time=each.in_time, late=each.late, solved=each.solved
        )
    return _count(("", "", "", ""), total)


def _count(key: tuple[str, str, str, str], count: Counter[str]) -> AppealCount:
    window, issuing, channel, kind = key
    return AppealCount(
        window=window,
        issuing=issuing,
        channel=channel,
        kind=kind,
        received=count["received"],
        answered=count["answered"],
        in_time=count["in_time"],
        late=count["late"],
        solved=count["solved"],
    )
