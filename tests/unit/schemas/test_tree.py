"""The journal's tree against RFC 9162: published vectors, a naive reference, and damaged proofs."""

import time
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import tree
from schemas.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    extend_with_proofs,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.sampling import examples

SMALL = 70
# The vectors of Certificate Transparency: leaf inputs, the root after each, and some proofs in the tree of eight.
CT_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_INCLUSION_0_IN_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CT_CONSISTENCY_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
CT_CONSISTENCY_2_TO_5 = [
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
]


# -- the reference: the RFC's definitions, written as they stand --


def split(size):
    """Return the largest power of two smaller than the size."""
    return 1 << (size - 1).bit_length() - 1


def reference_root(leaves):
    """MTH of RFC 9162 §2.1.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + reference_root(leaves[:k]) + reference_root(leaves[k:])).digest()


def reference_path(index, leaves):
    """PATH of RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*reference_path(index, leaves[:k]), reference_root(leaves[k:])]
    return [*reference_path(index - k, leaves[k:]), reference_root(leaves[:k])]


def reference_subproof(old, leaves, *, known):
    """SUBPROOF of RFC 9162 §2.1.4.1."""
    if old == len(leaves):
        return [] if known else [reference_root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*reference_subproof(old, leaves[:k], known=known), reference_root(leaves[k:])]
    return [*reference_subproof(old - k, leaves[k:], known=False), reference_root(leaves[:k])]


class Stored:
    """A journal's stored nodes, as a worker fills them; reading a node that is not complete is a KeyError."""

    def __init__(self):
        """Begin with an empty tree."""
        self.nodes = {}
        self.frontier = Frontier()

    def extend(self, leaves):
        """Append a batch and keep what it completed; no node is ever completed twice."""
        extension = extend_with_proofs(self.frontier, leaves)
        for level, index, digest in extension.completed_nodes:
            assert (level, index) not in self.nodes
            self.nodes[level, index] = digest
        self.frontier = extension.frontier
        return extension

    def node(self, level, index):
        """Return one complete node."""
        return self.nodes[level, index]


def leaves_of(count, salt=0):
    """Return leaf hashes, all different."""
    return [leaf_hash(b"%d/%d" % (salt, i)) for i in range(count)]


def stored_tree(leaves):
    """Return a filled store."""
    stored = Stored()
    stored.extend(leaves)
    return stored


LEAVES = leaves_of(SMALL)
STORED = stored_tree(LEAVES)
ROOTS = [reference_root(LEAVES[:size]) for size in range(SMALL + 1)]


# -- hashes --


def test_published_roots():
    """The roots after each of the eight leaves of Certificate Transparency."""
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == sha256(b"").digest()
    for text, root in zip(CT_INPUTS, CT_ROOTS, strict=True):
        frontier = frontier.append(leaf_hash(bytes.fromhex(text)))
        assert frontier.root().hex() == root


