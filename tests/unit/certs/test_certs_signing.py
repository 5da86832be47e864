"""Detached signatures: what passes, and every forgery we know of."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from certs import keys, signing
from certs.profiles import Role
from certs.signing import Typ
from schemas.errors import YunhuobanError
from tests.sampling import examples

BODY = "甲县的信封 \x00\xff".encode()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def token(signer) -> str:
    """A good signature over BODY."""
    return signing.sign(BODY, key=signer.key, certificate=signer.certificate, typ=Typ.ENVELOPE)


def _signed(signer, header: bytes, body: bytes = BODY) -> str:
    """A token whose header is any bytes, and whose signature is right for it."""
    head = _b64(header)
    der = signer.key.sign(f"{head}.{_b64(body)}".encode(), ec.ECDSA(hashes.SHA256()))
    return f"{head}..{_b64(b''.join(part.to_bytes(32, 'big') for part in decode_dss_signature(der)))}"


def _header(signer, **changes) -> dict:
    thumb = _b64(keys.thumbprint(signer.certificate))
    return {"alg": "ES256", "typ": Typ.ENVELOPE.value, "x5t#S256": thumb} | changes


def test_what_was_signed_verifies(signer, token):
    """The exact bytes verify, and the header names kind and certificate before any verification."""
    signing.verify(token, BODY, certificate=signer.certificate, typ=Typ.ENVELOPE)
    header = signing.read_header(token)
    assert header == signing.SignatureHeader(Typ.ENVELOPE, hashlib.sha256(keys.der(signer.certificate)).digest())
    assert json.loads(base64.urlsafe_b64decode(token.split("..")[0] + "==")) == _header(signer)


def test_another_implementation_can_sign(signer):
    """A signature made without our code, from the specification alone, is taken."""
    raw = json.dumps(_header(signer)).encode()
    signing.verify(_signed(signer, raw), BODY, certificate=signer.certificate, typ=Typ.ENVELOPE)


def test_another_body(signer, token):
    """One changed, missing or added byte is refused."""
    for body in (b"", BODY[:-1], BODY + b"\x00", BODY.replace(b"\x00", b"\x01")):
        with pytest.raises(YunhuobanError, match="E-CERT-073"):
            signing.verify(token, body, certificate=signer.certificate, typ=Typ.ENVELOPE)


def test_another_kind(signer, token):
    """A signature of one kind never passes as another."""
    for typ in set(Typ) - {Typ.ENVELOPE}:
        with pytest.raises(YunhuobanError, match="E-CERT-071"):
            signing.verify(token, BODY, certificate=signer.certificate, typ=typ)


def test_another_certificate(authority, signer, token, now):
    """Another certificate is refused, even one for the same key; so is another key under the right thumbprint."""
    renewed = authority.issue(Role.COUNTY_SIGNING, "130928", signer.key.public_key(), now=now)
    with pytest.raises(YunhuobanError, match="E-CERT-072"):
        signing.verify(token, BODY, certificate=renewed, typ=Typ.ENVELOPE)
    thief = keys.generate_key()
    with pytest.raises(YunhuobanError, match="E-CERT-072"):
        signing.sign(BODY, key=thief, certificate=signer.certificate, typ=Typ.ENVELOPE)
    head = _header(signer)
    forged = jws.detach_content(jws.serialize_compact(head, BODY, ECKey.import_key(thief), algorithms=["ES256"]))
    with pytest.raises(YunhuobanError, match="E-CERT-073"):
        signing.verify(forged, BODY, certificate=signer.certificate, typ=Typ.ENVELOPE)


def test_the_embedded_old_payload(signer):
    """The library verifies an embedded payload instead of the given one; such a token never reaches it.

    The first assertion keeps the attack alive: if it fails, the library has changed and this note with it.
    """
    head, _, signature = signing.sign(b"OLD", key=signer.key, certificate=signer.certificate, typ=Typ.ENVELOPE).split(
        "."
    )
    forged = f"{head}.{_b64(b'OLD')}.{signature}"
    public = ECKey.import_key(keys.public_key(signer.certificate))
    assert jws.deserialize_compact(forged, public, algorithms=["ES256"], payload=b"EVIL")
    for body in (b"EVIL", b"OLD"):
        with pytest.raises(YunhuobanError, match="E-CERT-070"):
            signing.verify(forged, body, certificate=signer.certificate, typ=Typ.ENVELOPE)


def test_headers_that_are_not_exactly_ours(signer):
    """Correctly signed, but with other, doubled, missing or strange members: refused before verification."""
    good = _header(signer)
    thumb = good["x5t#S256"]
    bad = [
        json.dumps(good | {"b64": False, "crit": ["b64"]}),
        json.dumps(good | {"kid": "1"}),
        json.dumps(good | {"alg": "none"}),
        json.dumps(good | {"alg": "HS256"}),
        json.dumps(good | {"alg": ["ES256"]}),
        json.dumps(good | {"typ": "JWT"}),
        json.dumps(good | {"typ": None}),
        json.dumps(good | {"typ": ["yhb-envelope+jws"]}),
        json.dumps(good | {"x5t#S256": thumb[:-2]}),
        json.dumps(good | {"x5t#S256": thumb + "="}),
        json.dumps(good | {"x5t#S256": 5}),
        json.dumps({name: value for name, value in good.items() if name != "typ"}),
        json.dumps(good)[:-1] + ',"typ":"yhb-envelope+jws"}',
        json.dumps(good)[:-1] + ',"alg":"none"}',
        json.dumps(list(good.items())),
        json.dumps([["alg", "ES256"]]),
        "null",
        "[]",
        "{}",
        "3",
        "[" * 300,
        '{"alg":"ES256"',
        json.dumps(good | {"typ": "yhb-envelope+jws" + " " * 400}),
    ]
    for header in bad:
        with pytest.raises(YunhuobanError, match="E-CERT-070"):
            signing.verify(_signed(signer, header.encode()), BODY, certificate=signer.certificate, typ=Typ.ENVELOPE)


def test_spellings_of_the_same_token(signer, token):
    """Padding, blanks, line ends, other alphabets and spare bits are refused: one token has one spelling."""
    head, signature = token.split("..")
    spare = signature[:-1] + chr(ord(signature[-1]) + 1)
    for other in (
        f"{head}..{signature}=",
        f"{head}..{signature}\n",
        f" {token}",
        f"{head}...{signature}",
        f"{head}.{signature}",
        f"{head}..",
        f"..{signature}",
        f"{head}..{spare}"
        if base64.urlsafe_b64decode(spare + "==") == base64.urlsafe_b64decode(signature + "==")
        else "",
        head + "A" * 600 + ".." + signature,
        "",
    ):
        with pytest.raises(YunhuobanError, match="E-CERT-070"):
            signing.verify(other, BODY, certificate=signer.certificate, typ=Typ.ENVELOPE)


@given(
    text=st.one_of(st.text(max_size=300), st.from_regex(r"[A-Za-z0-9_-]{1,40}\.\.[A-Za-z0-9_-]{86}", fullmatch=True))
)
@settings(max_examples=examples(300, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_no_signature(signer, text):
    """Any text at all: one declared error and nothing else."""
    with pytest.raises(YunhuobanError):
        signing.verify(text, BODY, certificate=signer.certificate, typ=Typ.ENVELOPE)


def test_an_encryption_key_does_not_sign_by_accident(forge, authority, issuing_key, signer):
    """A certificate with another curve cannot be used, in either direction."""
    other = ec.generate_private_key(ec.SECP384R1())
    certificate = forge("130928", other.public_key(), authority.issuing, issuing_key, extensions=[])
    with pytest.raises(YunhuobanError, match="E-CERT-005"):
        signing.sign(BODY, key=other, certificate=certificate, typ=Typ.ENVELOPE)
    header = json.dumps(_header(signer) | {"x5t#S256": _b64(keys.thumbprint(certificate))}).encode()
    with pytest.raises(YunhuobanError, match="E-CERT-005"):
        signing.verify(_signed(signer, header), BODY, certificate=certificate, typ=Typ.ENVELOPE)


def _joserfc_takes(signer, token: str, body: bytes) -> bool:
    """What the library says of a token that our own reading lets through."""
    try:
        read = jws.deserialize_compact(
            token, ECKey.import_key(signer.certificate.public_key()), algorithms=["ES256"], payload=body
        )
    except (JoseError, ValueError):
        return False
    return read.headers() == _header(signer)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    body=st.binary(max_size=300), other=st.binary(max_size=300), flip=st.integers(0, 511), kind=st.sampled_from("-sbrz")
)
def test_our_verification_and_the_librarys_give_the_same_answer(signer, body, other, flip, kind):
    """Whatever is done to body or signature, `verify` takes exactly what joserfc takes."""
    head, _, signature = signing.sign(body, key=signer.key, certificate=signer.certificate, typ=Typ.ENVELOPE).split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    if kind == "s":
        raw[flip // 8] ^= 1 << flip % 8
    if kind == "r":  # the other of the two valid signatures that every ES256 signature has
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        raw[32:] = (order - int.from_bytes(raw[32:])).to_bytes(32)
    if kind == "z":
        raw[:] = bytes(64)
    token, told = f"{head}..{_b64(bytes(raw))}", other if kind == "b" else body
    try:
        signing.verify(token, told, certificate=signer.certificate, typ=Typ.ENVELOPE)
        taken = True
    except YunhuobanError:
        taken = False
    assert taken == _joserfc_takes(signer, token, told)
    assert taken == (kind in "-r" or (told == body and kind == "b"))
