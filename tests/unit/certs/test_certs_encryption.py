"""Payloads for one destination: what opens, and that every failure looks the same."""

import hashlib
import itertools
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certs import encryption, keys
from certs.profiles import Role
from schemas.errors import YunhuobanError
from tests.sampling import examples

BOUND = hashlib.sha256(b"an envelope without its data").digest()
FEW = settings(
    max_examples=examples(60, 15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def county(authority, now) -> SimpleNamespace:
    """A destination: its decryption key and encryption certificate."""
    key = keys.generate_key()
    certificate = authority.issue(Role.COUNTY_ENCRYPTION, "140881", key.public_key(), now=now)
    return SimpleNamespace(key=key, certificate=certificate)


def _refused(ciphertext: bytes, *, key, commitment: bytes, bound: bytes = BOUND) -> None:
    with pytest.raises(YunhuobanError, match=r"^E-CERT-081$") as caught:
        encryption.decrypt(ciphertext, key=key, bound=bound, commitment=commitment)
    assert (caught.value.found, caught.value.expected, caught.value.__cause__) == ("", "", None)


@given(payload=st.binary(max_size=5000))
@FEW
def test_what_was_encrypted_opens(county, payload):
    """Any payload comes back, and its length shows only as a bucket."""
    prepared = encryption.prepare(payload)
    ciphertext = encryption.encrypt(prepared, county.certificate, BOUND)
    opened = encryption.decrypt(ciphertext, key=county.key, bound=BOUND, commitment=prepared.commitment)
    assert opened == payload
    assert len(ciphertext) == encryption.bucket_bytes(len(payload) + 36) + 81


def test_the_commitment_is_what_the_specification_says(county):
    """Salt, length and commitment can be recomputed by another implementation from the plaintext."""
    prepared = encryption.prepare(b"abc")
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    ciphertext = encryption.encrypt(prepared, county.certificate, BOUND)
    plaintext = suite.decrypt(ciphertext, county.key, info=b"yhb-hpke-v1\0" + BOUND)
    assert plaintext[32:39] == b"\0\0\0\x03abc"
    assert plaintext[39:] == bytes(1024 - 39)
    assert prepared.commitment == hashlib.sha256(plaintext[:32] + b"abc").digest()


def test_the_same_payload_twice_looks_different(county):
    """Neither commitment nor ciphertext tells that two payloads are the same."""
    first, second = encryption.prepare(b"same"), encryption.prepare(b"same")
    assert first.commitment != second.commitment
    assert encryption.encrypt(first, county.certificate, BOUND) != encryption.encrypt(first, county.certificate, BOUND)


def test_every_failure_is_the_same_error(county):
    """Wrong key, changed envelope, changed, cut or lengthened ciphertext, wrong commitment: one error, no cause."""
    prepared = encryption.prepare(b"payload")
    good = encryption.encrypt(prepared, county.certificate, BOUND)
    commitment = prepared.commitment
    _refused(good, key=keys.generate_key(), commitment=commitment)
    _refused(good, key=ec.generate_private_key(ec.SECP384R1()), commitment=commitment)
    _refused(good, key=county.key, commitment=commitment, bound=hashlib.sha256(b"another envelope").digest())
    _refused(good, key=county.key, commitment=hashlib.sha256(b"").digest())
    _refused(good, key=county.key, commitment=b"")
    for cut in (0, 1, 64, 65, 80, 81, len(good) - 1):
        _refused(good[:cut], key=county.key, commitment=commitment)
    _refused(good + b"\0", key=county.key, commitment=commitment)
    for position in (0, 1, 40, 65, 70, 500, len(good) - 1):
        changed = good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :]
        _refused(changed, key=county.key, commitment=commitment)


@given(data=st.binary(max_size=3000))
@FEW
def test_noise_does_not_open(county, data):
    """Random bytes: the same one error."""
    _refused(data, key=county.key, commitment=bytes(32))


def test_frames_that_lie(county):
    """A sender who frames wrongly (dirty padding, false lengths, wrong bucket) is refused though HPKE opens."""
    salt, payload = bytes(32), b"payload"
    commitment = hashlib.sha256(salt + payload).digest()
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    framed = salt + len(payload).to_bytes(4, "big") + payload
    lies = [
        framed.ljust(1023, b"\0") + b"\x01",
        framed.ljust(1025, b"\0"),
        framed.ljust(2048, b"\0"),
        framed,
        (salt + (2**32 - 1).to_bytes(4, "big") + payload).ljust(1024, b"\0"),
        (salt + (6).to_bytes(4, "big") + payload).ljust(1024, b"\0"),
        salt[:20],
        b"",
    ]
    for lie in lies:
        ciphertext = suite.encrypt(lie, keys.public_key(county.certificate), info=b"yhb-hpke-v1\0" + BOUND)
        _refused(ciphertext, key=county.key, commitment=commitment)
    honest = suite.encrypt(
        framed.ljust(1024, b"\0"), keys.public_key(county.certificate), info=b"yhb-hpke-v1\0" + BOUND
    )
    assert encryption.decrypt(honest, key=county.key, bound=BOUND, commitment=commitment) == payload


def test_sizes(county):
    """Buckets never shrink, cost at most 12 % above 1 KiB, and payload and ciphertext have a cap."""
    assert {encryption.bucket_bytes(length) for length in (0, 36, 1024)} == {1024}
    for length, following in itertools.pairwise(range(1025, 70_000, 7)):
        assert length <= encryption.bucket_bytes(length) <= length * 1.12
        assert encryption.bucket_bytes(length) <= encryption.bucket_bytes(following)
    with pytest.raises(YunhuobanError, match="E-CERT-080"):
        encryption.prepare(bytes(encryption.MAX_PAYLOAD_BYTES + 1))
    _refused(bytes(encryption.MAX_PAYLOAD_BYTES * 2), key=county.key, commitment=bytes(32))
    biggest = encryption.prepare(bytes(encryption.MAX_PAYLOAD_BYTES))
    ciphertext = encryption.encrypt(biggest, county.certificate, BOUND)
    opened = encryption.decrypt(ciphertext, key=county.key, bound=BOUND, commitment=biggest.commitment)
    assert len(opened) == encryption.MAX_PAYLOAD_BYTES


def test_the_plaintext_is_not_shown():
    """A prepared payload that ends up in a log or a traceback shows no plaintext."""
    assert "secret" not in repr(encryption.prepare(b"secret"))
