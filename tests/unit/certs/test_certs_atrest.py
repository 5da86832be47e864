"""Personal data at rest opens only where it was put, with the keys of this node."""

import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certs.atrest import AtRest
from schemas.errors import YunhuobanError
from tests.sampling import examples

PLACE = "inbox.record/130928-20261122-000017-C"


@pytest.fixture
def ring(tmp_path) -> AtRest:
    """A fresh key ring."""
    return AtRest.create(tmp_path / "ring")


@given(data=st.binary(max_size=300), place=st.text(max_size=40))
@settings(max_examples=examples(60, 15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_opens_where_it_was_put(ring, data, place):
    """Any value in any place comes back, also after the ring was read anew."""
    blob = ring.seal(data, place=place)
    assert ring.open(blob, place=place) == data
    assert AtRest(ring._folder).open(blob, place=place) == data
    with pytest.raises(YunhuobanError, match="E-CERT-087"):
        ring.open(blob, place=place + "x")


def test_every_change_is_noticed(ring):
    """Each single byte matters: version, key id, nonce, text and tag; so does the length. The place is not shown."""
    blob = ring.seal(b"data", place=PLACE)
    changed = [blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :] for at in range(len(blob))]
    for wrong in [*changed, blob[:-1], blob + b"\0", b"", blob[:20]]:
        with pytest.raises(YunhuobanError, match=r"^E-CERT-087 inbox\.record$"):
            ring.open(wrong, place=PLACE)


def test_the_same_value_twice_looks_different(ring):
    """Equal values cannot be found by comparing what is stored."""
    assert ring.seal(b"same", place=PLACE) != ring.seal(b"same", place=PLACE)


def test_rotation_keeps_the_old(ring):
    """After a rotation old values open, new ones are under the new key, and a fresh reader agrees."""
    old = ring.seal(b"old", place=PLACE)
    ring.rotate()
    new = ring.seal(b"new", place=PLACE)
    assert old[1:9] != new[1:9]
    for reader in (ring, AtRest(ring._folder)):
        assert (reader.open(old, place=PLACE), reader.open(new, place=PLACE)) == (b"old", b"new")


def test_another_ring_opens_nothing(ring, tmp_path):
    """Another node's keys are of no use."""
    other = AtRest.create(tmp_path / "other")
    with pytest.raises(YunhuobanError, match="E-CERT-087"):
        other.open(ring.seal(b"data", place=PLACE), place=PLACE)


def test_the_ring_is_private_and_never_overwritten(ring):
    """Folder 0700, keys 0600, refused when others can read a key, refused to be made twice."""
    (key,) = ring._folder.glob("*.key")
    assert stat.S_IMODE(ring._folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(YunhuobanError, match="E-CERT-086"):
        AtRest.create(ring._folder)
    key.chmod(0o640)
    with pytest.raises(YunhuobanError, match="E-CERT-085"):
        AtRest(ring._folder)


def test_a_broken_ring_is_said_to_be_broken(ring, tmp_path):
    """A missing folder, a short key, a lost current key: one declared error that names the file."""
    (key,) = ring._folder.glob("*.key")
    with pytest.raises(YunhuobanError, match="E-CERT-085"):
        AtRest(tmp_path / "missing")
    whole = key.read_bytes()
    key.write_bytes(whole[:-1])
    with pytest.raises(YunhuobanError, match="E-CERT-085"):
        AtRest(ring._folder)
    key.unlink()
    with pytest.raises(YunhuobanError, match="E-CERT-085 current"):
        AtRest(ring._folder)
