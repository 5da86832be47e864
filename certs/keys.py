"""Keys, certificates and revocation lists as objects, files and bytes (RFC 5280, RFC 5958).

Everybody else names the types here, so that nobody outside this package imports `cryptography`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509.oid import NameOID

from certs import files
from certs.algorithms import ALGORITHMS, KeyKind, digest_for, kind_of
from schemas.errors import YunhuobanError, declare

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey
Certificate: TypeAlias = x509.Certificate
RevocationList: TypeAlias = x509.CertificateRevocationList
Request: TypeAlias = x509.CertificateSigningRequest

MAX_CERTIFICATE_BYTES: Final = 16 * 1024  # ours are about 700 bytes; nobody is made to parse a megabyte
MAX_REVOCATION_LIST_BYTES: Final = 16 * 1024 * 1024  # some 400,000 revoked certificates
_KINDS: Final = ", ".join(KeyKind)

CERTIFICATE_MALFORMED: Final = declare(
    "E-CERT-003", "这不是一张完好的数字证书。", "请重新导出证书（PEM 或 DER），再试一次。"
)
REVOCATION_LIST_MALFORMED: Final = declare(
    "E-CERT-004", "这不是一份完好的证书吊销列表。", "请向发证机构重新索取吊销列表。"
)
KEY_UNSUITABLE: Final = declare(
    "E-CERT-005", "密钥不能用于此处。", "请使用这一用途规定种类的密钥；可用本系统的命令生成。"
)
REQUEST_MALFORMED: Final = declare(
    "E-CERT-006", "证书申请不完好，或不是由它自己的密钥签名。", "请用本系统的命令重新生成证书申请。"
)

# What `cryptography` raises for bytes that are not what they claim to be, on parsing or when the inside is looked at
# later. TypeError: a password is wanted. InvalidVersion and the two after it are not ValueErrors (found by damage).
PARSING_FAILURES: Final = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def generate_key(kind: KeyKind = KeyKind.P256) -> PrivateKey:
    """Make a new key from the system's randomness; a profile says of which kind."""
    return ec.generate_private_key(ALGORITHMS[kind].curve)


def save_private_key(key: PrivateKey, path: Path) -> None:
    """Write PKCS#8 PEM, mode 0600, atomically. Raises FILE_UNWRITABLE."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files.write_atomically(path, pem, mode=files.PRIVATE)


def load_private_key(path: Path) -> PrivateKey:
    """Read a key of a kind that is known here. Raises FILE_UNREADABLE or KEY_UNSUITABLE; neither quotes the file."""
    try:
        key = load_pem_private_key(files.read(path), password=None)
    except PARSING_FAILURES:
        # `from None`: the parser's own text may quote what it could not read
        raise YunhuobanError(KEY_UNSUITABLE, place=path.name, expected=f"PKCS#8 PEM, {_KINDS}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or kind_of(key) is None:
        raise YunhuobanError(KEY_UNSUITABLE, place=path.name, found=type(key).__name__, expected=_KINDS)
    return key


def save_public_key(key: PublicKey, path: Path) -> None:
    """Write SubjectPublicKeyInfo as PEM, atomically. Raises FILE_UNWRITABLE."""
    files.write_atomically(path, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def load_public_key(path: Path) -> PublicKey:
    """Read a public key of a kind that is known here. Raises FILE_UNREADABLE or KEY_UNSUITABLE."""
    try:
        key = load_pem_public_key(files.read(path))
    except PARSING_FAILURES:
        raise YunhuobanError(KEY_UNSUITABLE, place=path.name, expected=f"SPKI PEM, {_KINDS}") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or kind_of(key) is None:
        raise YunhuobanError(KEY_UNSUITABLE, place=path.name, found=type(key).__name__, expected=_KINDS)
    return key


def public_bytes(key: PublicKey) -> bytes:
    """The key's SubjectPublicKeyInfo in DER, by which two keys are compared."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def save_certificates(chain: Sequence[Certificate], path: Path) -> None:
    """Write certificates as PEM one after the other, leaf first, atomically. Raises FILE_UNWRITABLE."""
    files.write_atomically(path, b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain))


def load_certificates(path: Path) -> list[Certificate]:
    """Read all certificates of a PEM file, in order. Raises FILE_UNREADABLE or CERTIFICATE_MALFORMED."""
    try:
        return x509.load_pem_x509_certificates(files.read(path))
    except PARSING_FAILURES as error:
        raise YunhuobanError(CERTIFICATE_MALFORMED, place=path.name) from error


