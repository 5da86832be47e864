"""The loop that tells: what is new since the last time, together, and not before a pause has passed.

Told first and noted after: a crash in between tells twice, which is better than never. What nobody could be told is a
trouble that the desk shows, and is tried again; where one address of several failed, only the trouble stays.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, delete, func, insert, select

from adapters.hall.noticing import waiting
from adapters.hall.noticing.tables import notices
from adapters.hall.noticing.waiting import Waiting
from adapters.instants import to_millis
from adapters.local import troublebook
from adapters.store import Store
from pages.notices import channels
from pages.notices.channels import Channels
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
PAUSE: Final = timedelta(minutes=10)
_KEPT: Final = timedelta(days=90)


def opened(store: Store, folder: Path, now: datetime) -> Mapping[str, Channels]:
    """The channels of a county's folder; a file that is wrong is a trouble, and nobody is told."""
    try:
        found = channels.read(folder)
    except YunhuobanError as error:
        with store.write() as tx:
            troublebook.note(tx, channels.FILE, error, now)
        return {}
    with store.write() as tx:
        troublebook.clear(tx, channels.FILE)
    return found


class NoticeWatch:
    """Tells the roles that have channels."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channels],
        look: Callable[[Connection], Sequence[Waiting]],
        *,
        county: str,
    ) -> None:
        """`look` finds what waits now; `county` is the county's name."""
        self._store = store
        self._channels = channels
        self._look = look
        self._county = county
        self._not_before: dict[str, datetime] = {}

    def run_once(self, now: datetime) -> int:
        """Tell every role what is new to it; returns how many were told."""
        return sum(self._tell(role, channels, now) for role, channels in self._channels.items())

    def _tell(self, role: str, channels: Channels, now: datetime) -> int:
        if self._not_before.get(role, now) > now:
            return 0
        with self._store.read() as tx:
            last = tx.execute(select(func.max(notices.c.told_at)).where(notices.c.role == role)).scalar()
            if last is not None and to_millis(now - PAUSE) < last <= to_millis(now):
                return 0  # not what was told under a clock that was put back since
            told = set(tx.execute(select(notices.c.about).where(notices.c.role == role)).scalars())
            fresh = [each for each in self._look(tx) if each.role == role and each.about not in told]
        if not fresh:
            return 0
        said, key = waiting.sentence(fresh, self._county), f"notice/{role}"
        try:
            trouble = channels.tell(said["title"], said["text"])
        except YunhuobanError as error:
            self._not_before[role] = now + PAUSE
            _log.warning("notice.not_told", code=error.code)
            with self._store.write() as tx:
                troublebook.note(tx, key, error, now)
            return 0
        with self._store.write() as tx:
            tx.execute(delete(notices).where(notices.c.told_at < to_millis(now - _KEPT)))
            tx.execute(
                insert(notices), [{"role": role, "about": each.about, "told_at": to_millis(now)} for each in fresh]
            )
            troublebook.clear(tx, key)
            if trouble is not None:
                troublebook.note(tx, key, trouble, now)
        _log.info("notice.told", count=len(fresh))
        return 1
