"""How far our clock is from the hub's, without asking anybody the time.

Every message of ours was made before the hub took it: by as much as its making bears a later time than its admission,
our clock is ahead at least. Everything that came to us was taken by the hub before: by as much as its coming is later
than its admission, our clock is ahead at most. Between the two lies the truth.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, select

from adapters.countyit.status.report import ClockLine
from adapters.instants import to_millis
from adapters.store import tables
from schemas import codec
from schemas.errors import YunhuobanError

_NEWEST: Final = 5
"""So many of each: a clock that was put right shows within a few messages."""
_outbox: Final = tables.outbox.c
_inbox: Final = tables.inbox.c


def clock(tx: Connection) -> ClockLine:
    """What the newest messages tell; nothing before the first receipt."""
    made, came = list(_made(tx)), list(_came(tx))
    if made and came and max(made) > min(came):  # it was put right meanwhile: only the newest of each counts
        made, came = made[:1], came[:1]
    return ClockLine(
        least=max(made) / 1000 if made else None,
        most=min(came) / 1000 if came else None,
    )


def _made(tx: Connection) -> Iterator[int]:
    """By how many milliseconds our making was after the hub's taking; what was written anew bears the hub's time."""
    answered = (
        select(_outbox.created_at, _outbox.admitted_at)
        .where(_outbox.admitted_at.is_not(None), _outbox.supersedes.is_(None))
        .order_by(_outbox.seq.desc())
        .limit(_NEWEST)
    )
    for created, admitted in tx.execute(answered):
        yield created - admitted


def _came(tx: Connection) -> Iterator[int]:
    """By how much its coming was later than the hub's taking, of the newest arrivals that bear the hub's evidence."""
    newest = select(_inbox.arrived_at, _inbox.evidence).order_by(_inbox.seq.desc()).limit(_NEWEST)
    for arrived, evidence in tx.execute(newest.where(_inbox.state == "applied", _inbox.evidence != b"")):
        with suppress(YunhuobanError, LookupError):
            yield arrived - to_millis(codec.decode(evidence, "AdmissionReceipt")["entries"][0]["admitted_at"])
