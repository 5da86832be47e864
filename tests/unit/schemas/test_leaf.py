"""The journal's leaf: every field counts, and no two leaves have the same bytes."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.leaf import ADMITTED, NOTHING, TAG, Leaf
from schemas.tree import leaf_hash

REFUSED = Leaf(
    envelope_sha256=bytes(range(32)),
    signature=b"a..b",
    signer_thumbprint=bytes(range(1, 33)),
    admitted_at=datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC),
    verdict="E-ADM-001",
    detail_sha256=bytes(range(2, 34)),
)

DIGESTS = st.binary(min_size=32, max_size=32)
MOMENTS = st.integers(0, 2**42).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
VERDICTS = st.one_of(
    st.just((ADMITTED, NOTHING)),
    st.tuples(st.from_regex(r"E-[A-Z]{2,7}-[0-9]{3}", fullmatch=True), DIGESTS.filter(lambda d: d != NOTHING)),
)
LEAVES = st.builds(
    lambda envelope, signature, thumbprint, at, verdict: Leaf(
        envelope_sha256=envelope,
        signature=signature,
        signer_thumbprint=thumbprint,
        admitted_at=at,
        verdict=verdict[0],
        detail_sha256=verdict[1],
    ),
    DIGESTS,
    st.binary(max_size=200),
    st.one_of(st.just(NOTHING), DIGESTS),
    MOMENTS,
    VERDICTS,
)


def read_back(data):
    """Read the layout as its description says, independently of the code that wrote it."""
    assert data[: len(TAG)] == TAG
    at = len(TAG)

    def take(count):
        nonlocal at
        at += count
        assert at <= len(data)
        return data[at - count : at]

    leaf = Leaf(
        envelope_sha256=take(32),
        signature=take(int.from_bytes(take(4), "big")),
        signer_thumbprint=take(32),
        admitted_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int.from_bytes(take(8), "big")),
        verdict=take(int.from_bytes(take(4), "big")).decode(),
        detail_sha256=take(32),
    )
    assert at == len(data)
    return leaf


def test_layout_of_one_leaf_byte_by_byte():
    """The published layout, so that a verifier in another language can be written from this test."""
    admitted = replace(REFUSED, verdict=ADMITTED, detail_sha256=NOTHING)
    assert admitted.bytes().hex() == (
        "7968622d6c6561662d763100"
        + bytes(range(32)).hex()
        + "00000004612e2e62"
        + bytes(range(1, 33)).hex()
        + "000001a200c644c0"
        + "0000000861646d6974746564"
        + "00" * 32
    )
    assert admitted.hash() == leaf_hash(admitted.bytes())


@pytest.mark.parametrize(
    "change",
    [
        {"envelope_sha256": bytes(32)},
        {"signature": b"a..c"},
        {"signature": b""},
        {"signer_thumbprint": NOTHING},
        {"admitted_at": REFUSED.admitted_at + timedelta(milliseconds=1)},
        {"verdict": "E-ADM-002"},
        {"detail_sha256": bytes(range(3, 35))},
        {"verdict": ADMITTED, "detail_sha256": NOTHING},
    ],
)
def test_changing_any_field_changes_the_hash(change):
    """The journal binds every field of a leaf."""
    assert replace(REFUSED, **change).hash() != REFUSED.hash()


def test_the_changes_above_cover_all_fields():
    """A field that is added to the leaf must be added to the test."""
    assert {field.name for field in fields(Leaf)} == {
        "envelope_sha256",
        "signature",
        "signer_thumbprint",
        "admitted_at",
        "verdict",
        "detail_sha256",
    }


@given(LEAVES)
def test_bytes_can_be_read_in_one_way_only(leaf):
    """Whatever was written is read back as the same leaf, so two different leaves never share bytes."""
    assert read_back(leaf.bytes()) == leaf


@given(LEAVES, LEAVES)
def test_two_different_leaves_never_share_bytes(one, other):
    """Equal bytes and equal hashes mean equal leaves."""
    assert (one.bytes() == other.bytes()) == (one == other)
    assert (one.hash() == other.hash()) == (one == other)


@pytest.mark.parametrize(
    "change",
    [
        {"envelope_sha256": b"short"},
        {"signer_thumbprint": b""},
        {"detail_sha256": bytes(33)},
        {"admitted_at": datetime(2026, 11, 22)},  # noqa: DTZ001 — a time without a zone is the mistake under test
        {"admitted_at": datetime(2026, 11, 22, tzinfo=timezone(timedelta(hours=8)))},
        {"admitted_at": datetime(2026, 11, 22, 0, 0, 0, 1, tzinfo=UTC)},
        {"admitted_at": datetime(1969, 12, 31, tzinfo=UTC)},
        {"verdict": "refused"},
        {"verdict": "E-ADM-001\n"},
        {"verdict": ""},
        {"verdict": ADMITTED},  # with a detail
        {"detail_sha256": NOTHING},  # a refusal without one
    ],
)
def test_values_that_cannot_be_read_back_make_no_leaf(change):
    """A leaf is never made of what its bytes could not say exactly."""
    with pytest.raises(ValueError, match=r"leaf|admitted_at|verdict|detail"):
        replace(REFUSED, **change)
