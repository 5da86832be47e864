"""The append-only journal: leaves, the RFC 9162 tree over them, and one signed checkpoint per batch.

As the last step of a batch's transaction the worker locks the one head row, takes the next indexes, extends the
frontier, signs one checkpoint, and commits. Complete subtrees are stored as they close, so that any later proof is
a handful of look-ups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from certs import signing
from certs.keys import Certificate, PrivateKey
from hub.instants import from_millis, to_millis
from hub.store import tables
from schemas import codec
from schemas.leaf import Leaf
from schemas.tree import Frontier, consistency_proof, extend_with_proofs, inclusion_proof

_HASH_BYTES: Final = 32
_ONLY_ROW: Final = 1


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


def append(tx: Connection, leaves: Sequence[NewLeaf], *, log: LogKey, now: datetime) -> Appended:
    """Append leaves, in this order, as the last writes of `tx`. At least one leaf."""
    row = tx.execute(select(tables.head).where(tables.head.c.id == _ONLY_ROW).with_for_update()).one_or_none()
    epoch, size = (row.epoch, row.size) if row else (1, 0)
    frontier = Frontier.from_list(size, _split(row.frontier)) if row else Frontier()
    extension = extend_with_proofs(frontier, [each.leaf.hash() for each in leaves])
    tx.execute(insert(tables.journal), [_journal_row(size + i, each) for i, each in enumerate(leaves)])
    nodes = [{"level": level, "position": at, "hash": value} for level, at, value in extension.completed_nodes if level]
    if nodes:
        tx.execute(insert(tables.tree_nodes), nodes)
    _set_head(tx, row is None, epoch, extension.size, b"".join(extension.frontier.to_list()))
    checkpoint = _sign(log, epoch, extension.size, extension.root, now)
    tx.execute(
        insert(tables.checkpoints).values(
            size=checkpoint.size, epoch=epoch, body=checkpoint.body, signature=checkpoint.signature, made_at=to_millis(now)
        )
    )
    return Appended(size, extension.proofs, checkpoint)


def newest(tx: Connection) -> Checkpoint | None:
    """The newest checkpoint, or None while the journal is empty."""
    row = tx.execute(select(tables.checkpoints).order_by(tables.checkpoints.c.size.desc()).limit(1)).one_or_none()
    return Checkpoint(row.body, row.signature, row.size, row.epoch) if row else None


def prove(tx: Connection, index: int, size: int) -> list[bytes]:
    """Inclusion proof of one leaf in the tree of `size` leaves."""
    return inclusion_proof(index, size, lambda level, at: _node(tx, level, at))


def prove_consistency(tx: Connection, old_size: int, new_size: int) -> list[bytes]:
    """Consistency proof between two sizes of this journal."""
    return consistency_proof(old_size, new_size, lambda level, at: _node(tx, level, at))


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
        nodes = tables.tree_nodes
        found = tx.execute(select(nodes.c.hash).where(nodes.c.level == level, nodes.c.position == at))
    return bytes(found.scalar_one())


def _split(frontier: bytes) -> list[bytes]:
    return [frontier[i : i + _HASH_BYTES] for i in range(0, len(frontier), _HASH_BYTES)]


def _journal_row(index: int, each: NewLeaf) -> dict[str, Any]:
    leaf = each.leaf
    return {
        "leaf_index": index,
        "leaf_hash": leaf.hash(),
        "source": each.source,
        "message_id": each.message_id,
        "envelope_sha256": leaf.envelope_sha256,
        "signature": leaf.signature,
        "signer_thumbprint": leaf.signer_thumbprint,
        "admitted_at": to_millis(leaf.admitted_at),
        "verdict": leaf.verdict,
        "detail_sha256": leaf.detail_sha256,
    }


def _set_head(tx: Connection, first: bool, epoch: int, size: int, frontier: bytes) -> None:
    values = {"epoch": epoch, "size": size, "frontier": frontier}
    if first:
        tx.execute(insert(tables.head).values(id=_ONLY_ROW, **values))
    else:
        tx.execute(update(tables.head).where(tables.head.c.id == _ONLY_ROW).values(**values))


def _sign(log: LogKey, epoch: int, size: int, root: bytes, now: datetime) -> Checkpoint:
    body = codec.encode(
        "Checkpoint", {"origin": log.origin, "epoch": epoch, "size": size, "root": root, "made_at": now}
    )
    signature = signing.sign(body, key=log.key, certificate=log.certificate, typ=signing.Typ.CHECKPOINT)
    return Checkpoint(body, signature, size, epoch)
