"""What becomes of a message after it is in the outbox: due, sent, admitted, received, or refused.

Until its fate is known it is sent again, byte for byte, with growing pauses. A refused message is over: the next one
of the case chains anew, and what was refused only because the message before it was refused is written anew at once.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, select, update

from adapters.boxes.outbox import Draft, Outbox, place
from adapters.directory.directoryview import DirectoryView
from adapters.instants import to_millis
from adapters.store import tables
from schemas import codec, topology
from schemas.envelope import Envelope, derived_id
from schemas.messages import HUB, TYPES

OPEN: Final = ("waiting", "sent", "admitted")
# What is known to be received, and offered again to a restored hub that has forgotten it, is in hand as well.
_IN_HAND: Final = tables.outbox.c.state.in_(OPEN) | tables.outbox.c.offer_epoch.is_not(None)
_moment: Final = bindparam("moment", type_=tables.outbox.c.next_try_at.type)
_NOT_WAITED_FOR: Final = (tables.outbox.c.state == "waiting") & (tables.outbox.c.created_at > _moment)
_DUE: Final = (  # every turn of both sending loops executes it: built once
    select(tables.outbox)
    .where(_IN_HAND, (tables.outbox.c.next_try_at <= _moment) | _NOT_WAITED_FOR)
    .where(tables.outbox.c.exchange == bindparam("road"))
    .order_by(tables.outbox.c.seq)
    .limit(bindparam("most"))
)
# The hub's codes (PREDECESSOR_MISSING, PREDECESSOR_REFUSED) for which a message is not itself at fault.
CHAIN_BROKEN: Final = frozenset({"E-ADM-050", "E-ADM-051"})
# The hub's code FROM_THE_FUTURE: our own clock was ahead; the message is good under the hub's time.
CLOCK_AHEAD: Final = "E-ADM-020"
_MOST_REWRITES: Final = 5
_LONGEST_RESEND_SECONDS: Final = 3600.0
_HASTENED_AT_ONCE: Final = 200
"""Of 10,000 that wait for a county which is away, a new connection brings no more to the hub than this."""
_HASTENED_WITHIN: Final = timedelta(seconds=20)


def due(tx: Connection, now: datetime, limit: int, *, express: bool) -> list[Any]:
    """Rows to be sent now, in the order they were made.

    What was made under a clock that has been put back since does not wait until that time comes again.
    """
    road = topology.EXPRESS if express else topology.SUBMIT
    return list(tx.execute(_DUE, {"moment": to_millis(now), "road": road, "most": limit}))


def hasten(tx: Connection, now: datetime) -> int:
    """Send soon what is on its way, the oldest first; returns how much.

    There is a new connection, and why the old one ended nobody knows: a broker that lost what it held loses the next
    hour otherwise, because only its sender has it and sends it again with growing pauses.
    """
    columns = tables.outbox.c
    waits = columns.state.in_(("sent", "admitted")), columns.offer_epoch.is_(None)
    later = columns.next_try_at > to_millis(now + _HASTENED_WITHIN)
    found = select(columns.seq).where(*waits, later).order_by(columns.seq).limit(_HASTENED_AT_ONCE)
    seqs = list(tx.execute(found).scalars())
    for number, seq in enumerate(seqs):
        at = to_millis(now + _HASTENED_WITHIN * (number / len(seqs)))
        tx.execute(update(tables.outbox).where(columns.seq == seq).values(next_try_at=at))
    return len(seqs)


def sent(tx: Connection, row: Any, now: datetime, resend_seconds: float) -> None:
    """The broker holds it. It is sent again, with growing pauses, until its fate is known."""
    pause = min(resend_seconds * 2 ** min(row.attempts, 12), _LONGEST_RESEND_SECONDS)
    columns = tables.outbox.c
    tx.execute(
        update(tables.outbox)
        .where(columns.seq == row.seq, _IN_HAND)
        .values(
            # A receipt may have come between reading the row and this moment: the state never goes back.
            state=case((columns.state == "waiting", "sent"), else_=columns.state),
            attempts=row.attempts + 1,
            next_try_at=to_millis(now + timedelta(seconds=pause)),
        )
    )


def admitted(tx: Connection, row: Any, *, receipt: bytes, at: datetime) -> None:
    """The hub's receipt came. A notice is finished with it; everything else waits for the destination's word."""
    waits = TYPES[row.type].chained and row.destination != HUB
    here = tables.outbox.c.seq == row.seq
    _forget_offer(tx, row, receipt)
    tx.execute(update(tables.outbox).where(here).values(admitted_at=to_millis(at), receipt=receipt))
    tx.execute(
        update(tables.outbox)
        .where(here, tables.outbox.c.state.in_(("waiting", "sent")))
        .values(state="admitted" if waits else "received")
    )


def received(tx: Connection, row: Any, at: datetime) -> None:
    """The destination signed for it."""
    tx.execute(
        update(tables.outbox)
        .where(tables.outbox.c.seq == row.seq, tables.outbox.c.state.in_(OPEN))
        .values(state="received", received_at=to_millis(at))
    )


def refused(tx: Connection, row: Any, *, code: str, receipt: bytes | None) -> bool:
    """Hub or destination refused it: it is over. False when that is known already.

    A destination that signed *received* may still find, once the messages before it came, that it cannot be applied.
    """
    values = {"state": "refused", "refusal_code": code} | ({"receipt": receipt} if receipt is not None else {})
    if receipt is not None:
        _forget_offer(tx, row, receipt)
    changed = tx.execute(
        update(tables.outbox)
        .where(tables.outbox.c.seq == row.seq, tables.outbox.c.state.in_((*OPEN, "received")))
        .values(**values)
    )
    return changed.rowcount == 1


def _forget_offer(tx: Connection, row: Any, receipt: bytes) -> None:
    """A verdict of the new epoch ends the offer; a late receipt of the old one does not."""
    if row.offer_epoch is None:
        return
    checkpoint = codec.decode(codec.decode(receipt, "AdmissionReceipt")["checkpoint"], "Checkpoint")
    if checkpoint["epoch"] >= row.offer_epoch:
        tx.execute(update(tables.outbox).where(tables.outbox.c.seq == row.seq).values(offer_epoch=None))


def write_anew(tx: Connection, box: Outbox, row: Any, directory: DirectoryView | None, now: datetime) -> str | None:
    """Send a refused message's record once more, chained anew; its new id, or None when that was tried often enough.

    It takes the place of the refused one in the chain: what came after that one stays after it.
    """
    earlier, rewrites = row, 0
    while earlier is not None and earlier.supersedes is not None:
        rewrites += 1
        found = select(tables.outbox).where(tables.outbox.c.message_id == earlier.supersedes)
        earlier = tx.execute(found).one_or_none()
    if rewrites >= _MOST_REWRITES:
        return None
    envelope = Envelope.parse(row.body)
    draft = Draft(
        type=row.type,
        case_no=row.case_no,
        destination=row.destination,
        service_item=envelope.service_item,
        trial=envelope.trial,
        record=box.record(tx, row.message_id),
        in_reply_to=envelope.in_reply_to,
        supersedes=row.message_id,
        message_id=derived_id(row.message_id, "written anew"),
        place=place(row),
        patient=True,
        attachments=envelope.attachments,
    )
    return box.put(tx, draft, directory, now)
