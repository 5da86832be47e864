"""Asks what the hub itself stands on: whether the store can be written, how full the disk is, clocks, backup, watch.

The page asks by itself, for what stops the keeper stops its alerts, too. Its limits are those of `alerts.toml`, read
anew when they change: page and alert speak of the same.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from hub import instants
from hub.alerting import book, plan
from hub.backup import last
from hub.instants import from_millis
from hub.observing import workers
from hub.store import Store, tables
from hub.views import clocks
from hub.web.groundview import Ground
from schemas.errors import YunhuobanError

UNWATCHED: Final = timedelta(minutes=3)
"""The keeper looks at least once a minute, and a look takes half a minute at most."""
WRITE_SECONDS: Final = 3.0
"""A batch of five hundred messages is written in a fraction of it."""


def free_share(folder: Path) -> float | None:
    """How much of the disk is free under a folder; None when it cannot be asked."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free / usage.total if usage.total else None


def unsaved_since(tx: Connection, folder: Path) -> datetime | None:
    """When the last backup was made; before the first one, since when there is something to be saved."""
    try:
        made = last.read(folder)
    except YunhuobanError:
        made = None  # what cannot be read proves no backup
    if made is not None:
        return made.at
    first = tx.execute(select(func.min(tables.checkpoints.c.made_at))).scalar()
    return from_millis(first) if first is not None else None


class GroundFinder:
    """One process's. Not for several threads."""

    def __init__(self, store: Store, folder: Path) -> None:
        """Asks nothing yet."""
        self._store = store
        self._folder = folder
        self._began_at = instants.now()

    def __call__(self) -> Ground:
        """How it stands now. Raises E-STORE-001 when not even reading is possible."""
        now, limits = instants.now(), plan.limits(self._folder)
        with self._store.read() as tx:
            looked_at, counts = book.looked_at(tx), book.counts(tx)
            ahead, unsaved = clocks.ahead_seconds(tx, now), unsaved_since(tx, self._folder)
            rolls = workers.rolls(tx, now)
        share = free_share(self._folder)
        percent = None if share is None else int(share * 100)
        late = unsaved is not None and now - unsaved > timedelta(hours=limits.backup_hours)
        # A hub that has just started is given the time that its keeper takes.
        unwatched = looked_at is not None and now - max(looked_at, self._began_at) > UNWATCHED
        just_begun = now - self._began_at < workers.SILENT
        writable = self._store.writable(WRITE_SECONDS)
        return Ground(
            writable=writable,
            free_percent=percent if percent is not None and percent < limits.disk_free_percent else None,
            clocks=clocks.wrong(ahead, limits.clock_seconds),
            # Nobody can say that it is there while nothing can be written, or before it has begun anew with the hub.
            died={role: each for role, each in rolls.items() if each.gone} if writable and not just_begun else {},
            unwatched_since=looked_at if unwatched else None,
            unsaved_since=unsaved if late else None,
            alerts=sum(open_ for _all, open_ in counts.values()),
            most_messages=limits.backlog_messages,
            most_claims=limits.backlog_claims,
        )
