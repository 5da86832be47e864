"""An operator stops what one county sends: it waits, unread and in order, in that county's own slow queue.

All counties share the ingress, so nothing may wait there: what cannot be taken stands before everybody else's. A slow
queue is a county's own, and has no limit. So a stopped county is slowed at once, by both roads: the sluice moves
whatever it sends (`hub.pace.sluice`), the slow lane leaves its queue alone, and afterwards empties it at the county's
quota before anything goes the usual way again (`hub.pace.slowlane`). Nobody's consumer is cancelled for that: the lane
closes the queue's channel.

Every county is told by a notice in the directory, without the operator's reason.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from hub.instants import to_millis
from hub.pace import slowed
from hub.pace.tables import stopped_senders
from hub.registry import announcements
from hub.store import tables
from pages.wording import mark, say
from schemas import topology
from schemas.notices import MOST_DAYS, Notice

_SAID: Final = mark("中枢暂停受理{name}（{code}）报送的报文：报文在中枢等候，恢复后按原来的次序受理，不用重报。")
_columns, _counties = stopped_senders.c, tables.counties.c


def stop(tx: Connection, county: str, now: datetime) -> None:
    """From here on what it sends is moved aside, as soon as its slow queue stands (about a second)."""
    name = tx.execute(select(_counties.name).where(_counties.division_code == county)).scalar_one()
    words = {language: say(_SAID, language, name=name, code=county) for language in ("zh", "en")}
    notice = Notice(from_at=now, to_at=now + timedelta(days=MOST_DAYS), zh=words["zh"], en=words["en"])
    number = announcements.announce(tx, notice, now=now)
    tx.execute(insert(stopped_senders).values(division_code=county, since_at=to_millis(now), notice=number))
    slowed.slow_down(tx, {(county, road) for road in (topology.SUBMIT, topology.EXPRESS)}, queue_stands=False, now=now)


def let_go_on(tx: Connection, county: str, now: datetime) -> None:
    """What waits is admitted in its order; the county is slowed until nothing of it waits any more."""
    mine = _columns.division_code == county
    number = tx.execute(select(_columns.notice).where(mine)).scalar_one()
    if any(each.number == number for each in announcements.current(tx, now)):  # an operator may have withdrawn it
        announcements.withdraw(tx, number, now=now)
    tx.execute(delete(stopped_senders).where(mine))


def stopped(tx: Connection) -> frozenset[str]:
    """Every county that is stopped; asked with every slice of the slow lane."""
    return frozenset(tx.execute(select(_columns.division_code)).scalars())


def is_stopped(tx: Connection, county: str) -> bool:
    """Whether this one is."""
    return tx.execute(select(_columns.since_at).where(_columns.division_code == county)).first() is not None
