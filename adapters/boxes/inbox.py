"""The inbox: raw bytes are committed first, acknowledged second, and only then opened (`opening`) and believed."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from adapters.boxes.kept import demand_kept
from adapters.identity import Identity
from adapters.instants import to_millis, too_far
from adapters.store import tables
from schemas import codec
from schemas.envelope import KEY_BURNT, Envelope
from schemas.errors import declare
from schemas.messages import HUB_TYPES, TYPES

NOT_READ_HERE: Final = declare(
    "E-ENV-112",
    "报文用本机读不了的标准版本书写，暂存，稍后重试。",
    "无需处理：发送方会按本县登记卡所列的版本重新报送，本县升级后也会自动继续；退回旧版本后请重新提交登记卡。",
)
COME_ANEW: Final = frozenset({KEY_BURNT.code, NOT_READ_HERE.code})
"""Codes of what was refused here only because it could not be opened: its sender writes it anew."""
_LONGEST_PAUSE_SECONDS: Final = 60.0

# Statements that every turn of the loop, or every arrival, executes: built once.
_columns = tables.inbox.c
_SAME: Final = select(_columns.seq).where(
    _columns.source == bindparam("source"),
    _columns.message_id == bindparam("message_id"),
    _columns.envelope_sha256 == bindparam("digest"),
)
_DUE: Final = (
    select(tables.inbox)
    .where(_columns.state.in_(("new", "opened")))
    .where(
        or_(
            _columns.tries == 0,
            _columns.next_try_at <= bindparam("moment"),
            _columns.next_try_at > bindparam("beyond", type_=_columns.next_try_at.type),
        )
    )
    .order_by(_columns.type.in_(tuple(HUB_TYPES)).desc(), _columns.seq)
    .limit(bindparam("most"))
)
_APPLIED: Final = (
    update(tables.inbox)
    .where(_columns.seq == bindparam("here"))
    .values(state="applied", applied_at=bindparam("moment"))
)
_SUCCESSORS_DUE: Final = (
    update(tables.inbox)
    .where(_columns.source == bindparam("sender"))
    .where(
        or_(
            _columns.prev == bindparam("before"),
            _columns.prev.in_(select(_columns.supersedes).where(_columns.seq == bindparam("here"))),
            _columns.supersedes == bindparam("before"),
        )
    )
    .where(_columns.state.in_(("new", "opened")))
    .values(next_try_at=bindparam("moment"))
)


def keep(
    tx: Connection,
    *,
    source: str,
    message_id: str,
    message_type: str,
    body: bytes,
    signature: str,
    evidence_bytes: bytes,
    now: datetime,
) -> bool:
    """Store an arrival as it came; False when the same bytes are there already."""
    digest = hashlib.sha256(body).digest()
    if tx.execute(_SAME, {"source": source, "message_id": message_id, "digest": digest}).first() is not None:
        return False
    tx.execute(
        insert(tables.inbox).values(
            source=source,
            message_id=message_id,
            type=message_type,
            envelope_sha256=digest,
            body=body,
            signature=signature,
            evidence=evidence_bytes,
            case_no="",
            state="new",
            arrived_at=to_millis(now),
            tries=0,
            next_try_at=to_millis(now),
        )
    )
    return True


def due(tx: Connection, now: datetime, limit: int) -> list[Any]:
    """Arrivals that were not opened or not applied yet, oldest first; the hub's own words come before the rest."""
    return list(
        tx.execute(_DUE, {"moment": to_millis(now), "beyond": too_far(now, _LONGEST_PAUSE_SECONDS), "most": limit})
    )


def admitted_at(evidence: bytes) -> datetime:
    """The hub's time of an arrival, from the evidence that was checked when it was opened."""
    found: datetime = codec.decode(evidence, "AdmissionReceipt")["entries"][0]["admitted_at"]
    return found


def still_due(tx: Connection, row: Any) -> bool:
    """Whether nobody has handled this arrival since it was read."""
    state = tx.execute(select(tables.inbox.c.state).where(tables.inbox.c.seq == row.seq)).scalar()
    return bool(state == row.state)


def mark_opened(tx: Connection, row: Any, envelope: Envelope, *, sealed: bytes) -> None:
    """The message is believed; its record is kept encrypted at rest."""
    named = {"source": envelope.source}  # what could not be read when it came has none yet
    values = {"case_no": envelope.case_no, "prev": envelope.prev, "supersedes": envelope.supersedes}
    here = tables.inbox.c.seq == row.seq
    tx.execute(update(tables.inbox).where(here).values(state="opened", record_sealed=sealed, **named, **values))


def mark_applied(tx: Connection, row: Any, now: datetime) -> None:
    """The message has had its effect."""
    tx.execute(_APPLIED, {"here": row.seq, "moment": to_millis(now)})


def drop_bytes(tx: Connection, row: Any) -> None:
    """What this arrival said is kept elsewhere: a complete directory has megabytes."""
    tx.execute(update(tables.inbox).where(tables.inbox.c.seq == row.seq).values(body=b""))


def mark_refused(tx: Connection, row: Any, code: str, *, supersedes: str | None = None) -> None:
    """The message is not believed; it is kept as it came."""
    here = tables.inbox.c.seq == row.seq
    tx.execute(update(tables.inbox).where(here).values(state="refused", refusal_code=code, supersedes=supersedes))


