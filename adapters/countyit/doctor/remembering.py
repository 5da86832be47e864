"""What the county's store remembers of the hub, for an examination: its directory, its time, and whom we deal with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select, union
from sqlalchemy.engine import make_url

from adapters.countyit.doctor.observations import Ahead, Memory
from adapters.directory import directories
from adapters.instants import from_millis
from adapters.settings import CountySettings
from adapters.store import open_store, tables
from certs.keys import Certificate
from schemas import codec
from schemas.messages import HUB

_outbox: Final = tables.outbox.c


def remember(settings: CountySettings, anchors: Sequence[Certificate]) -> Memory:
    """Read the store, if there is one; a county that never ran has none, and none is made. Raises E-STORE-002."""
    file = make_url(settings.database)
    if file.get_backend_name() == "sqlite" and not Path(file.database or "").exists():
        return Memory()
    store = open_store(settings.database)
    try:
        with store.read() as tx:
            ahead = _ahead(tx)
            issued = tx.execute(select(tables.directories.c.issued_at)).scalar()
            admitted = tx.execute(select(func.max(_outbox.admitted_at))).scalar()
            times = [from_millis(each) for each in (issued, admitted) if each is not None]
            return Memory(
                directory=directories.newest(tx, anchors, trial=settings.trial),
                hub_time=max([*times, *([ahead.at] if ahead is not None else [])], default=None),
                ahead=ahead,
                partners=_partners(tx, settings.division_code),
            )
    finally:
        store.close()


def _ahead(tx: Connection) -> Ahead | None:
    """The newest message that the hub has answered, what was written anew apart: that one bears the hub's own time."""
    answered = (
        select(_outbox.created_at, _outbox.receipt)
        .where(_outbox.receipt.is_not(None), _outbox.supersedes.is_(None))
        .order_by(_outbox.seq.desc())
        .limit(1)
    )
    row = tx.execute(answered).one_or_none()
    if row is None:
        return None
    taken = codec.decode(row.receipt, "AdmissionReceipt")["entries"][0]["admitted_at"]
    return Ahead(by=from_millis(row.created_at) - taken, at=taken)


def _partners(tx: Connection, own: str) -> list[str]:
    both = union(select(_outbox.destination), select(tables.inbox.c.source))
    return sorted(set(tx.execute(both).scalars()) - {HUB, own})
