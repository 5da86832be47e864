"""The append-only journal: leaves, the RFC 9162 tree over them, and one signed checkpoint per batch.

As the last step of a batch's transaction the worker locks the one head row, takes the next indexes, extends the
frontier, signs one checkpoint, and commits. Complete subtrees are stored as they close, so that any later proof is
a handful of look-ups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from certs import signing
from certs.keys import Certificate, PrivateKey
from hub.instants import from_millis, to_millis
from hub.store import insert_new, tables
from hub.store.bulk import insert_rows
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.leaf import Leaf
from schemas.tree import HASH_BYTES, Frontier, NodeReader, consistency_proof, extend_with_proofs, inclusion_proof

_ONLY_ROW: Final = 1
_FIRST_EPOCH: Final = 1
# Asked with every batch, therefore made once.
_LOCKED_HEAD: Final = select(tables.head).where(tables.head.c.id == _ONLY_ROW).with_for_update()
_MOVE_HEAD: Final = (
    update(tables.head)
    .where(tables.head.c.id == _ONLY_ROW)
    .values({name: bindparam(name) for name in ("epoch", "size", "frontier")})
)
_NEWEST: Final = select(tables.checkpoints).order_by(tables.checkpoints.c.size.desc()).limit(1)

HEAD_DAMAGED: Final = declare(
    "E-JRNL-001", "存证账本的头部与最近的检查点不符。", "请停止准入，从备份恢复中枢数据库，并保留现场供查证。"
)
NODE_MISSING: Final = declare(
    "E-JRNL-002", "存证账本缺少证明所需的节点。", "请核对所问的序号；若在账本之内，请从备份恢复中枢数据库。"
)


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key that signs checkpoints, and nothing else."""

    key: PrivateKey
    certificate: Certificate
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeaf:
    """A leaf with the two names under which people will look for it."""

    source: str
    message_id: str
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed size and root: exact bytes and their detached signature."""

    body: bytes
    signature: str
    size: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append gives back: the place of each new leaf, its proof, and the checkpoint they lead to."""

    first_index: int
    proofs: Sequence[Sequence[bytes]]
    checkpoint: Checkpoint


def append(
    tx: Connection, leaves: Sequence[NewLeaf], *, log: LogKey, now: datetime, new_epoch: int | None = None
) -> Appended:
    """Append leaves, in this order, as the last writes of `tx`. At least one leaf. Raises E-JRNL-001.

    `new_epoch` begins an epoch with these leaves: the tree goes on, and from here its checkpoints say so.
    """
    row = _locked_head(tx)
    last = newest(tx)
    epoch, size, frontier = _head(row, last)
    epoch = epoch if new_epoch is None else new_epoch
    hashes = [each.leaf.hash() for each in leaves]
    extension = extend_with_proofs(frontier, hashes)
    insert_rows(tx, tables.journal, _journal_rows(size, leaves, hashes))
    grown = [{"level": level, "position": at, "hash": value} for level, at, value in extension.completed_nodes if level]
    insert_rows(tx, tables.tree_nodes, grown)
    values = {"epoch": epoch, "size": extension.size, "frontier": b"".join(extension.frontier.to_list())}
    tx.execute(_MOVE_HEAD, values)
    checkpoint = _sign(log, epoch, extension.size, extension.root, now)
    closing = {
        "size": checkpoint.size,
        "epoch": epoch,
        "root": extension.root,
        "body": checkpoint.body,
        "signature": checkpoint.signature,
        "made_at": to_millis(now),
        "effects_done": False,
    }
    insert_rows(tx, tables.checkpoints, [closing])
    return Appended(size, extension.proofs, checkpoint)


def newest(tx: Connection) -> Checkpoint | None:
    """The newest checkpoint, or None while the journal is empty."""
    row = tx.execute(_NEWEST).one_or_none()
    return Checkpoint(row.body, row.signature, row.size, row.epoch) if row else None


def nodes(tx: Connection) -> NodeReader:
    """How to read complete nodes of the tree. What it gives raises E-JRNL-002 for one that is not there."""
    return lambda level, at: _node(tx, level, at)


