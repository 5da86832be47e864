"""What this county has seen of the hub's journal, and whether it all belongs to one history.

Every checkpoint out of a receipt or evidence is kept, and every one that another county states in its envelope. Two
roots for one epoch and size are a fork at once. Anything else counts as *unproven* until the hub publishes a checkpoint
with a proof that leads from it there; the first such checkpoint of an epoch is taken as it is, and each later one must
be proven to continue the one before. What stays unproven is asked for (`countersigning`), and after an hour in
which the hub published and did not prove it, it is an alarm too. Epochs are histories of their own: a new one begins
only when the hub was restored, and names the old one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from adapters.boxes.evidence import SignedCheckpoint
from adapters.instants import from_millis, to_millis
from adapters.journal.forkalarm import ForkFoundError
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.forkfile import Contradiction, Kind, SignedRecord, Statement
from schemas.tree import verify_consistency

PROVE_WITHIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Published:
    """A published checkpoint whose signatures were checked."""

    checkpoint: SignedCheckpoint
    proofs: Mapping[int, Sequence[bytes]]
    """Path by the older size."""
    published_at: datetime
    signed: SignedRecord
    """The publication's own bytes."""


def saw(tx: Connection, checkpoint: SignedCheckpoint, now: datetime) -> None:
    """Remember a checkpoint that the hub signed. Raises ForkFoundError."""
    record = checkpoint.record
    epoch, size, root = record["epoch"], record["size"], record["root"]
    mine = SignedRecord(checkpoint.body, checkpoint.signature)
    known = _seen(tx, epoch, size)
    if known is not None and known.root != root:
        raise _fork("roots", epoch, size, checkpoints=(_signed(known), mine))
    for other in _stated(tx, epoch, [size]):
        if other.root != root:
            raise _fork("roots", epoch, size, checkpoints=(mine,), statements=(_statement(tx, other),))
    if known is None:
        values = {"epoch": epoch, "size": size, "root": root, "body": mine.record, "signature": mine.signature}
        tx.execute(insert(tables.checkpoints).values(**values, seen_at=to_millis(now), proven=False))
        tx.execute(delete(tables.stated).where(tables.stated.c.epoch == epoch, tables.stated.c.size == size))


def heard(tx: Connection, row: Any, envelope: Envelope, now: datetime) -> None:
    """Compare what another county states in its admitted envelope (an arrival's row). Raises ForkFoundError."""
    if envelope.checkpoint is None:
        return
    epoch, size, root = (envelope.checkpoint[name] for name in ("epoch", "size", "root"))
    mine = Statement(row.body, row.signature, row.evidence)
    known = _seen(tx, epoch, size)
    if known is not None and known.root != root:
        raise _fork("roots", epoch, size, checkpoints=(_signed(known),), statements=(mine,))
    before = _stated(tx, epoch, [size])
    for other in before:
        if other.root != root:
            raise _fork("roots", epoch, size, statements=(_statement(tx, other), mine))
    if known is None and not before:
        values = {"epoch": epoch, "size": size, "root": root, "inbox_seq": row.seq, "seen_at": to_millis(now)}
        tx.execute(insert(tables.stated).values(**values))


def accept(tx: Connection, published: Published, now: datetime) -> bool:
    """Take a published checkpoint as the newest; False while it is not proven to continue what we hold.

    Raises ForkFoundError when a proof does not hold.
    """
    saw(tx, published.checkpoint, now)
    record, proofs = published.checkpoint.record, published.proofs
    epoch, size = record["epoch"], record["size"]
    sizes = sorted(each for each in proofs if each <= size)
    seen, stated = tables.checkpoints, tables.stated
    for row in tx.execute(select(seen).where(seen.c.epoch == epoch, seen.c.size.in_(sizes))):
        if not _leads(row, record, proofs):
            raise _fork("history", epoch, row.size, checkpoints=(_signed(row),), publications=(published.signed,))
    for row in _stated(tx, epoch, sizes):
        if not _leads(row, record, proofs):
            said = _statement(tx, row)
            raise _fork("history", epoch, row.size, statements=(said,), publications=(published.signed,))
    last = base(tx, epoch)
    if last is not None and last.size != size and last.size not in sizes:
        return False
    proven = (seen.c.epoch == epoch, seen.c.size.in_([*sizes, size]))
    tx.execute(
        update(seen)
        .where(*proven, or_(~seen.c.proven, seen.c.asked_in.is_not(None)))
        .values(proven=True, asked_in=None)
    )
    tx.execute(delete(stated).where(stated.c.epoch == epoch, stated.c.size.in_(sizes)))
    return True


def base(tx: Connection, epoch: int) -> Any:
    """The newest proven checkpoint of an epoch, or None."""
    table = tables.checkpoints
    newest = select(table).where(table.c.epoch == epoch, table.c.proven).order_by(table.c.size.desc()).limit(1)
    return tx.execute(newest).one_or_none()


