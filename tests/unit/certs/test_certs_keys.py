"""Bytes from outside: whatever they are, the answer is an object or one declared error."""

import os
import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certs import crl, keys
from certs.profiles import Role
from schemas.errors import YunhuobanError
from tests.sampling import examples

FEW = settings(
    max_examples=examples(300, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _damaged(data: bytes, edits: list[tuple[int, int]], cut: int) -> bytes:
    changed = bytearray(data)
    for position, value in edits:
        changed[position % len(changed)] = value
    return bytes(changed[: len(changed) - cut])


DAMAGE = (st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=4), st.integers(0, 40))


@given(edits=DAMAGE[0], cut=DAMAGE[1])
@FEW
def test_a_damaged_certificate(signer, store, now, edits, cut):
    """A certificate with changed bytes is refused or malformed; no other exception ever comes out, and never good."""
    data = _damaged(keys.der(signer.certificate), edits, cut)
    try:
        certificate = keys.certificate_from_der(data)
        facts = store.facts([certificate], at=now)
    except YunhuobanError:
        return
    assert certificate == signer.certificate or facts.standing(Role.COUNTY_SIGNING) == "refused"


@given(data=st.binary(max_size=400))
@FEW
def test_noise_is_no_certificate(data):
    """Random bytes are refused as certificate, as list and as request."""
    parsers = {
        keys.certificate_from_der: "E-CERT-003",
        keys.crl_from_der: "E-CERT-004",
        keys.open_request: "E-CERT-006",
    }
    for parse, code in parsers.items():
        with pytest.raises(YunhuobanError, match=code):
            parse(data)


@given(edits=DAMAGE[0], cut=DAMAGE[1])
@FEW
def test_a_damaged_list(authority, store, now, edits, cut):
    """A changed revocation list is either the original or is not taken; no other exception comes out."""
    original = keys.crl_der(crl.load(authority.folder / "crl" / "issuing.crl"))
    data = _damaged(original, edits, cut)
    try:
        store.replace_crls([keys.crl_from_der(data)])
    except YunhuobanError:
        return
    assert data == original


@given(edits=st.lists(st.tuples(st.integers(0, 5000), st.integers(32, 126)), min_size=1, max_size=3))
@FEW
def test_a_damaged_request(edits):
    """A request changed on its way proves nothing and is refused, unless the change is outside the PEM block."""
    key = keys.generate_key()
    request = keys.make_request(key, "130928")
    try:
        named, public_key = keys.open_request(_damaged(request, edits, 0))
    except YunhuobanError:
        return
    assert (named, public_key) == ("130928", key.public_key())


def test_a_key_file_is_private_and_comes_back(tmp_path):
    """The file has mode 0600 whatever the umask, nothing else is left beside it, and the key is the same."""
    key, path = keys.generate_key(), tmp_path / "key.pem"
    before = os.umask(0)
    try:
        keys.save_private_key(key, path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]
    assert keys.load_private_key(path).public_key() == key.public_key()


def test_an_unsuitable_key_file_is_named_and_not_quoted(tmp_path):
    """Another curve, a certificate, noise, and no file at all: one declared error without the content."""
    other = ec.generate_private_key(ec.SECP521R1())
    contents = {
        "p521.pem": other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "noise.pem": b"-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----\n",
        "empty.pem": b"",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(YunhuobanError, match="E-CERT-005") as caught:
            keys.load_private_key(tmp_path / name)
        assert "SECRET" not in str(caught.value) + caught.value.found
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    with pytest.raises(YunhuobanError, match="E-CERT-001"):
        keys.load_private_key(tmp_path / "missing.pem")


def test_certificates_survive_a_file(tmp_path, signer):
    """A chain is written and read in order, byte for byte."""
    keys.save_certificates(signer.chain, tmp_path / "chain.pem")
    assert keys.load_certificates(tmp_path / "chain.pem") == signer.chain
    assert keys.certificate_from_der(keys.der(signer.certificate)) == signer.certificate
    (tmp_path / "chain.pem").write_bytes(b"nothing")
    with pytest.raises(YunhuobanError, match="E-CERT-003"):
        keys.load_certificates(tmp_path / "chain.pem")


def test_huge_inputs_are_not_parsed():
    """A megabyte in place of a certificate is refused by its size."""
    with pytest.raises(YunhuobanError, match="E-CERT-003"):
        keys.certificate_from_der(b"\x30" * 1_000_000)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, signer):
    """Where the folder is missing the error is declared; an old file is replaced whole or kept."""
    with pytest.raises(YunhuobanError, match="E-CERT-002"):
        keys.save_certificates(signer.chain, tmp_path / "missing" / "chain.pem")


def test_a_list_tells_its_age(authority, now):
    """Age in days is counted from its issue."""
    (_, issuing) = authority.publish_crls(now=now)
    assert crl.age_days(issuing, now=now + timedelta(days=2)) == pytest.approx(2)