def try_later(tx: Connection, row: Any, now: datetime, *, prev: str | None = None) -> None:
    """Something that the message needs is not there yet; look again after a growing pause of at most a minute."""
    pause = min(2.0 ** min(row.tries, 6), _LONGEST_PAUSE_SECONDS)
    tx.execute(
        update(tables.inbox)
        .where(tables.inbox.c.seq == row.seq)
        .values(tries=row.tries + 1, next_try_at=to_millis(now + timedelta(seconds=pause)), prev=prev or row.prev)
    )


def wake_successors(tx: Connection, row: Any, now: datetime) -> None:
    """Messages that waited for this one, or for what it stands for, may be looked at again at once."""
    about = {"sender": row.source, "before": row.message_id, "here": row.seq}
    tx.execute(_SUCCESSORS_DUE, about | {"moment": to_millis(now)})


def wake_waiting(tx: Connection, now: datetime) -> None:
    """A new directory came: whatever waited for one may be looked at again."""
    tx.execute(
        update(tables.inbox)
        .where(tables.inbox.c.state == "new", tables.inbox.c.tries > 0)
        .values(next_try_at=to_millis(now))
    )


def predecessor_applied(tx: Connection, source: str, prev: str | None) -> bool:
    """Whether the sender's last message before this one has had its effect here, or was refused here for good.

    One that could not be opened or read here is written anew: then it is the new one that has to come first. A sender
    whose messages name each other in a circle is none the wiser: each is looked at once.
    """
    if prev is None:
        return True
    columns = tables.inbox.c
    awaited, looked_at = [prev], {prev}
    while awaited:
        message_id = awaited.pop()
        found = tx.execute(
            select(columns.state, columns.refusal_code)
            .where(columns.source == source, columns.message_id == message_id)
            .where(columns.state.in_(("applied", "refused")))
            .order_by(columns.state)  # applied before refused: other bytes under its id change nothing
        ).first()
        if found is not None and (found.state == "applied" or found.refusal_code not in COME_ANEW):
            return True
        anew = select(columns.message_id).where(columns.source == source, columns.supersedes == message_id)
        forms = set(tx.execute(anew).scalars()) - looked_at
        awaited += forms
        looked_at |= forms
    return False


def other_form(tx: Connection, envelope: Envelope) -> str | None:
    """What became here of the message that this one takes the place of: *new*, *opened*, *applied*, or None."""
    columns = tables.inbox.c
    earlier = envelope.supersedes
    looked_at: set[str] = set()
    while earlier is not None and earlier not in looked_at:
        looked_at.add(earlier)
        found = tx.execute(
            select(columns.state, columns.supersedes)
            .where(columns.source == envelope.source, columns.message_id == earlier)
            .order_by(columns.state)
        ).first()
        if found is None:
            return None
        if found.state != "refused":
            return str(found.state)
        earlier = found.supersedes
    return None


def come_anew(tx: Connection, message_id: str, source: str) -> bool:
    """Whether another form of this message is believed already; without a source, of whomever it is."""
    columns = tables.inbox.c
    here = (columns.supersedes == message_id) & columns.state.in_(("opened", "applied"))
    if source:
        here &= columns.source == source
    return tx.execute(select(columns.seq).where(here).limit(1)).first() is not None


def give_up_unread(tx: Connection, envelope: Envelope, code: str) -> None:
    """What this message takes the place of was not opened here, and is not opened any more."""
    columns = tables.inbox.c
    here = (columns.message_id == envelope.supersedes) & columns.source.in_((envelope.source, ""))
    values = {"state": "refused", "refusal_code": code, "source": envelope.source}
    tx.execute(update(tables.inbox).where(here, columns.state == "new").values(**values))


def believed_otherwise(tx: Connection, row: Any, envelope: Envelope) -> bool:
    """Whether another message of the same sender and id, with other bytes, is believed already."""
    found = tx.execute(
        select(tables.inbox.c.seq)
        .where(tables.inbox.c.source == envelope.source, tables.inbox.c.message_id == row.message_id)
        .where(tables.inbox.c.seq != row.seq, tables.inbox.c.state.in_(("opened", "applied")))
    ).first()
    return found is not None


def record_of(tx: Connection, identity: Identity, seq: int) -> dict[str, Any]:
    """The canonical record of an opened message. Raises E-KEEP-001."""
    row = tx.execute(select(tables.inbox).where(tables.inbox.c.seq == seq)).one()
    demand_kept(row)
    payload = identity.storage.open(row.record_sealed, place=f"inbox/{row.message_id}")
    return codec.decode(payload, TYPES[row.type].record)


def newest_applied(tx: Connection, case_no: str, message_type: str) -> list[int]:
    """Row numbers of the applied messages of this type in the case, the newest first."""
    found = tx.execute(
        select(tables.inbox.c.seq)
        .where(tables.inbox.c.case_no == case_no, tables.inbox.c.type == message_type)
        .where(tables.inbox.c.state == "applied")
        .order_by(tables.inbox.c.seq.desc())
    )
    return list(found.scalars())
