"""When too many failures make somebody wait, and how long. Pure.

Five failures of an account within fifteen minutes, or thirty of an address, and nothing is tried for fifteen minutes,
then thirty, an hour, at most four. An attempt counts when it begins, so that many at once are not more guesses; one
that succeeds is taken back.
"""

from dataclasses import dataclass, replace
from typing import Final

WINDOW_MILLIS: Final = 15 * 60_000
FIRST_WAIT_MILLIS: Final = 15 * 60_000
LONGEST_WAIT_MILLIS: Final = 4 * 3_600_000
FORGOTTEN_MILLIS: Final = 24 * 3_600_000
"""After a day without a failure the next wait is the first one again."""
OF_ACCOUNT: Final = 5
OF_ADDRESS: Final = 30  # a hall may sit behind one address


@dataclass(frozen=True, slots=True)
class Tally:
    """What is remembered of one account or address; times in milliseconds."""

    failures: int = 0
    since: int = 0
    level: int = 0
    wait_until: int = 0


def is_waiting(tally: Tally, now: int, limit: int) -> bool:
    """Whether nothing may be tried now: it has to wait, or as many attempts as allowed are under way."""
    return now < tally.wait_until or (tally.failures >= limit and now - tally.since < WINDOW_MILLIS)


def begun(tally: Tally, now: int) -> Tally:
    """An attempt begins."""
    if now - max(tally.since, tally.wait_until) >= FORGOTTEN_MILLIS:
        tally = Tally()
    if now - tally.since >= WINDOW_MILLIS:
        tally = replace(tally, failures=0, since=now)
    return replace(tally, failures=tally.failures + 1)


def failed(tally: Tally, now: int, limit: int) -> Tally:
    """The attempt that began has failed."""
    if tally.failures < limit or now < tally.wait_until:
        return tally
    wait = min(FIRST_WAIT_MILLIS * 2 ** min(tally.level, 10), LONGEST_WAIT_MILLIS)
    return Tally(failures=0, since=now, level=tally.level + 1, wait_until=now + wait)


def taken_back(tally: Tally) -> Tally:
    """The attempt that began was right."""
    return replace(tally, failures=max(0, tally.failures - 1))
