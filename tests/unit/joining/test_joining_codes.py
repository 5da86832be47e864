"""What people type and read aloud: forgiving where eyes and ears err, strict where it matters."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from certs import invitation
from schemas.errors import YunhuobanError
from schemas.joining import codes
from tests.hostile import refusal

SECRETS = st.binary(min_size=16, max_size=16)


@given(secret=SECRETS, data=st.data())
def test_a_code_is_read_as_it_was_written_however_it_is_typed(secret: bytes, data):
    """Small letters, blanks or nothing between the groups, O for 0, I and L for 1."""
    code = codes.write_code(secret)
    assert codes.read_code(code) == secret
    typed = "".join(
        data.draw(st.sampled_from({"0": "0oO", "1": "1iIlL", "-": "- "}.get(each, each + each.lower())))
        for each in code
    )
    assert codes.read_code(f" {typed} ") == secret
    assert codes.read_code(code.replace("-", "")) == secret


@given(secret=SECRETS, at=st.integers(0, 31), other=st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_noticed(secret: bytes, at: int, other: str):
    """E-JOIN-001: the check character finds every single error, so that a slip costs no attempt at the hub."""
    code = codes.write_code(secret)
    if code[at] in ("-", other):
        return
    with pytest.raises(YunhuobanError, match="E-JOIN-001"):
        codes.read_code(code[:at] + other + code[at + 1 :])


@given(secret=SECRETS, at=st.integers(0, 24))
def test_two_neighbours_exchanged_are_noticed(secret: bytes, at: int):
    """E-JOIN-001."""
    code = codes.write_code(secret).replace("-", "")
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped == code:
        return
    with pytest.raises(YunhuobanError, match="E-JOIN-001"):
        codes.read_code(swapped)


@given(text=st.text(max_size=60))
def test_anything_typed(text: str):
    """Declared errors that do not quote what was typed."""
    for read, code in (
        (codes.read_code, "E-JOIN-001"),
        (codes.read_root, "E-JOIN-002"),
        (codes.read_keys, "E-JOIN-002"),
    ):
        error = refusal(lambda read=read: read(text))
        assert error is None or error.code.code == code


def test_fingerprints_are_read_as_they_are_written():
    """The hub's as `certs ca show` prints it, the county's as digits; both in groups or not."""
    root = codes.write_root(b"root")
    plain = hashlib.sha256(b"root").hexdigest()
    assert codes.read_root(plain) == root
    assert codes.read_root(":".join(plain[at : at + 2] for at in range(0, 64, 2))) == root
    spoken = codes.write_keys(b"a", b"b", b"c")
    assert codes.read_keys(spoken.replace("-", " ")) == spoken
    assert len(spoken) == 71
    assert codes.write_keys(b"a", b"b", b"d") != spoken


def test_what_is_stored_is_derived_one_way():
    """HKDF-SHA256 with its own info (RFC 5869): not the code, not its plain hash, and another for each code."""
    secret = bytes(16)
    kept = invitation.derive(secret)
    assert kept == HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"yhb-join-v1").derive(secret)
    assert kept not in (secret, hashlib.sha256(secret).digest())
    assert invitation.derive(b"\1" * 16) != kept
    assert invitation.is_mac(kept, b"body", invitation.mac(kept, b"body"))
    assert not invitation.is_mac(kept, b"body", "\ud800")