def test_published_proofs():
    """Inclusion and consistency proofs of Certificate Transparency, made and verified."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in CT_INPUTS]
    stored = stored_tree(leaves)
    inclusion = inclusion_proof(0, 8, stored.node)
    assert [digest.hex() for digest in inclusion] == CT_INCLUSION_0_IN_8
    assert verify_inclusion(leaves[0], 0, 8, inclusion, bytes.fromhex(CT_ROOTS[7]))
    for old, new, published in ((6, 8, CT_CONSISTENCY_6_TO_8), (2, 5, CT_CONSISTENCY_2_TO_5)):
        proof = consistency_proof(old, new, stored.node)
        assert [digest.hex() for digest in proof] == published
        assert verify_consistency(old, bytes.fromhex(CT_ROOTS[old - 1]), new, bytes.fromhex(CT_ROOTS[new - 1]), proof)


def test_leaf_and_node_are_told_apart():
    """A leaf that holds two hashes is not the node over them (RFC 9162 §2.1.1, second preimages)."""
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


# -- all sizes up to 70, against the reference --


def test_append_gives_the_reference_root_for_all_small_sizes():
    """One leaf at a time or all at once: the same root and the same frontier."""
    frontier = Frontier()
    for size in range(SMALL + 1):
        assert frontier.root() == ROOTS[size]
        assert frontier == extend_with_proofs(Frontier(), LEAVES[:size]).frontier
        assert Frontier.from_list(frontier.size, frontier.to_list()) == frontier
        if size < SMALL:
            frontier = frontier.append(LEAVES[size])


def test_every_batch_on_every_small_tree_gives_the_reference_proofs():
    """For all 2,485 pairs of sizes: root, proofs of all new leaves, and the nodes that became complete."""
    frontiers = [extend_with_proofs(Frontier(), LEAVES[:size]).frontier for size in range(SMALL + 1)]
    paths = {(i, size): reference_path(i, LEAVES[:size]) for size in range(SMALL + 1) for i in range(size)}
    complete = [set(extend_with_proofs(Frontier(), LEAVES[:n]).completed_nodes) for n in range(SMALL + 1)]
    for new in range(SMALL + 1):
        for old in range(new + 1):
            extension = extend_with_proofs(frontiers[old], LEAVES[old:new])
            assert (extension.size, extension.root, extension.frontier) == (new, ROOTS[new], frontiers[new])
            assert extension.proofs == [paths[i, new] for i in range(old, new)]
            assert len(extension.completed_nodes) == len(complete[new]) - len(complete[old])
            assert set(extension.completed_nodes) == complete[new] - complete[old]


def test_complete_nodes_are_the_roots_of_their_leaves():
    """What is stored for (level, index) is the root over exactly those leaves."""
    assert len(STORED.nodes) == sum(SMALL >> level for level in range(SMALL.bit_length()))
    for (level, index), digest in STORED.nodes.items():
        assert digest == reference_root(LEAVES[index << level : index + 1 << level])


def test_inclusion_for_all_small_sizes():
    """Every leaf in every tree: the reference's proof, made from stored nodes of the largest tree, and it verifies."""
    for size in range(1, SMALL + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, STORED.node)
            assert proof == reference_path(index, LEAVES[:size])
            assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


def test_consistency_for_all_small_sizes():
    """Every pair of sizes: the reference's proof, and it verifies."""
    for new in range(1, SMALL + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, STORED.node)
            assert proof == reference_subproof(old, LEAVES[:new], known=True)
            assert verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)


# -- nothing else verifies --


def test_an_inclusion_proof_is_good_for_one_index_and_root_only():
    """In all trees up to 20: no other index and no other tree's root is accepted."""
    for size in range(1, 21):
        for index in range(size):
            proof = inclusion_proof(index, size, STORED.node)
            for other in range(-1, size + 1):
                assert verify_inclusion(LEAVES[index], other, size, proof, ROOTS[size]) == (other == index)
            for other in range(21):
                if other != size:
                    assert not verify_inclusion(LEAVES[index], index, size, proof, ROOTS[other])
                    assert not verify_inclusion(LEAVES[index], index, other, proof, ROOTS[other])


def test_a_consistency_proof_is_good_for_two_roots_only():
    """In all trees up to 20: another old or new tree is refused."""
    for new in range(1, 21):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, STORED.node)
            for other in range(21):
                if other != old:
                    assert not verify_consistency(other, ROOTS[other], new, ROOTS[new], proof) or other in (0, new)
                    assert not verify_consistency(old, ROOTS[other], new, ROOTS[new], proof)
                if other != new:
                    assert not verify_consistency(old, ROOTS[old], new, ROOTS[other], proof)
                    assert not verify_consistency(old, ROOTS[old], other, ROOTS[other], proof) or proof == []


def test_a_claimed_size_must_fit_the_length_of_the_proof():
    """A proof that goes on after the claimed tree ends, or ends before it, is refused although the root comes out."""
    first, second = LEAVES[:2]
    assert not verify_inclusion(second, 0, 1, [first], ROOTS[2])
    assert not verify_inclusion(first, 0, 8, [second], ROOTS[2])
    assert not verify_consistency(1, ROOTS[1], 4, ROOTS[2], [second])
    assert not verify_consistency(
        3,
        node_hash(LEAVES[9], ROOTS[3]),
        4,
        node_hash(LEAVES[9], ROOTS[4]),
        [
            *consistency_proof(3, 4, STORED.node),
            LEAVES[9],
        ],
    )


