"""Whether a certificate and its key can serve the hall's pages: what a browser would refuse, said before it does.

It is asked of the county's own and of what the hall brings from elsewhere; a key of the latter may be RSA, and be
locked by a password that nobody is there to type.
"""

import ipaddress
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs import files, keys, policy
from certs.chain import EXPIRED, NOT_YET_VALID
from certs.hallscope import HostNames
from certs.keys import Certificate
from schemas.errors import YunhuobanError, declare

KEY_UNREADABLE: Final = declare(
    "E-CERT-115",
    "页面证书的私钥读不出来：不是 PEM 私钥，或者带密码。",
    "请换成不带密码的 PEM 私钥（openssl pkey -in 旧文件 -out 新文件），只让运行县节点的账号能读。",
)
KEY_OF_ANOTHER: Final = declare(
    "E-CERT-116",
    "私钥与页面证书不是一对。",
    "请核对两个文件是否出自同一次申请；证书文件里，页面自己的证书在最前。",
)
NAME_NOT_COVERED: Final = declare(
    "E-CERT-117",
    "页面证书里没有名称“{found}”。",
    "自己的机构：运行 adapter page-certificate issue；大厅自己的证书：请换一张写有这个名称的，"
    "或改正 county.toml 中 [hall_page] 的 names。",
)
CHAIN_DISORDERED: Final = declare(
    "E-CERT-118",
    "页面证书文件里的次序不对：第 {number} 张不是由下一张签发的。",
    "请把页面自己的证书放在最前，后面依次是签发它的中间证书；别的证书不要放进这个文件。",
)
NOT_FOR_SERVERS: Final = declare(
    "E-CERT-119",
    "这张证书不能用于网页服务器：它是发证机构的证书，或者用途里没有“服务器身份验证”。",
    "请换一张用途含服务器身份验证（serverAuth）的证书。",
)
TOO_WEAK: Final = declare(
    "E-CERT-120",
    "页面证书的密钥或签名算法，浏览器不再接受。",
    "请用 P-256、P-384 或不短于 2048 位的 RSA 密钥，以及 SHA-256 以上的签名，重新申请。",
)
KEY_EXPOSED: Final = declare(
    "E-CERT-121", "页面证书的私钥谁都能读。", "请收回权限（chmod o= 文件）；已被别人读过的，请换一把密钥重新申请。"
)
_RSA_BITS: Final = 2048
_DIGESTS: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found of the files."""

    chain: Sequence[Certificate]
    """Empty when the file cannot be read."""
    faults: Sequence[YunhuobanError]
    """What a browser or the server would refuse it for; empty is good."""


def examine(chain_pem: Path, key_pem: Path, names: HostNames, *, now: datetime) -> Examined:
    """Read both files and name every fault. Raises nothing for a fault."""
    try:
        chain = keys.load_certificates(chain_pem)
    except YunhuobanError as error:
        return Examined(chain=(), faults=[error])
    try:
        return Examined(chain=chain, faults=list(_faults(chain, chain_pem, key_pem, names, now)))
    except keys.PARSING_FAILURES:
        return Examined(chain=(), faults=[YunhuobanError(keys.CERTIFICATE_MALFORMED, place=chain_pem.name)])


def _faults(
    chain: Sequence[Certificate], chain_pem: Path, key_pem: Path, names: HostNames, now: datetime
) -> Iterator[YunhuobanError]:
    leaf, place = chain[0], chain_pem.name
    yield from _key(leaf, key_pem)
    if now < leaf.not_valid_before_utc:
        yield YunhuobanError(NOT_YET_VALID, place=place, found=leaf.not_valid_before_utc.isoformat())
    end = min(each.not_valid_after_utc for each in chain)
    if now > end:
        yield YunhuobanError(EXPIRED, place=place, found=end.isoformat())
    yield from (YunhuobanError(NAME_NOT_COVERED, place=place, found=name) for name in missing(leaf, names))
    if not _for_servers(leaf):
        yield YunhuobanError(NOT_FOR_SERVERS, place=place)
    if not all(map(_strong, chain)):
        yield YunhuobanError(TOO_WEAK, place=place)
    for number, (certificate, issuer) in enumerate(itertools.pairwise(chain), 1):
        try:
            certificate.verify_directly_issued_by(issuer)
        except policy.SIGNATURE_FAILURES:
            yield YunhuobanError(CHAIN_DISORDERED, place=place, number=str(number))
            break


def missing(leaf: Certificate, names: HostNames) -> list[str]:
    """Those of the names that a browser would not accept this certificate for (RFC 6125 §6.4)."""
    dns, addresses = keys.hosts(leaf)
    held = [each.lower() for each in dns]
    wild = [each.removeprefix("*") for each in held if each.startswith("*.")]
    lacking = [each for each in names.dns if each not in held and f".{each.partition('.')[2]}" not in wild]
    return lacking + [str(each) for each in names.addresses if each not in map(ipaddress.ip_address, addresses)]


def _key(leaf: Certificate, key_pem: Path) -> Iterator[YunhuobanError]:
    try:
        key = load_pem_private_key(files.read(key_pem), password=None)
    except YunhuobanError as error:
        yield error
        return
    except keys.PARSING_FAILURES:
        yield YunhuobanError(KEY_UNREADABLE, place=key_pem.name)
        return
    forms = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*forms) != leaf.public_key().public_bytes(*forms):
        yield YunhuobanError(KEY_OF_ANOTHER, place=key_pem.name)
    if key_pem.stat().st_mode & 0o007:
        yield YunhuobanError(KEY_EXPOSED, place=key_pem.name)


def _for_servers(leaf: Certificate) -> bool:
    for extension in leaf.extensions:
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            return False
        if isinstance(extension.value, x509.ExtendedKeyUsage):
            return ExtendedKeyUsageOID.SERVER_AUTH in extension.value
    return True  # without the extension it is good for anything


def _strong(certificate: Certificate) -> bool:
    key = certificate.public_key()
    fit = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)
    fit = fit or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS)
    own = certificate.subject == certificate.issuer  # nobody checks how a root signed itself
    return fit and (own or isinstance(certificate.signature_hash_algorithm, _DIGESTS))
