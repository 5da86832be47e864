"""One certificate, built exactly as its profile says (RFC 5280 §4.1 and §4.2)."""

import ipaddress
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509

from certs import crl, keys
from certs.algorithms import digest_for
from certs.keys import Certificate, PrivateKey, PublicKey
from certs.profiles import TRIAL_EXTENSION, Profile
from schemas.errors import YunhuobanError, declare

_TRIAL_VALUE: Final = b"\x05\x00"  # ASN.1 NULL: the presence of the extension is the message

HOST_NAMES_REFUSED: Final = declare(
    "E-CERT-034", "主机名或地址不符合该用途的规定。", "broker 和 page 证书须写主机名或地址，其他证书不得写。"
)


def sign(
    profile: Profile,
    subject: str,
    public_key: PublicKey,
    issuer: Certificate | None,
    issuer_key: PrivateKey,
    *,
    now: datetime,
    trial: bool,
    alternatives: Sequence[x509.GeneralName] = (),
    constraints: x509.NameConstraints | None = None,
    days: int | None = None,
) -> Certificate:
    """Build a certificate exactly as its profile says; `issuer` None makes it self-signed."""
    start = now.astimezone(UTC) - crl.BACKDATED
    end = now.astimezone(UTC) + timedelta(days=days or profile.validity_days)
    name = keys.common_name(subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(min(end, issuer.not_valid_after_utc) if issuer else end)
        .add_extension(x509.BasicConstraints(ca=profile.is_authority, path_length=profile.path_length), critical=True)
        .add_extension(_key_usage(profile), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if profile.ekus:
        usages = [x509.ObjectIdentifier(eku) for eku in sorted(profile.ekus)]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if constraints is not None:
        builder = builder.add_extension(constraints, critical=True)
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    if trial:
        # Not critical: a TLS library that does not know it would refuse every trial connection.
        builder = builder.add_extension(x509.UnrecognizedExtension(TRIAL_EXTENSION, _TRIAL_VALUE), critical=False)
    return builder.sign(issuer_key, digest_for(issuer_key))


def _key_usage(profile: Profile) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature="digital_signature" in profile.key_usage,
        content_commitment="content_commitment" in profile.key_usage,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement="key_agreement" in profile.key_usage,
        key_cert_sign="key_cert_sign" in profile.key_usage,
        crl_sign="crl_sign" in profile.key_usage,
        encipher_only=False,
        decipher_only=False,
    )


def names(dns: Sequence[str], addresses: Sequence[str]) -> list[x509.GeneralName]:
    """Host names as lower-case ASCII and addresses as such. Raises HOST_NAMES_REFUSED; wildcards are refused."""
    alternatives: list[x509.GeneralName] = []
    for host in dns:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", host):
            raise YunhuobanError(HOST_NAMES_REFUSED, place="dns")
        alternatives.append(x509.DNSName(host))
    try:
        alternatives.extend(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses)
    except ValueError as error:
        raise YunhuobanError(HOST_NAMES_REFUSED, place="addresses") from error
    return alternatives