def test_hashes_of_another_length_are_refused_although_their_bytes_join_to_the_same():
    """A byte moved from one hash into its neighbour gives the same node; the lengths tell."""
    first, second = LEAVES[:2]
    longer, shorter = first + second[:1], second[1:]
    assert node_hash(longer, shorter) == ROOTS[2]
    assert not verify_inclusion(longer, 0, 2, [shorter], ROOTS[2])
    assert not verify_consistency(1, longer, 2, ROOTS[2], [shorter])


def damaged(proof):
    """Yield the proof with each element dropped, doubled, zeroed, cut, and each two neighbours exchanged."""
    for i, digest in enumerate(proof):
        yield proof[:i] + proof[i + 1 :]
        yield [*proof[: i + 1], *proof[i:]]
        yield [*proof[:i], bytes(32), *proof[i + 1 :]]
        yield [*proof[:i], digest[:-1], *proof[i + 1 :]]
        yield [*proof[:i], digest + b"\0", *proof[i + 1 :]]
    for i in range(len(proof) - 1):
        yield [*proof[:i], proof[i + 1], proof[i], *proof[i + 2 :]]
    for extra in (bytes(32), EMPTY_ROOT, b""):
        yield [*proof, extra]
        yield [extra, *proof]


def test_damaged_proofs_of_all_small_trees_are_refused():
    """Dropped, added, repeated, exchanged, shortened or lengthened elements never verify."""
    for size in range(1, 40):
        for other in range(size):
            proof = inclusion_proof(other, size, STORED.node)
            for wrong in damaged(proof):
                assert not verify_inclusion(LEAVES[other], other, size, wrong, ROOTS[size])
            proof = consistency_proof(other, size, STORED.node)
            for wrong in damaged(proof):
                assert not verify_consistency(other, ROOTS[other], size, ROOTS[size], wrong)


def flipped(digest, bit):
    """Return the hash with one bit changed."""
    return (int.from_bytes(digest, "big") ^ 1 << bit).to_bytes(32, "big")


SIZES = st.integers(1, 600)
BIG_LEAVES = leaves_of(600, salt=1)
BIG = stored_tree(BIG_LEAVES)


def root_at(size):
    """Return the root of the first leaves of the larger tree."""
    return extend_with_proofs(Frontier(), BIG_LEAVES[:size]).root


@given(SIZES, st.data())
def test_any_flipped_bit_of_an_inclusion_is_refused(size, data):
    """Leaf, root or any element of the proof: one bit is enough."""
    index = data.draw(st.integers(0, size - 1))
    values = [BIG_LEAVES[index], root_at(size), *inclusion_proof(index, size, BIG.node)]
    assert verify_inclusion(values[0], index, size, values[2:], values[1])
    place, bit = data.draw(st.integers(0, len(values) - 1)), data.draw(st.integers(0, 255))
    values[place] = flipped(values[place], bit)
    assert not verify_inclusion(values[0], index, size, values[2:], values[1])


@given(SIZES, st.data())
def test_any_flipped_bit_of_a_consistency_is_refused(new, data):
    """Old root, new root or any element of the proof: one bit is enough."""
    old = data.draw(st.integers(1, new))
    values = [root_at(old), root_at(new), *consistency_proof(old, new, BIG.node)]
    assert verify_consistency(old, values[0], new, values[1], values[2:])
    place, bit = data.draw(st.integers(0, len(values) - 1)), data.draw(st.integers(0, 255))
    values[place] = flipped(values[place], bit)
    assert not verify_consistency(old, values[0], new, values[1], values[2:])


@given(SIZES, st.data())
def test_a_rewritten_journal_has_no_consistency_proof(new, data):
    """Whoever changes one old leaf cannot prove the new tree with the honest or with its own nodes."""
    old = data.draw(st.integers(1, new))
    rewritten = list(BIG_LEAVES[:new])
    rewritten[data.draw(st.integers(0, old - 1))] = leaf_hash(b"rewritten")
    forged = stored_tree(rewritten)
    for node in (BIG.node, forged.node):
        assert not verify_consistency(old, root_at(old), new, forged.frontier.root(), consistency_proof(old, new, node))