def prove(tx: Connection, index: int, size: int) -> list[bytes]:
    """Inclusion proof of one leaf in the tree of `size` leaves. Raises E-JRNL-002."""
    try:
        return inclusion_proof(index, size, nodes(tx))
    except ValueError as error:
        raise YunhuobanError(NODE_MISSING, place="leaf", found=f"{index} / {size}") from error


def prove_consistency(tx: Connection, old_size: int, new_size: int) -> list[bytes]:
    """Consistency proof between two sizes of this journal. Raises E-JRNL-002."""
    try:
        return consistency_proof(old_size, new_size, nodes(tx))
    except ValueError as error:
        raise YunhuobanError(NODE_MISSING, place="size", found=f"{old_size} / {new_size}") from error


def leaf_of(row: Any) -> Leaf:
    """Make the leaf again from its journal row."""
    return Leaf(
        envelope_sha256=row.envelope_sha256,
        signature=row.signature,
        signer_thumbprint=row.signer_thumbprint,
        admitted_at=from_millis(row.admitted_at),
        verdict=row.verdict,
        detail_sha256=row.detail_sha256,
    )


def _node(tx: Connection, level: int, at: int) -> bytes:
    if level == 0:
        found = tx.execute(select(tables.journal.c.leaf_hash).where(tables.journal.c.leaf_index == at))
    else:
        stored = tables.tree_nodes.c
        found = tx.execute(select(stored.hash).where(stored.level == level, stored.position == at))
    digest = found.scalar()
    if digest is None:
        raise YunhuobanError(NODE_MISSING, place=f"{level}/{at}")
    return bytes(digest)


def _locked_head(tx: Connection) -> Any:
    """The head row, ours alone until the transaction ends; before the first leaf it is made, by one of the workers."""
    row = tx.execute(_LOCKED_HEAD).one_or_none()
    if row is None:
        insert_new(tx, tables.head, id=_ONLY_ROW, epoch=_FIRST_EPOCH, size=0, frontier=b"")
        row = tx.execute(_LOCKED_HEAD).one()
    return row


def _head(row: Any, last: Checkpoint | None) -> tuple[int, int, Frontier]:
    """Epoch, size and frontier, which must lead to the root that the newest checkpoint signs."""
    if row.size == 0 and last is None:
        return row.epoch, 0, Frontier()
    try:
        parts = [row.frontier[i : i + HASH_BYTES] for i in range(0, len(row.frontier), HASH_BYTES)]
        frontier = Frontier.from_list(row.size, parts)
    except (ValueError, AttributeError, TypeError) as error:
        raise YunhuobanError(HEAD_DAMAGED, place="head") from error
    signed = codec.decode(last.body, "Checkpoint") if last else {"epoch": 0, "size": 0, "root": b""}
    if (row.epoch, row.size, frontier.root()) != (signed["epoch"], signed["size"], signed["root"]):
        raise YunhuobanError(HEAD_DAMAGED, place="head", found=str(row.size), expected=str(signed["size"]))
    return row.epoch, row.size, frontier


def _journal_rows(first: int, leaves: Sequence[NewLeaf], hashes: Sequence[bytes]) -> list[dict[str, Any]]:
    return [
        {
            "leaf_index": index,
            "leaf_hash": digest,
            "source": each.source,
            "message_id": each.message_id,
            "envelope_sha256": each.leaf.envelope_sha256,
            "signature": each.leaf.signature,
            "signer_thumbprint": each.leaf.signer_thumbprint,
            "admitted_at": to_millis(each.leaf.admitted_at),
            "verdict": each.leaf.verdict,
            "detail_sha256": each.leaf.detail_sha256,
        }
        for index, (each, digest) in enumerate(zip(leaves, hashes, strict=True), first)
    ]


def _sign(log: LogKey, epoch: int, size: int, root: bytes, now: datetime) -> Checkpoint:
    body = codec.encode(
        "Checkpoint", {"origin": log.origin, "epoch": epoch, "size": size, "root": root, "made_at": now}
    )
    signature = signing.sign(body, key=log.key, certificate=log.certificate, typ=signing.Typ.CHECKPOINT)
    return Checkpoint(body, signature, size, epoch)
