"""Signatures over exact bytes: detached JWS, ES256 (RFC 7515 and its appendix F, RFC 7797's warning heeded).

The token is `header..signature`; the signed bytes travel elsewhere and are never re-encoded. What is refused before
the library sees the token: a middle part (joserfc would verify *that* and not the body), any other header member, a
member twice, base64 that could be written in two ways. An ES256 signature can be altered into another valid one:
never identify a message by its signature.

Signing goes through joserfc. Verifying does not: the hub does it for every message, and after our own reading of the
token nothing is left of RFC 7515 §5.2 but one ECDSA check over `header.base64url(body)`; through the library it took
nearly twice as long. A property test holds both to the same answers.
"""

import base64
import binascii
import functools
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jws
from joserfc.jwk import ECKey

from certs.algorithms import CONTRACT_KIND
from certs.keys import Certificate, PrivateKey, PublicKey, demand_kind, public_key, thumbprint
from schemas.errors import YunhuobanError, declare

MAX_HEADER_BYTES: Final = 512
MAX_TOKEN_CHARACTERS: Final = 1024
ALGORITHM: Final = "ES256"
_ES256: Final = ec.ECDSA(hashes.SHA256())  # RFC 7518 §3.4

_TOKEN: Final = re.compile(r"([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{86})")  # 86 characters: the 64 bytes of ES256
_MEMBERS: Final = ("alg", "typ", "x5t#S256")
_THUMBPRINT_BYTES: Final = 32

SIGNATURE_MALFORMED: Final = declare(
    "E-CERT-070", "签名的格式不对。", "请按规范签名：分离式 JWS，头部只含 alg、typ、x5t#S256 三项。"
)
SIGNATURE_OTHER_TYPE: Final = declare("E-CERT-071", "签名的种类与内容不符。", "请用规定的 typ 重新签名。")
SIGNATURE_OTHER_CERTIFICATE: Final = declare(
    "E-CERT-072", "签名不是用所附证书的密钥做的。", "请核对签名证书与私钥是否为一对。"
)
SIGNATURE_INVALID: Final = declare(
    "E-CERT-073", "签名与内容不符，内容或签名被改动过。", "请从原始数据重新签名并重新发送。"
)


class Typ(StrEnum):
    """What is signed; a signature of one kind never passes as another."""

    ENVELOPE = "yhb-envelope+jws"
    RECEIPT = "yhb-receipt+jws"
    CHECKPOINT = "yhb-checkpoint+jws"
    KEYS = "yhb-keys+jws"
    GRANT = "yhb-grant+jws"
    CONFORMANCE = "yhb-conformance+jws"
    DIRECTORY = "yhb-directory+jws"
    PUBLICATION = "yhb-publication+jws"
    EPOCH = "yhb-epoch+jws"
    JOIN = "yhb-join+jws"
    RENEWAL = "yhb-renewal+jws"
    PROGRESS = "yhb-progress+jws"


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """What the header claims, before anything is verified: which certificate to look up."""

    typ: Typ
    thumbprint: bytes


def sign(body: bytes, *, key: PrivateKey, certificate: Certificate, typ: Typ) -> str:
    """Sign the exact bytes; the token names the certificate by its thumbprint.

    Raises KEY_UNSUITABLE or SIGNATURE_OTHER_CERTIFICATE.
    """
    header = {"alg": ALGORITHM, "typ": typ.value, "x5t#S256": _encode(thumbprint(certificate))}
    token = jws.serialize_compact(header, body, _signer(key, certificate), algorithms=[ALGORITHM])
    return jws.detach_content(token)


def read_header(token: str) -> SignatureHeader:
    """What the token claims. Raises SIGNATURE_MALFORMED for whatever is not exactly of our form."""
    return _header(_split(token)[0])


def verify(token: str, body: bytes, *, certificate: Certificate, typ: Typ) -> None:
    """Check that the certificate's key signed exactly these bytes as this kind of thing.

    Whether the certificate may do so is a question for `certs.chain`. Raises SIGNATURE_MALFORMED,
    SIGNATURE_OTHER_TYPE, SIGNATURE_OTHER_CERTIFICATE, SIGNATURE_INVALID or KEY_UNSUITABLE.
    """
    part, signature = _split(token)
    header = _header(part)
    if header.typ is not typ:
        raise YunhuobanError(SIGNATURE_OTHER_TYPE, found=header.typ, expected=typ)
    own_thumbprint, key = _verifier(certificate)
    if header.thumbprint != own_thumbprint:
        raise YunhuobanError(SIGNATURE_OTHER_CERTIFICATE, place=typ)
    signed = b"%s.%s" % (part.encode("ascii"), base64.urlsafe_b64encode(body).rstrip(b"="))
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        key.verify(encode_dss_signature(r, s), signed, _ES256)
    except InvalidSignature as error:
        raise YunhuobanError(SIGNATURE_INVALID, place=typ) from error


def _split(token: str) -> tuple[str, bytes]:
    """Header part and signature of a token whose middle is empty and whose signature has the one right length."""
    match = _TOKEN.fullmatch(token) if len(token) <= MAX_TOKEN_CHARACTERS else None
    if match is None or len(match[1]) > MAX_HEADER_BYTES:
        raise YunhuobanError(SIGNATURE_MALFORMED, found=f"{len(token)} characters", expected="header..signature")
    signature = _decode(match[2])
    if signature is None:
        raise YunhuobanError(SIGNATURE_MALFORMED, place="signature")
    return match[1], signature


@functools.lru_cache(maxsize=4096)
def _header(part: str) -> SignatureHeader:
    """Parse a header part; a signer's header is the same every time, so it is remembered."""
    raw = _decode(part)
    if raw is None:
        raise YunhuobanError(SIGNATURE_MALFORMED, place="header")
    try:
        pairs: list[tuple[str, object]] = json.loads(raw, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise YunhuobanError(SIGNATURE_MALFORMED, place="header") from error
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        raise YunhuobanError(SIGNATURE_MALFORMED, place="header")
    members = dict(pairs)
    if sorted(name for name, _ in pairs) != sorted(_MEMBERS) or members["alg"] != ALGORITHM:
        raise YunhuobanError(SIGNATURE_MALFORMED, place="header", expected=", ".join(_MEMBERS))
    named, typ = members["x5t#S256"], members["typ"]
    digest = _decode(named) if isinstance(named, str) else None
    if digest is None or len(digest) != _THUMBPRINT_BYTES:
        raise YunhuobanError(SIGNATURE_MALFORMED, place="x5t#S256")
    if not isinstance(typ, str) or typ not in set(Typ):
        raise YunhuobanError(SIGNATURE_MALFORMED, place="typ")
    return SignatureHeader(Typ(typ), digest)


@functools.lru_cache(maxsize=16)
def _signer(key: PrivateKey, certificate: Certificate) -> ECKey:
    """The key as joserfc wants it, once it is known to be the certificate's own."""
    if demand_kind(public_key(certificate), CONTRACT_KIND, "signing") != key.public_key():
        raise YunhuobanError(SIGNATURE_OTHER_CERTIFICATE)
    return ECKey.import_key(key)


@functools.lru_cache(maxsize=8192)
def _verifier(certificate: Certificate) -> tuple[bytes, PublicKey]:
    """Thumbprint and key of a certificate: taking them out costs as much as half a verification."""
    return thumbprint(certificate), demand_kind(public_key(certificate), CONTRACT_KIND, "signing")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes | None:
    """Base64url without padding, in its only correct spelling; None for anything else."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return data if _encode(data) == text else None
