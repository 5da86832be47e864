"""Asks `hub.views` how the hub stands, for `conditions` to decide upon."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from hub.alerting.conditions import Facts
from hub.instants import to_millis
from hub.observing import deadlines
from hub.settings import HubSettings
from hub.store import Store
from hub.supervision import listing
from hub.supervision.levels import Level
from hub.views import ledgerview, standing
from hub.views.overviewsource import OUTCOME_OVERDUE
from hub.views.standing import BrokerView

_CLOCKS_WITHIN = timedelta(hours=1)


def free_share(folder: Path) -> float | None:
    """How much of the disk is free under a folder; None when it cannot be asked."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free / usage.total if usage.total else None


class FactFinder:
    """Asks broker, store and disk. Not for several threads."""

    def __init__(
        self,
        store: Store,
        management: BrokerView,
        settings: HubSettings,
        *,
        disk: Callable[[Path], float | None] = free_share,
    ) -> None:
        """Asks nothing yet."""
        self._store = store
        self._management = management
        self._settings = settings
        self._disk = disk

    def __call__(self, now: datetime) -> Facts:
        """How it stands now. Raises E-STORE-001; a broker that does not answer is part of the answer."""
        with self._store.read() as tx:
            return Facts(
                status=standing.status(tx, self._management, settings=self._settings, now=now),
                dead=ledgerview.dead_by_source(tx),
                unknown_prints=ledgerview.overdue_by_county(tx, to_millis(now - OUTCOME_OVERDUE)),
                late=deadlines.late_by_county(tx, now),
                red=listing.standing_by_county(tx, Level.RED),
                red_plus=listing.standing_by_county(tx, Level.RED_PLUS),
                ahead_seconds=ledgerview.ahead_seconds(tx, to_millis(now - _CLOCKS_WITHIN)),
                free_share=self._disk(self._settings.folder),
            )