@settings(max_examples=examples(60, 15))
@given(st.lists(st.integers(0, 90), max_size=8))
def test_any_sequence_of_batches_gives_the_same_tree(batches):
    """How leaves were batched leaves no trace in the tree; all proofs of each batch verify against its root."""
    stored, begun = Stored(), 0
    for count in batches:
        batch = BIG_LEAVES[begun : begun + count]
        before, extension = stored.frontier, stored.extend(batch)
        assert extension.root == root_at(begun + len(batch))
        for i, proof in enumerate(extension.proofs):
            assert verify_inclusion(batch[i], begun + i, extension.size, proof, extension.root)
        proof = consistency_proof(before.size, extension.size, stored.node)
        assert verify_consistency(before.size, before.root(), extension.size, extension.root, proof)
        begun += len(batch)
    assert stored.frontier == extend_with_proofs(Frontier(), BIG_LEAVES[:begun]).frontier


@given(
    st.integers(-2, 2**64),
    st.integers(-2, 2**64),
    st.lists(st.binary(max_size=33), max_size=70),
    st.binary(max_size=33),
)
def test_verifiers_answer_to_anything(first, second, proof, digest):
    """Sizes and proofs come from outside: the answer is False, never an exception."""
    assert not verify_inclusion(bytes(32), first, second, proof, digest)
    assert not verify_consistency(first, bytes(32), second, digest, proof) or first == second


# -- edges --


def test_the_empty_tree_is_the_beginning_of_every_tree():
    """A county that has seen nothing accepts any checkpoint, but not with a proof or a root made up."""
    assert consistency_proof(0, 5, STORED.node) == []
    assert verify_consistency(0, EMPTY_ROOT, 5, ROOTS[5], [])
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, ROOTS[1], 5, ROOTS[5], [])
    assert not verify_consistency(0, EMPTY_ROOT, 5, ROOTS[5], [ROOTS[1]])
    assert not verify_consistency(0, ROOTS[1], 0, ROOTS[1], [])


def test_an_older_tree_does_not_continue_a_newer_one():
    """A hub that shows a shorter journal than before is refused, whatever proof it sends."""
    assert not verify_consistency(8, ROOTS[8], 6, ROOTS[6], consistency_proof(6, 8, STORED.node))


def test_an_extension_by_nothing_changes_nothing():
    """An empty batch gives the same tree."""
    extension = extend_with_proofs(STORED.frontier, [])
    assert (extension.frontier, extension.root, extension.size) == (STORED.frontier, ROOTS[SMALL], SMALL)
    assert (extension.proofs, extension.completed_nodes) == ([], [])


@pytest.mark.parametrize(
    ("size", "hashes"), [(1, []), (0, [bytes(32)]), (3, [bytes(32)]), (2, [bytes(31)]), (-1, [bytes(32)])]
)
def test_a_damaged_frontier_is_not_taken_up(size, hashes):
    """A head row whose parts do not fit stops the journal instead of growing a wrong tree."""
    with pytest.raises(ValueError, match="subtree"):
        Frontier.from_list(size, hashes)


def test_impossible_requests_are_errors():
    """Proofs about leaves and trees that are not there are the caller's mistake."""
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(5, 5, STORED.node)
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_proof(6, 5, STORED.node)
    with pytest.raises(ValueError, match="32 bytes"):
        extend_with_proofs(Frontier(), [b"short"])


def test_two_hundred_leaves_on_a_million_are_quick():
    """A batch costs a few milliseconds in a large journal; the frontier alone is needed."""
    size = 1_000_003
    frontier = Frontier(size, tuple(leaves_of(size.bit_count(), salt=2)))
    batch = leaves_of(200, salt=3)
    spent = []
    for _ in range(7):
        began = time.perf_counter()
        extension = extend_with_proofs(frontier, batch)
        spent.append(time.perf_counter() - began)
    for i, proof in enumerate(extension.proofs):
        assert verify_inclusion(batch[i], size + i, extension.size, proof, extension.root)
    assert min(spent) < 0.02  # about 1 ms measured; the bound leaves room for a loaded machine


def test_reading_a_proof_takes_few_nodes():
    """A proof in a tree of a million reads some tens of stored nodes, not the tree."""
    reads = []

    def node(level, index):
        reads.append((level, index))
        return bytes(32)

    tree.inclusion_proof(123_456, 1_000_003, node)
    tree.consistency_proof(654_321, 1_000_003, node)
    assert len(reads) < 100
