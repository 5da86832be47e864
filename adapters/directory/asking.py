"""Asking the hub for the directory: when something of it was lost, when it was not renewed in time, and at the start.

A county says which serial it holds and gets what came after it. It is no envelope: it concerns no case, the broker
vouches for who asks, and whatever comes back is signed. It is asked again, with growing pauses, until what it holds
is whole.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from adapters.instants import to_millis, too_far
from adapters.link.connection import Link, SendOutcome, Submission
from adapters.store import Store, tables
from schemas import codec, topology
from schemas.envelope import new_id
from schemas.messages import DIRECTORY_REQUESTED

FIRST_PAUSE: Final = timedelta(seconds=2)
"""What came before its predecessor may be made whole by it in a moment."""
_PAUSE_SECONDS: Final = 5.0
_LONGEST_PAUSE_SECONDS: Final = 600.0
OVERDUE: Final = timedelta(hours=26)
"""The hub renews every day."""
_ONLY_ROW: Final = 1


def want(tx: Connection, since: int, now: datetime) -> None:
    """Ask soon for what comes after this serial; what was asked for already is asked for at its time."""
    table = tables.directory_asking
    if tx.execute(update(table).values(since=since)).rowcount == 0:
        soon = to_millis(now + FIRST_PAUSE)
        tx.execute(insert(table).values(id=_ONLY_ROW, since=since, tries=0, next_try_at=soon))


def satisfied(tx: Connection) -> None:
    """Nothing is wanted any more."""
    tx.execute(delete(tables.directory_asking))


def due(tx: Connection, now: datetime) -> int | None:
    """The serial after which everything is to be asked for now; None while nothing is to be asked."""
    row = tx.execute(select(tables.directory_asking)).one_or_none()
    if row is not None:
        waits = to_millis(now) < row.next_try_at <= too_far(now, _LONGEST_PAUSE_SECONDS)
        return None if waits else int(row.since)
    held = tx.execute(select(tables.directories.c.serial, tables.directories.c.issued_at)).one_or_none()
    if held is None:
        return 0
    return int(held.serial) if held.issued_at < to_millis(now - OVERDUE) else None


def asked(tx: Connection, since: int, now: datetime) -> None:
    """It was asked; the next time is after a growing pause."""
    table = tables.directory_asking
    tries = tx.execute(select(table.c.tries)).scalar() or 0
    pause = min(_PAUSE_SECONDS * 2 ** min(tries, 10), _LONGEST_PAUSE_SECONDS)
    values = {"since": since, "tries": tries + 1, "next_try_at": to_millis(now + timedelta(seconds=pause))}
    if tx.execute(update(table).values(**values)).rowcount == 0:
        tx.execute(insert(table).values(id=_ONLY_ROW, **values))


class DirectoryAsker:
    """Sends the question over a link; used by the thread that the link belongs to."""

    def __init__(self, *, store: Store, link: Link, county: str, clock: Callable[[], datetime]) -> None:
        """`link` may be another sender's."""
        self._store = store
        self._link = link
        self._county = county
        self._clock = clock

    def run_once(self) -> int:
        """Ask if it is time; returns how often."""
        with self._store.read() as tx:
            since = due(tx, self._clock())
        if since is None or self._link.send(request(self._county, since)) is not SendOutcome.CONFIRMED:
            return 0
        with self._store.write() as tx:
            asked(tx, since, self._clock())
        return 1


def request(county: str, since: int) -> Submission:
    """What is sent."""
    return Submission(
        exchange=topology.SUBMIT,
        routing_key=topology.directory_key(county),
        body=codec.encode("DirectoryRequest", {"division_code": county, "serial": since}),
        message_id=new_id(),
        type=DIRECTORY_REQUESTED,
        signatures=[],
    )
