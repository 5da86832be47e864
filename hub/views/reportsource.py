"""The report of a month from the hub's store. A transaction for each call.

Some 17,000 implementations take a second to decode: the catalogue is kept, and only what changed is read again.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, or_, select

from hub import instants
from hub.around import bundles, online, reports
from hub.around.reports import Report
from hub.catalogue import state as catalogue
from hub.registry import trust
from hub.registry.calendars import CurrentCalendar
from hub.registry.tables import statements
from hub.store import Store
from hub.supervision.period import Period
from schemas import directory
from schemas.catalogue.view import CatalogueView
from schemas.statedview import StatedView
from schemas.workdays.hours import beijing_day


class StoreReports:
    """`hub.web.reports.ReportSource` over the real hub. Safe to use from several threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = instants.now) -> None:
        """Asks nothing yet."""
        self._store = store
        self._calendar = CurrentCalendar()
        self._lock = threading.Lock()
        self._kept: tuple[int, CatalogueView] | None = None
        self.now = clock

    def report(self, period: Period) -> Report:
        """Counted anew; what is online counts as of the period's last day, or today."""
        now = self.now()
        on = min(period.last, beijing_day(now))
        with self._store.read() as tx:
            columns = statements.c
            kinds = or_(*(columns.key.like(f"{kind}/%") for kind in (directory.DETAIL, directory.BUNDLE)))
            chosen = select(columns.key, columns.value).where(kinds, columns.withdrawn.is_(False))
            said = {row.key: bytes(row.value) for row in tx.execute(chosen)}
            view, details = self._catalogue(tx), [each for each in said.items() if _is_detail(each[0])]
            share, saved = online.counted(view, details, on), bundles.counted(view, StatedView(said), on)
            return reports.report(tx, period, self._calendar(tx).of, share, saved, now)

    def _catalogue(self, tx: Connection) -> CatalogueView:
        with self._lock:
            since, before = self._kept or (0, None)
            serial = trust.counter(tx)  # before the rest, or a change that it does not see would be missed for ever
            view = catalogue.view(tx, since=since, before=before)
            self._kept = serial, view
            return view


def _is_detail(key: str) -> bool:
    return directory.kind_of(key) == directory.DETAIL