def unproven(tx: Connection, epoch: int, limit: int) -> list[Any]:
    """What the hub has still to prove in an epoch, seen by us or stated by others, the oldest first."""
    rows: list[Any] = []
    for table in (tables.checkpoints, tables.stated):
        open_ = select(table.c.size, table.c.seen_at, table.c.asked_in).where(table.c.epoch == epoch)
        if table is tables.checkpoints:
            open_ = open_.where(~table.c.proven)
        rows += tx.execute(open_.order_by(table.c.seen_at, table.c.size).limit(limit))
    return sorted(rows, key=lambda row: (row.seen_at, row.size))[:limit]


def mark_asked(tx: Connection, epoch: int, sizes: Sequence[int], message_id: str) -> None:
    """We asked the hub for proofs in this message."""
    for table in (tables.checkpoints, tables.stated):
        here = (table.c.epoch == epoch, table.c.size.in_(sizes), table.c.asked_in.is_(None))
        tx.execute(update(table).where(*here).values(asked_in=message_id))


def overdue(tx: Connection, published: Published) -> ForkFoundError | None:
    """What the hub did not prove although it admitted our question an hour before it published this."""
    epoch = published.checkpoint.record["epoch"]
    asked = select(tables.outbox.c.message_id).where(
        tables.outbox.c.admitted_at < to_millis(published.published_at - PROVE_WITHIN),
        tables.outbox.c.type == "checkpoint.countersigned",
    )
    seen, stated = tables.checkpoints, tables.stated
    late = select(seen).where(seen.c.epoch == epoch, seen.c.asked_in.in_(asked)).order_by(seen.c.size).limit(1)
    row = tx.execute(late).one_or_none()
    if row is not None:
        return _fork("unproven", epoch, row.size, checkpoints=(_signed(row),), publications=(published.signed,))
    late = select(stated).where(stated.c.epoch == epoch, stated.c.asked_in.in_(asked)).order_by(stated.c.size).limit(1)
    row = tx.execute(late).one_or_none()
    if row is not None:
        said = _statement(tx, row)
        return _fork("unproven", epoch, row.size, statements=(said,), publications=(published.signed,))
    return None


def disowned(tx: Connection, sent: Any, receipt: bytes) -> ForkFoundError | None:
    """The hub refused an outbox row because it never issued the checkpoint stated in it, which it signed for us."""
    stated = Envelope.parse(sent.body).checkpoint
    known = _seen(tx, stated["epoch"], stated["size"]) if stated else None
    if stated is None or known is None or known.root != stated["root"]:
        return None
    said = Statement(sent.body, sent.signature, receipt)
    return _fork("disowned", known.epoch, known.size, checkpoints=(_signed(known),), statements=(said,))


def to_state(tx: Connection) -> dict[str, Any] | None:
    """The checkpoint that our next envelope states: the newest proven one, or the newest seen before there is any."""
    table = tables.checkpoints
    order = (table.c.epoch.desc(), table.c.proven.desc(), table.c.size.desc())
    row = tx.execute(select(table.c.epoch, table.c.size, table.c.root).order_by(*order).limit(1)).one_or_none()
    return {"epoch": row.epoch, "size": row.size, "root": row.root} if row else None


def silent_since(tx: Connection, now: datetime) -> datetime | None:
    """When we asked for something that the hub has neither proven nor published anything about for an hour."""
    asked = select(tables.checkpoints.c.asked_in).where(tables.checkpoints.c.asked_in.is_not(None))
    first = (
        select(tables.outbox.c.created_at)
        .where(tables.outbox.c.message_id.in_(asked))
        .order_by(tables.outbox.c.created_at)
        .limit(1)
    )
    at = tx.execute(first).scalar()
    return from_millis(at) if at is not None and from_millis(at) < now - PROVE_WITHIN else None


_SEEN: Final = select(tables.checkpoints).where(
    tables.checkpoints.c.epoch == bindparam("epoch"), tables.checkpoints.c.size == bindparam("size")
)


def _seen(tx: Connection, epoch: int, size: int) -> Any:
    return tx.execute(_SEEN, {"epoch": epoch, "size": size}).one_or_none()


def _stated(tx: Connection, epoch: int, sizes: Sequence[int]) -> list[Any]:
    table = tables.stated
    return list(tx.execute(select(table).where(table.c.epoch == epoch, table.c.size.in_(sizes))))


def _leads(row: Any, record: Mapping[str, Any], proofs: Mapping[int, Sequence[bytes]]) -> bool:
    return verify_consistency(row.size, row.root, record["size"], record["root"], proofs[row.size])


def _signed(row: Any) -> SignedRecord:
    return SignedRecord(row.body, row.signature)


def _statement(tx: Connection, row: Any) -> Statement:
    table = tables.inbox
    kept = tx.execute(select(table).where(table.c.seq == row.inbox_seq)).one()
    return Statement(kept.body, kept.signature, kept.evidence)


def _fork(
    kind: Kind,
    epoch: int,
    size: int,
    *,
    checkpoints: tuple[SignedRecord, ...] = (),
    statements: tuple[Statement, ...] = (),
    publications: tuple[SignedRecord, ...] = (),
) -> ForkFoundError:
    found = Contradiction(kind=kind, checkpoints=checkpoints, statements=statements, publications=publications)
    return ForkFoundError(found, epoch=epoch, size=size)
