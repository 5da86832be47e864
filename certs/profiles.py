"""Certificate profiles as data: one role per certificate, each with its own extended key usage (RFC 5280 §4.2).

Object identifiers. All of ours lie under one arc made from a random UUID. Of the two arcs that anybody may use that
way, 2.25.<UUID> (ITU-T X.667) is not usable here: its last arc has 128 bits, and Go's x509 package, therefore
Prometheus and other tools that must scrape the broker and the pages, refuses any certificate that holds an arc above
2^31 ("x509: invalid extended key usages"). Microsoft's 1.2.840.113556.1.8000.2554 takes the same UUID in seven pieces
of 16 and 24 bits, which everything reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.algorithms import KeyKind

# UUID 98f1c3bd-321e-4aaf-af51-ac8431173f8b, in pieces of 4, 4, 4, 4, 4, 6 and 6 hexadecimal digits
ARC: Final = "1.2.840.113556.1.8000.2554.39153.50109.12830.19119.44881.11306033.1523595"
TRIAL_OID: Final = f"{ARC}.2.1"
SERVER_AUTH: Final = ExtendedKeyUsageOID.SERVER_AUTH.dotted_string
CLIENT_AUTH: Final = ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string

# Shapes of common names. The broker's user is the CN, so a county can never be issued the hub's name.
_COUNTY: Final = r"[0-9]{6}"
_HUB: Final = r"hub"
_HOST: Final = r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?"
_NAME: Final = r"[^\x00-\x1f\x7f]{1,64}"


class Role(StrEnum):
    """What a certificate is for. A key is never used in two roles."""

    ROOT = "root"
    ISSUING = "issuing"
    BROKER = "broker"
    HUB_CONNECTION = "hub_connection"
    HUB_CHECKPOINT = "hub_checkpoint"
    HUB_SIGNING = "hub_signing"
    COUNTY_CONNECTION = "county_connection"
    COUNTY_SIGNING = "county_signing"
    COUNTY_ENCRYPTION = "county_encryption"
    PAGE = "page"
    HALL_ROOT = "hall_root"
    HALL_ISSUING = "hall_issuing"
    HALL_PAGE = "hall_page"
    SEAL_ROOT = "seal_root"
    SEAL_ISSUING = "seal_issuing"
    SEAL = "seal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a certificate of one role looks like. A certificate that differs in any of this has no role."""

    parent: Role | None
    """The role of its issuer; None for a root, which issues itself."""
    validity_days: int
    """The longest life; the issuer's own end may shorten it."""
    key_usage: frozenset[str]
    """Exactly these key usages, by the names of `cryptography.x509.KeyUsage`; the extension is critical."""
    subject_shape: str
    """Regular expression that the whole common name matches."""
    eku: str | None = None
    """Our own extended key usage, dotted. Authorities have none: one there would limit everything beneath."""
    tls_eku: frozenset[str] = frozenset()
    """TLS's own usages that must stand beside ours, because brokers and browsers ask for them. At an authority they
    limit what is beneath: browsers hold no certificate of it good for anything else (Baseline Requirements §7.1.5)."""
    path_length: int | None = None
    """How many authorities may follow; None: this is a leaf and no authority."""
    name_constrained: bool = False
    """Whether it must name the only hosts that certificates beneath it may be for, critical (RFC 5280 §4.2.1.10)."""
    needs_san: bool = False
    """Whether host names or addresses are required; where they are not required they are forbidden."""
    key_kind: KeyKind = KeyKind.P256
    """Of every new key; certificates with another kind stay good to their end (`certs.policy` says which kinds)."""
    renew_percent: int = 75
    """The part of its life after which its holder makes the next key: of 397 days, 99 are left to get it through."""
    warn_days: int = 30
    """So long before its end a person is told, every day: by then renewal should long have been done."""

    @property
    def is_authority(self) -> bool:
        """Whether it may sign certificates and revocation lists."""
        return self.path_length is not None

    @property
    def ekus(self) -> frozenset[str]:
        """The exact set of extended key usages."""
        return self.tls_eku | ({self.eku} if self.eku else frozenset())


_AUTHORITY: Final = frozenset({"key_cert_sign", "crl_sign"})
_SIGNATURE: Final = frozenset({"digital_signature"})


def _eku(number: int) -> str:
    return f"{ARC}.1.{number}"


SEAL_EKU: Final = _eku(20)

