"""What the page and the commands see of the alerts, and how one is acknowledged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from hub.alerting import book, watch, words
from hub.instants import from_millis
from hub.registry import county
from hub.store import Store
from hub.web.alertview import AlertRow, AlertSheet

STALE: Final = timedelta(minutes=5)
"""A keeper looks several times a minute."""
_RECENT: Final = 50
_log = structlog.get_logger(__name__)


class StoreAlerts:
    """`hub.web.alertview.AlertDesk` over the real store. Safe to use from several threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        """Asks nothing yet."""
        self._store = store
        self._clock = clock

    def sheet(self) -> AlertSheet:
        """What stands, the urgent first, and what is over."""
        with self._store.read() as tx:
            standing, recent, at = book.standing(tx), book.recent(tx, _RECENT), book.looked_at(tx)
            names = {row.division_code: row.name for row in county.listed(tx)}
            troubles = watch.troubles(tx)
        open_first = sorted(standing, key=lambda row: (row.acknowledged_at is not None, not row.urgent))
        return AlertSheet(
            standing=[_row(each) for each in open_first],
            recent=[_row(each) for each in recent],
            looked_at=at,
            stale=at is None or self._clock() - at > STALE,
            troubles=troubles,
            names=names,
        )

    def acknowledge(self, number: str, *, by: str, note: str) -> None:
        """Take it on; `by` is an account. Raises E-ALERT-002 or -003."""
        with self._store.write() as tx:
            book.acknowledge(tx, number, by=by, note=note, now=self._clock())
        _log.info("alert.acknowledged", account=by)


def _row(row: Any) -> AlertRow:
    return AlertRow(
        number=row.id,
        kind=row.kind,
        subject=row.subject,
        county=row.subject.isdecimal(),
        urgent=row.urgent,
        amount=row.amount,
        whole=row.whole,
        since_at=words.began_at(row),
        resolved_at=_at(row.resolved_at),
        acknowledged_at=_at(row.acknowledged_at),
        acknowledged_by=row.acknowledged_by,
        note=row.note,
        level=row.level,
    )


def _at(millis: int | None) -> datetime | None:
    return from_millis(millis) if millis is not None else None
