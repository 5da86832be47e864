"""Asks `hub.views` how the hub stands, for `conditions` to decide upon."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from hub.alerting import plan
from hub.alerting.conditions import Facts
from hub.around import matters, ratings
from hub.instants import to_millis
from hub.observing import deadlines, workers
from hub.settings import HubSettings
from hub.store import Store
from hub.supervision import listing
from hub.supervision.levels import Level
from hub.views import clocks, ledgerview, standing
from hub.views.groundsource import free_share, unsaved_since
from hub.views.standing import BrokerView


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
        overdue = timedelta(minutes=plan.limits(self._settings.folder).outcome_minutes)
        with self._store.read() as tx:
            return Facts(
                status=standing.status(tx, self._management, settings=self._settings, now=now),
                dead=ledgerview.dead_by_source(tx),
                unknown_prints=ledgerview.overdue_by_county(tx, to_millis(now - overdue)),
                late=deadlines.late_by_county(tx, now),
                late_answers=matters.overdue_by_county(tx, now),
                bad_ratings=ratings.late_by_county(tx, now),
                red=listing.standing_by_county(tx, Level.RED),
                red_plus=listing.standing_by_county(tx, Level.RED_PLUS),
                ahead_seconds=clocks.ahead_seconds(tx, now),
                workers=workers.rolls(tx, now),
                unsaved_since=unsaved_since(tx, self._settings.folder),
                free_share=self._disk(self._settings.folder),
            )