PROFILES: Final[Mapping[Role, Profile]] = MappingProxyType(
    {
        Role.ROOT: Profile(parent=None, validity_days=7300, key_usage=_AUTHORITY, path_length=1, subject_shape=_NAME),
        Role.ISSUING: Profile(
            parent=Role.ROOT, validity_days=3650, key_usage=_AUTHORITY, path_length=0, subject_shape=_NAME
        ),
        Role.BROKER: Profile(
            parent=Role.ISSUING,
            validity_days=397,
            key_usage=_SIGNATURE,
            eku=_eku(1),
            tls_eku=frozenset({SERVER_AUTH}),
            needs_san=True,
            subject_shape=_HOST,
        ),
        Role.HUB_CONNECTION: Profile(
            parent=Role.ISSUING,
            validity_days=397,
            key_usage=_SIGNATURE,
            eku=_eku(2),
            tls_eku=frozenset({CLIENT_AUTH}),
            subject_shape=_HUB,
        ),
        Role.HUB_CHECKPOINT: Profile(
            parent=Role.ISSUING, validity_days=397, key_usage=_SIGNATURE, eku=_eku(3), subject_shape=_HUB
        ),
        Role.HUB_SIGNING: Profile(
            parent=Role.ISSUING, validity_days=397, key_usage=_SIGNATURE, eku=_eku(4), subject_shape=_HUB
        ),
        Role.COUNTY_CONNECTION: Profile(
            parent=Role.ISSUING,
            validity_days=397,
            key_usage=_SIGNATURE,
            eku=_eku(5),
            tls_eku=frozenset({CLIENT_AUTH}),
            subject_shape=_COUNTY,
        ),
        Role.COUNTY_SIGNING: Profile(
            parent=Role.ISSUING, validity_days=397, key_usage=_SIGNATURE, eku=_eku(6), subject_shape=_COUNTY
        ),
        Role.COUNTY_ENCRYPTION: Profile(
            parent=Role.ISSUING,
            validity_days=397,
            key_usage=frozenset({"key_agreement"}),
            eku=_eku(7),
            subject_shape=_COUNTY,
        ),
        Role.PAGE: Profile(
            parent=Role.ISSUING,
            validity_days=397,
            key_usage=_SIGNATURE,
            eku=_eku(8),
            tls_eku=frozenset({SERVER_AUTH}),
            needs_san=True,
            subject_shape=f"{_HUB}|{_COUNTY}",
        ),
        # A county's own, for the pages of its hall, in whose browsers the root is put. Nothing else trusts them.
        Role.HALL_ROOT: Profile(
            parent=None,
            validity_days=3650,
            key_usage=frozenset({"key_cert_sign"}),
            path_length=1,
            name_constrained=True,
            subject_shape=_NAME,
        ),
        Role.HALL_ISSUING: Profile(
            parent=Role.HALL_ROOT,
            validity_days=3650,
            key_usage=frozenset({"key_cert_sign"}),
            tls_eku=frozenset({SERVER_AUTH}),
            path_length=0,
            name_constrained=True,
            subject_shape=_NAME,
        ),
        Role.HALL_PAGE: Profile(
            parent=Role.HALL_ISSUING,
            validity_days=397,
            key_usage=_SIGNATURE,
            eku=_eku(9),
            tls_eku=frozenset({SERVER_AUTH}),
            needs_san=True,
            subject_shape=_COUNTY,
        ),
        Role.SEAL_ROOT: Profile(
            parent=None, validity_days=7300, key_usage=_AUTHORITY, path_length=1, subject_shape=_NAME
        ),
        Role.SEAL_ISSUING: Profile(
            parent=Role.SEAL_ROOT, validity_days=3650, key_usage=_AUTHORITY, path_length=0, subject_shape=_NAME
        ),
        # Non-repudiation only: a key for signing messages can never pass as the key of a seal, nor the other way.
        Role.SEAL: Profile(
            parent=Role.SEAL_ISSUING,
            validity_days=1095,
            key_usage=frozenset({"content_commitment"}),
            eku=SEAL_EKU,
            subject_shape=_NAME,
        ),
    }
)

ROLE_BY_EKU: Final[Mapping[str, Role]] = MappingProxyType(
    {profile.eku: role for role, profile in PROFILES.items() if profile.eku}
)

TRIAL_EXTENSION: Final = ObjectIdentifier(TRIAL_OID)
