"""Our own rules for certificates, which OpenSSL's chain check does not have.

Run against OpenSSL with X509_STRICT and CRL_CHECK_ALL: it accepted keys of P-192, DSA and RSA below 2048 bits, an
authority as leaf, chains of any depth and any extended key usage. Each of these is a rule here.
"""

import re
from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from certs.algorithms import kind_of
from certs.keys import PARSING_FAILURES, Certificate, subject
from certs.profiles import PROFILES, ROLE_BY_EKU, TRIAL_EXTENSION, Profile, Role
from schemas.errors import Code, YunhuobanError, declare

DEPTH_WRONG: Final = declare(
    "E-CERT-060", "证书链必须正好是三级：证书、中间机构、根。", "请提供由中间机构签发的证书，链中不要多放证书。"
)
KEY_WEAK: Final = declare(
    "E-CERT-061",
    "证书链中有不够强或不允许的密钥或签名算法。",
    "请使用 P-256、P-384 或不短于 3072 位的 RSA，以及 SHA-256 以上。",
)
AUTHORITY_AS_LEAF: Final = declare("E-CERT-062", "发证机构的证书不能当作普通证书使用。", "请使用专门签发的证书。")
PROFILE_MISMATCH: Final = declare(
    "E-CERT-063", "证书的内容与其用途的规定不一致。", "请由本网络的发证机构按用途重新签发证书。"
)
TRIAL_MIXED: Final = declare(
    "E-CERT-064", "试用证书与正式证书不能混用。", "正式环境只用正式证书，试用环境只用试用证书。"
)

MIN_RSA_BITS: Final = 3072
SIGNATURE_FAILURES: Final = (*PARSING_FAILURES, InvalidSignature)
_DIGESTS: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


def problems(path: Sequence[Certificate], role: Role | None) -> list[Code]:
    """Everything wrong with leaf, issuing and root (as far as the path was found), whatever the time."""
    found: list[Code] = []
    leaf = path[0]
    if not all(_is_strong(certificate) for certificate in path):
        found.append(KEY_WEAK)
    if _claims_authority(leaf):
        found.append(AUTHORITY_AS_LEAF)
    elif role is None:
        found.append(PROFILE_MISMATCH)
    parents = _parents(role)
    for certificate, parent in zip(path[1:], parents, strict=False):
        if not matches(certificate, PROFILES[parent]):
            found.append(PROFILE_MISMATCH)
    return found


def role_of(certificate: Certificate) -> Role | None:
    """The one role whose profile the leaf matches exactly, or None."""
    roles = [ROLE_BY_EKU[eku] for eku in _ekus(certificate) if eku in ROLE_BY_EKU]
    if len(roles) != 1 or not matches(certificate, PROFILES[roles[0]]):
        return None
    return roles[0]


def is_trial(certificate: Certificate) -> bool:
    """Whether the certificate carries the trial extension."""
    return any(extension.oid == TRIAL_EXTENSION for extension in certificate.extensions)


def subject_of(certificate: Certificate) -> str:
    """The only common name, or nothing."""
    try:
        return subject(certificate)
    except YunhuobanError:
        return ""


def _parents(role: Role | None) -> tuple[Role, Role]:
    """The roles of the issuing certificate and of the root above a leaf of this role."""
    issuing = (PROFILES[role].parent if role else None) or Role.ISSUING
    return issuing, PROFILES[issuing].parent or Role.ROOT


def matches(certificate: Certificate, profile: Profile) -> bool:
    """Exactly this profile: constraints, key usage, extended key usage, names and subject; absence is a mismatch."""
    extensions = certificate.extensions
    by_type = {type(extension.value): extension for extension in extensions}
    constraints = by_type.get(x509.BasicConstraints)
    usage = by_type.get(x509.KeyUsage)
    if constraints is None or usage is None or not (constraints.critical and usage.critical):
        return False
    if (constraints.value.ca, constraints.value.path_length) != (profile.is_authority, profile.path_length):
        return False
    if {name for name in _USAGES if getattr(usage.value, name)} != profile.key_usage:
        return False
    limits = by_type.get(x509.NameConstraints)
    if (limits is not None) != profile.name_constrained or (limits is not None and not limits.critical):
        return False
    if _ekus(certificate) != profile.ekus or (x509.SubjectAlternativeName in by_type) != profile.needs_san:
        return False
    return len(certificate.subject.rdns) == 1 and bool(re.fullmatch(profile.subject_shape, subject_of(certificate)))


def _ekus(certificate: Certificate) -> frozenset[str]:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.ExtendedKeyUsage):
            return frozenset(usage.dotted_string for usage in extension.value)
    return frozenset()


def _claims_authority(certificate: Certificate) -> bool:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            return True
        if isinstance(extension.value, x509.KeyUsage) and (extension.value.key_cert_sign or extension.value.crl_sign):
            return True
    return False


def _is_strong(certificate: Certificate) -> bool:
    """An allowed key, and a signature made with an allowed digest."""
    try:
        key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    except PARSING_FAILURES:
        return False
    strong = kind_of(key) is not None or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS)
    return strong and isinstance(digest, _DIGESTS)
