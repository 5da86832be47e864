"""The journal's tree: leaves, roots, inclusion and consistency, and proofs with one byte changed."""

from collections.abc import Iterator
from typing import Final

from deploy.contract.values import Json
from schemas.tree import (
    Frontier,
    NodeReader,
    consistency_proof,
    extend_with_proofs,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

SIZE: Final = 8
# The leaves that implementations of RFC 9162 commonly try.
_LEAVES: Final = tuple(
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
)


def vectors() -> Json:
    """The file `tree.json`."""
    hashes = [leaf_hash(each) for each in _LEAVES]
    roots = [_root(hashes[:size]) for size in range(SIZE + 1)]
    node = _nodes(hashes)
    return {
        "about": "RFC 9162 with SHA-256. Every proof is to be verified; `holds` says what must come out.",
        "leaves": [{"data": data.hex(), "hash": digest.hex()} for data, digest in zip(_LEAVES, hashes, strict=True)],
        "roots": [each.hex() for each in roots],
        "inclusion": list(_inclusions(hashes, roots, node)),
        "consistency": list(_consistencies(roots, node)),
    }


def _root(hashes: list[bytes]) -> bytes:
    return extend_with_proofs(Frontier(), hashes).root


def _nodes(hashes: list[bytes]) -> NodeReader:
    nodes = {(level, at): digest for level, at, digest in extend_with_proofs(Frontier(), hashes).completed_nodes}
    return lambda level, at: nodes[level, at]


def _inclusions(hashes: list[bytes], roots: list[bytes], node: NodeReader) -> Iterator[Json]:
    for size in range(1, SIZE + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            yield _inclusion(hashes[index], index, size, proof, roots[size])
    proof = inclusion_proof(5, 7, node)
    yield _inclusion(hashes[4], 5, 7, proof, roots[7])
    yield _inclusion(hashes[5], 4, 7, proof, roots[7])
    yield _inclusion(hashes[5], 5, 8, proof, roots[7])
    yield _inclusion(hashes[5], 5, 7, [*proof[:-1], _changed(proof[-1])], roots[7])
    yield _inclusion(hashes[5], 5, 7, proof[:-1], roots[7])
    yield _inclusion(hashes[5], 5, 7, [*proof, roots[1]], roots[7])
    yield _inclusion(hashes[5], 5, 7, proof, _changed(roots[7]))


def _inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> Json:
    return {
        "leaf_hash": leaf.hex(),
        "index": index,
        "size": size,
        "proof": [each.hex() for each in proof],
        "root": root.hex(),
        "holds": verify_inclusion(leaf, index, size, proof, root),
    }


def _consistencies(roots: list[bytes], node: NodeReader) -> Iterator[Json]:
    for new in range(SIZE + 1):
        for old in range(new + 1):
            yield _consistency(old, roots[old], new, roots[new], consistency_proof(old, new, node))
    proof = consistency_proof(3, 7, node)
    yield _consistency(3, _changed(roots[3]), 7, roots[7], proof)
    yield _consistency(3, roots[3], 7, _changed(roots[7]), proof)
    yield _consistency(3, roots[3], 7, roots[7], [*proof[:-1], _changed(proof[-1])])
    yield _consistency(3, roots[3], 7, roots[7], proof[:-1])
    yield _consistency(4, roots[4], 7, roots[7], [roots[4], *consistency_proof(4, 7, node)])
    yield _consistency(7, roots[7], 3, roots[3], proof)
    yield _consistency(0, roots[1], 7, roots[7], [])


def _consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> Json:
    return {
        "old_size": old,
        "old_root": old_root.hex(),
        "new_size": new,
        "new_root": new_root.hex(),
        "proof": [each.hex() for each in proof],
        "holds": verify_consistency(old, old_root, new, new_root, proof),
    }


def _changed(digest: bytes) -> bytes:
    return bytes([digest[0] ^ 1]) + digest[1:]
