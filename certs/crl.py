"""Certificate revocation lists: made, read, and laid out for the broker (RFC 5280 §5).

A list is only believed with a CRL number (§5.2.3), so that an older list can never take the place of a newer one.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import crypto

from certs import files
from certs.algorithms import digest_for
from certs.keys import PARSING_FAILURES, Certificate, PrivateKey, RevocationList, crl_from_der
from schemas.errors import YunhuobanError, declare

LATE_DAYS: Final = 2.0
_DAILY_LIFE: Final = timedelta(days=30)
"""A list that lives longer is not one that is published every day."""
BACKDATED: Final = timedelta(minutes=5)
"""How long before its issue a certificate or list already holds, for clocks that are slow."""

REVOCATION_LIST_FOREIGN: Final = declare(
    "E-CERT-020", "吊销列表不是由我们信任的发证机构签发的。", "请核对吊销列表的来源；不要手工改动它。"
)
REVOCATION_LIST_WITHOUT_NUMBER: Final = declare(
    "E-CERT-021", "吊销列表缺少编号、有效期，或带有不认识的关键扩展。", "请向发证机构索取按规范签发的吊销列表。"
)


class Reason(StrEnum):
    """Why a certificate is revoked (RFC 5280 §5.3.1; those that a leaf of ours can have)."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """One line of a list."""

    serial: int
    revoked_at: datetime
    reason: Reason


def build(
    issuer: Certificate, key: PrivateKey, revocations: Iterable[Revocation], *, number: int, now: datetime, days: int
) -> RevocationList:
    """Sign a list that holds for `days` from `now`, with the given CRL number."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now.astimezone(UTC) - BACKDATED)
        .next_update(now.astimezone(UTC) + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    for revocation in revocations:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(revocation.serial)
            .revocation_date(revocation.revoked_at.astimezone(UTC))
        )
        if revocation.reason is not Reason.UNSPECIFIED:  # RFC 5280 §5.3.1: leave it out rather than say unspecified
            flag = x509.ReasonFlags[revocation.reason.value]
            entry = entry.add_extension(x509.CRLReason(flag), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, digest_for(key))


def number(crl: RevocationList) -> int:
    """The CRL number. Raises REVOCATION_LIST_WITHOUT_NUMBER."""
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (x509.ExtensionNotFound, *PARSING_FAILURES) as error:
        raise YunhuobanError(REVOCATION_LIST_WITHOUT_NUMBER) from error


def next_update_at(crl: RevocationList) -> datetime:
    """Until when the list speaks. Raises REVOCATION_LIST_WITHOUT_NUMBER when it does not say."""
    if crl.next_update_utc is None:
        raise YunhuobanError(REVOCATION_LIST_WITHOUT_NUMBER, place="nextUpdate")
    return crl.next_update_utc


def age_days(crl: RevocationList, *, now: datetime) -> float:
    """How long ago the list was issued, in days."""
    return (now - crl.last_update_utc - BACKDATED) / timedelta(days=1)


def is_late(crl: RevocationList, *, now: datetime) -> bool:
    """Whether people are to be told, long before its end: a newer one should have come.

    A list of the issuing key is published daily and lives 14 days; the root's, whose key is in a safe, twice a year.
    """
    ends = next_update_at(crl)
    if ends - crl.last_update_utc > _DAILY_LIFE:
        return ends - now < _DAILY_LIFE
    return age_days(crl, now=now) >= LATE_DAYS


def is_signed_by(crl: RevocationList, issuer: Certificate) -> bool:
    """Whether the list bears the issuer's name and signature."""
    try:
        key = issuer.public_key()
        if crl.issuer != issuer.subject or not isinstance(key, (ec.EllipticCurvePublicKey, rsa.RSAPublicKey)):
            return False
        return crl.is_signature_valid(key)
    except (*PARSING_FAILURES, InvalidSignature):
        return False


def revokes(crl: RevocationList, certificate: Certificate) -> bool:
    """Whether this list names the certificate."""
    return (
        crl.issuer == certificate.issuer
        and crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
    )


def has_plain_scope(crl: RevocationList) -> bool:
    """Whether the list is complete: no delta, no partition, no extension that must be understood and is not."""
    try:
        return not any(extension.critical for extension in crl.extensions)
    except PARSING_FAILURES:
        return False


def load(path: Path) -> RevocationList:
    """Read one list in DER. Raises FILE_UNREADABLE or REVOCATION_LIST_MALFORMED."""
    return crl_from_der(files.read(path))


def write_hashed_crls(
    folder: Path, authority_certs: Sequence[Certificate], crls: Sequence[RevocationList]
) -> list[Path]:
    """Write the lists as the broker's `ssl_crl_hash_dir` wants them: PEM in `<OpenSSL subject hash>.r0`.

    Each file is replaced in one step, so that a broker never sees half a list (a missing one refuses everybody).
    Raises REVOCATION_LIST_FOREIGN before anything is written, when a list is signed by none of the authorities.
    """
    named: list[tuple[str, RevocationList]] = []
    for crl in crls:
        issuer = next((certificate for certificate in authority_certs if is_signed_by(crl, certificate)), None)
        if issuer is None:
            raise YunhuobanError(REVOCATION_LIST_FOREIGN)
        named.append((f"{crypto.X509.from_cryptography(issuer).subject_name_hash():08x}", crl))
    with contextlib.suppress(FileExistsError):
        folder.mkdir(parents=True)
    written: list[Path] = []
    for stem in sorted({stem for stem, _ in named}):
        own = [crl for other, crl in named if other == stem]
        for position, crl in enumerate(own):
            path = folder / f"{stem}.r{position}"
            files.write_atomically(path, crl.public_bytes(Encoding.PEM))
            written.append(path)
        for path in folder.glob(f"{stem}.r*"):
            if path not in written:
                path.unlink()  # of an earlier, longer set
    return written
