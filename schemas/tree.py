"""The journal's Merkle tree: hashes and proofs of RFC 9162 §2.1 with SHA-256.

A *complete* node (level, index) covers the leaves [index·2^level, (index+1)·2^level) and never changes once these
exist; level 0 are the leaf hashes. Only complete nodes are ever stored. What lies to their right, up to the size of
the tree, is the *edge*, hashed anew for each size. Appending needs the frontier alone, so a batch costs the same in
a journal of ten and of ten million leaves.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

HASH_BYTES: Final = 32
# The root of a tree without leaves (RFC 9162 §2.1.1).
EMPTY_ROOT: Final = sha256().digest()

# Gives the hash of the complete node (level, index); raises what it likes for a node that it lacks.
NodeReader = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return H(0x00 ‖ data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return H(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree seen from its right edge: its size and the complete subtrees that fill it, largest (leftmost) first.

    There is one subtree for each bit set in `size`, and its level is the place of that bit. Raises ValueError for
    hashes that cannot belong to the size.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or self.size.bit_count() != len(self.hashes):
            raise ValueError(f"{len(self.hashes)} subtrees do not make a tree of {self.size} leaves")
        if any(len(digest) != HASH_BYTES for digest in self.hashes):
            raise ValueError("a subtree's hash is not 32 bytes long")

    @classmethod
    def from_list(cls, size: int, hashes: Iterable[bytes]) -> Self:
        """Read back what `to_list` gave for a tree of this size."""
        return cls(size, tuple(hashes))

    def to_list(self) -> list[bytes]:
        """Return the subtree hashes for keeping beside the size."""
        return list(self.hashes)

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier with one more leaf hash; this one stays as it is."""
        hashes, carry, size = list(self.hashes), leaf, self.size
        while size & 1:  # each trailing one bit is a subtree that the carry completes
            carry, size = node_hash(hashes.pop(), carry), size >> 1
        return Frontier(self.size + 1, (*hashes, carry))

    def root(self) -> bytes:
        """Return the tree's root hash."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def nodes(self) -> dict[int, bytes]:
        """Return the subtrees by level."""
        levels = [level for level in range(self.size.bit_length()) if self.size >> level & 1]
        return dict(zip(reversed(levels), self.hashes, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What a batch of leaves makes of a tree."""

    frontier: Frontier  # of the new tree
    root: bytes  # of the new tree
    size: int  # of the new tree
    proofs: list[list[bytes]]  # the inclusion proof of each new leaf in the new tree, in the order of the leaves
    completed_nodes: list[tuple[int, int, bytes]]  # (level, index, hash) of all nodes now complete, new leaves included


def extend_with_proofs(frontier: Frontier, leaf_hashes: Sequence[bytes]) -> Extension:
    """Append leaf hashes and prove each of them, from the frontier and the leaves alone.

    Raises ValueError for a leaf hash that is not 32 bytes long.
    """
    if any(len(leaf) != HASH_BYTES for leaf in leaf_hashes):
        raise ValueError("a leaf hash is not 32 bytes long")
    old_size, size = frontier.size, frontier.size + len(leaf_hashes)
    old_nodes = frontier.nodes()
    # rows[level] holds the complete nodes from firsts[level] on: the old subtree of that level, if its right sibling
    # is still to come, and the new ones. Nothing further left is a sibling of anything above a new leaf.
    rows: list[list[bytes]] = []
    firsts: list[int] = []
    completed: list[tuple[int, int, bytes]] = []
    new = list(leaf_hashes)
    for level in range(size.bit_length()):
        start = old_size >> level
        completed += [(level, index, digest) for index, digest in enumerate(new, start)]
        row = [old_nodes[level], *new] if start & 1 else new
        rows.append(row)
        firsts.append(start - (start & 1))
        new = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
    edges = _edges(size, lambda level, index: rows[level][index - firsts[level]])
    proofs = []
    for leaf in range(old_size, size):
        proof = []
        index, width = leaf, size
        for level, row in enumerate(rows):
            sibling = index ^ 1
            if sibling < width:
                proof.append(row[sibling - firsts[level]])
            elif sibling == width and (edge := edges[level]) is not None:
                proof.append(edge)
            index, width = index >> 1, width >> 1
        proofs.append(proof)
    hashes = tuple(rows[level][-1] for level in reversed(range(size.bit_length())) if size >> level & 1)
    grown = Frontier(size, hashes)
    return Extension(frontier=grown, root=grown.root(), size=size, proofs=proofs, completed_nodes=completed)


def _edges(size: int, node: NodeReader) -> list[bytes | None]:
    """Return by level the hash of the leaves right of the last complete node of that level, None where there are none.

    A node without a right sibling is handed up unchanged (RFC 9162 §2.1.1).
    """
    edge: bytes | None = None
    edges: list[bytes | None] = []
    for level in range(size.bit_length()):
        edges.append(edge)
        if size >> level & 1:
            last = node(level, (size >> level) - 1)
            edge = last if edge is None else node_hash(last, edge)
    return edges


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Return the proof (RFC 9162 §2.1.3.1) that leaf `index` is in the tree of the first `size` leaves.

    Reads O(log size) complete nodes. Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    edges = _edges(size, node)
    proof: list[bytes] = []
    for level, edge in enumerate(edges):
        sibling, width = index >> level ^ 1, size >> level
        if sibling < width:
            proof.append(node(level, sibling))
        elif sibling == width and edge is not None:
            proof.append(edge)
    return proof


def consistency_proof(old_size: int, new_size: int, node: NodeReader) -> list[bytes]:
    """Return the proof (RFC 9162 §2.1.4.1) that the tree of `old_size` leaves is the beginning of that of `new_size`.

    Empty when the sizes are equal or the old one is 0. Raises ValueError when the old tree is the larger one.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {old_size} leaves is not the beginning of one of {new_size}")
    if old_size in (0, new_size):
        return []
    proof: list[bytes] = []
    start, end = 0, new_size  # SUBPROOF's D[start:end]; `old_size` lies within
    while old_size != end:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if old_size <= middle:
            proof.append(_range_hash(middle, end, node))
            end = middle
        else:
            proof.append(_range_hash(start, middle, node))
            start = middle
    if start:  # else the remaining subtree is the old tree itself, whose root the verifier has
        proof.append(_range_hash(start, end, node))
    return proof[::-1]


def _range_hash(start: int, end: int, node: NodeReader) -> bytes:
    """Return the hash of the subtree over [start, end), where start is a multiple of the power of two ≥ its width."""
    width = end - start
    if width.bit_count() == 1:
        return node(width.bit_length() - 1, start // width)
    middle = start + (1 << width.bit_length() - 1)
    return node_hash(node(width.bit_length() - 1, start >> width.bit_length() - 1), _range_hash(middle, end, node))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows this leaf hash at `index` of the tree with this size and root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _all_hashes(leaf, root, *proof):
        return False
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:  # levels at which this node had no sibling
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the old tree is the beginning of the new one (RFC 9162 §2.1.4.2).

    The RFC treats 0 < old < new. Equal sizes are consistent with equal roots and an empty proof. An empty old tree
    is the beginning of every tree: its root must be the empty root and the proof empty.
    """
    if not 0 <= old_size <= new_size or not _all_hashes(old_root, new_root, *proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root and (old_size > 0 or old_root == EMPTY_ROOT)
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not proof:
        return False
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _all_hashes(*digests: bytes) -> bool:
    return all(len(digest) == HASH_BYTES for digest in digests)
