"""The weather at the counties that we have to do with, as far as it can be told from here.

Nobody is asked: what is told is what their signed receipts and messages say, and what still waits for one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from adapters.countyit.status.attention import PARTNER_PATIENCE
from adapters.countyit.status.report import Partner, Weather
from adapters.directory.directoryview import DirectoryView
from adapters.instants import from_millis
from adapters.store import tables
from schemas import releases
from schemas.errors import YunhuobanError
from schemas.messages import HUB

_RECENT: Final = 5_000
"""Rows of either box that are looked at: a county not among them has not been dealt with for long."""
_CLEAR_WITHIN: Final = timedelta(days=1)
_OPEN: Final = ("waiting", "sent", "admitted")
_outbox: Final = tables.outbox.c
_inbox: Final = tables.inbox.c


def partners(tx: Connection, directory: DirectoryView | None, own: str, now: datetime) -> list[Partner]:
    """Each of them, those that need attention first, then by code."""
    heard, waiting = _heard(tx), _waiting(tx)
    codes = (heard.keys() | waiting.keys() | _written_to(tx)) - {HUB, own, ""}
    found = [_partner(code, heard, waiting, directory, now) for code in codes]
    order = [Weather.BARRED, Weather.SLOW, Weather.CLEAR, Weather.QUIET]
    return sorted(found, key=lambda each: (order.index(each.weather), each.code))


def _partner(
    code: str,
    heard: Mapping[str, datetime],
    waiting: Mapping[str, tuple[int, datetime]],
    directory: DirectoryView | None,
    now: datetime,
) -> Partner:
    count, oldest = waiting.get(code, (0, None))
    at, why, contract = heard.get(code), "", ""
    if directory is not None:
        try:
            directory.recipient(code, now)
            contract = directory.contract(code) or releases.current()
        except YunhuobanError as error:
            why = error.code.code
    if why:
        weather = Weather.BARRED
    elif oldest is not None and now - oldest > PARTNER_PATIENCE:
        weather = Weather.SLOW
    else:
        weather = Weather.CLEAR if at is not None and now - at < _CLEAR_WITHIN else Weather.QUIET
    return Partner(
        code=code,
        name=directory.name(code) if directory is not None else code,
        weather=weather,
        why=why,
        heard_at=at,
        waiting=count,
        oldest_at=oldest,
        contract=contract,
    )


def _heard(tx: Connection) -> dict[str, datetime]:
    """When each county's newest message came, receipts among them."""
    recent = select(_inbox.seq, _inbox.source).order_by(_inbox.seq.desc()).limit(_RECENT).subquery()
    newest = dict(tx.execute(select(recent.c.source, func.max(recent.c.seq)).group_by(recent.c.source)).all())
    rows = tx.execute(select(_inbox.source, _inbox.arrived_at).where(_inbox.seq.in_(newest.values())))
    return {source: from_millis(at) for source, at in rows}


def _waiting(tx: Connection) -> dict[str, tuple[int, datetime]]:
    """How many messages of ours wait for each county's word, and since when the oldest does."""
    open_ = select(_outbox.destination, func.count(), func.min(_outbox.seq)).where(_outbox.state.in_(_OPEN))
    rows = tx.execute(open_.group_by(_outbox.destination)).all()
    oldest_ones = select(_outbox.seq, _outbox.created_at).where(_outbox.seq.in_([oldest for _, _, oldest in rows]))
    since = dict(tx.execute(oldest_ones).all())
    return {county: (count, from_millis(since[oldest])) for county, count, oldest in rows}


def _written_to(tx: Connection) -> set[str]:
    recent = select(_outbox.destination).order_by(_outbox.seq.desc()).limit(_RECENT).subquery()
    return set(tx.execute(select(recent.c.destination).distinct()).scalars())