def certificate_from_der(data: bytes) -> Certificate:
    """Parse one certificate that came from outside. Raises CERTIFICATE_MALFORMED."""
    if len(data) > MAX_CERTIFICATE_BYTES:
        raise YunhuobanError(CERTIFICATE_MALFORMED, found=f"{len(data)} B", expected=f"<= {MAX_CERTIFICATE_BYTES} B")
    try:
        return x509.load_der_x509_certificate(data)
    except PARSING_FAILURES as error:
        raise YunhuobanError(CERTIFICATE_MALFORMED) from error


def der(certificate: Certificate) -> bytes:
    """The certificate's exact bytes."""
    return certificate.public_bytes(Encoding.DER)


def pem(certificate: Certificate) -> str:
    """The certificate as PEM text."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def thumbprint(certificate: Certificate) -> bytes:
    """SHA-256 of the certificate's DER, 32 bytes: the certificate's name everywhere in this system."""
    return hashlib.sha256(der(certificate)).digest()


def public_key(certificate: Certificate) -> PublicKey:
    """The certificate's key. Raises KEY_UNSUITABLE for a kind that is not known here."""
    try:
        key = certificate.public_key()
    except PARSING_FAILURES as error:
        raise YunhuobanError(KEY_UNSUITABLE, expected=_KINDS) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or kind_of(key) is None:
        raise YunhuobanError(KEY_UNSUITABLE, found=type(key).__name__, expected=_KINDS)
    return key


def demand_kind(key: PublicKey, kind: KeyKind, place: str = "") -> PublicKey:
    """The key, which must be of this kind. Raises KEY_UNSUITABLE."""
    if kind_of(key) is not kind:
        raise YunhuobanError(KEY_UNSUITABLE, place=place, found=key.curve.name, expected=kind)
    return key


def subject(certificate: Certificate) -> str:
    """The certificate's only common name. Raises CERTIFICATE_MALFORMED when there is none, or more than one."""
    try:
        names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except PARSING_FAILURES as error:
        raise YunhuobanError(CERTIFICATE_MALFORMED, place="subject") from error
    if len(names) != 1:
        raise YunhuobanError(CERTIFICATE_MALFORMED, place="subject", found=f"{len(names)} CN", expected="1 CN")
    return names[0]


def hosts(certificate: Certificate) -> tuple[list[str], list[str]]:
    """The host names and the addresses that a certificate is for; both empty when it names none."""
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names = extension.value
            addresses = [str(each) for each in names.get_values_for_type(x509.IPAddress)]
            return list(names.get_values_for_type(x509.DNSName)), addresses
    return [], []


def crl_from_der(data: bytes) -> RevocationList:
    """Parse one revocation list that came from outside. Raises REVOCATION_LIST_MALFORMED."""
    if len(data) > MAX_REVOCATION_LIST_BYTES:
        raise YunhuobanError(REVOCATION_LIST_MALFORMED, found=f"{len(data)} B")
    try:
        return x509.load_der_x509_crl(data)
    except PARSING_FAILURES as error:
        raise YunhuobanError(REVOCATION_LIST_MALFORMED) from error


def crl_der(crl: RevocationList) -> bytes:
    """The revocation list's exact bytes."""
    return crl.public_bytes(Encoding.DER)


def make_request(key: PrivateKey, subject: str) -> bytes:
    """A certificate request (PKCS#10, PEM), which proves possession of the key without handing it over."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(common_name(subject))
    return builder.sign(key, digest_for(key)).public_bytes(Encoding.PEM)


def open_request(data: bytes, kind: KeyKind = KeyKind.P256) -> tuple[str, PublicKey]:
    """The subject asked for and the key whose possession is proven. Raises REQUEST_MALFORMED or KEY_UNSUITABLE.

    `kind` is the profile's.

    Everything else the request may ask for (extensions, lifetimes) is ignored: the profile decides.
    """
    if len(data) > MAX_CERTIFICATE_BYTES:
        raise YunhuobanError(REQUEST_MALFORMED, found=f"{len(data)} B")
    try:
        request = x509.load_pem_x509_csr(data)
        names = [str(name.value) for name in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        key, proven = request.public_key(), request.is_signature_valid
    except (*PARSING_FAILURES, InvalidSignature) as error:
        raise YunhuobanError(REQUEST_MALFORMED) from error
    if not proven or len(names) != 1:
        raise YunhuobanError(REQUEST_MALFORMED, found=f"{len(names)} CN", expected="1 CN")
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise YunhuobanError(KEY_UNSUITABLE, found=type(key).__name__, expected=kind)
    return names[0], demand_kind(key, kind)


def common_name(subject: str) -> x509.Name:
    """A distinguished name that holds nothing but the common name: the broker's user is the CN and nothing else."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
