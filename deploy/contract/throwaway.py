"""The keys, certificates and revocation lists of the test vectors: published, and therefore good for nothing else.

A key follows from its name, and signatures are deterministic (RFC 6979), so that vectors come out the same each time.
Certificates and lists were drawn once (`make`) and are read back from the file where they are published.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from certs import building, crl, keys
from certs.chain import TrustStore
from certs.keys import Certificate, PrivateKey, RevocationList
from certs.profiles import PROFILES, Role
from certs.signing import Typ
from deploy.contract.values import ISSUING, NOW, WINDOW, Json

_ORDER_P256: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DETERMINISTIC: Final = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
OTHER: Final = "340321"
"""A third county."""
MADE_AT: Final = NOW - timedelta(days=30)
REVOKED_AT: Final = NOW - timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    """One certificate to be made."""

    role: Role
    subject: str
    issuer: str = "issuing"
    trial: bool = True
    days: int | None = None
    hosts: tuple[str, ...] = ()


_LEAVES: Final[Mapping[str, _Leaf]] = {
    "broker": _Leaf(role=Role.BROKER, subject="hub.example", hosts=("hub.example",)),
    "hub_checkpoint": _Leaf(role=Role.HUB_CHECKPOINT, subject="hub"),
    "hub_signing": _Leaf(role=Role.HUB_SIGNING, subject="hub"),
    "window_connection": _Leaf(role=Role.COUNTY_CONNECTION, subject=WINDOW),
    "window_signing": _Leaf(role=Role.COUNTY_SIGNING, subject=WINDOW),
    "window_encryption": _Leaf(role=Role.COUNTY_ENCRYPTION, subject=WINDOW),
    "issuing_signing": _Leaf(role=Role.COUNTY_SIGNING, subject=ISSUING),
    "issuing_encryption": _Leaf(role=Role.COUNTY_ENCRYPTION, subject=ISSUING),
    "revoked_signing": _Leaf(role=Role.COUNTY_SIGNING, subject=OTHER),
    "expired_signing": _Leaf(role=Role.COUNTY_SIGNING, subject=OTHER, days=1),
    "production_signing": _Leaf(role=Role.COUNTY_SIGNING, subject=OTHER, trial=False),
    "foreign_signing": _Leaf(role=Role.COUNTY_SIGNING, subject=OTHER, issuer="foreign_issuing"),
}


def private_key(name: str) -> PrivateKey:
    """The key of a name: SHA-256 of `yunhuoban vector key ` and the name, as P-256's private number."""
    number = int.from_bytes(hashlib.sha256(f"yunhuoban vector key {name}".encode()).digest())
    return ec.derive_private_key(number % (_ORDER_P256 - 1) + 1, ec.SECP256R1())


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Everything that stands in `keys.json`."""

    certificates: Mapping[str, Certificate]
    lists: Mapping[str, RevocationList]

    @classmethod
    def make(cls) -> Self:
        """Draw new certificates and lists."""
        found: dict[str, Certificate] = {}
        for name, role, parent in (
            ("root", Role.ROOT, None),
            ("issuing", Role.ISSUING, "root"),
            ("foreign_root", Role.ROOT, None),
            ("foreign_issuing", Role.ISSUING, "foreign_root"),
        ):
            subject = f"Vector {name.replace('_', ' ')}"
            issuer, signer = (found[parent], private_key(parent)) if parent else (None, private_key(name))
            public = private_key(name).public_key()
            found[name] = building.sign(PROFILES[role], subject, public, issuer, signer, now=MADE_AT, trial=True)
        for name, leaf in _LEAVES.items():
            found[name] = building.sign(
                PROFILES[leaf.role],
                leaf.subject,
                private_key(name).public_key(),
                found[leaf.issuer],
                private_key(leaf.issuer),
                now=MADE_AT,
                trial=leaf.trial,
                days=leaf.days,
                alternatives=building.names(leaf.hosts, ()),
            )
        revoked = crl.Revocation(
            serial=found["revoked_signing"].serial_number, revoked_at=REVOKED_AT, reason=crl.Reason.KEY_COMPROMISE
        )
        root, issuing = private_key("root"), private_key("issuing")
        lists = {
            "root": crl.build(found["root"], root, (), number=1, now=MADE_AT, days=190),
            "issuing_before": crl.build(found["issuing"], issuing, (), number=1, now=MADE_AT, days=190),
            "issuing": crl.build(found["issuing"], issuing, [revoked], number=2, now=REVOKED_AT, days=14),
        }
        return cls(certificates=found, lists=lists)

    @classmethod
    def from_json(cls, published: Json) -> Self:
        """Read back what `to_json` gave."""
        certificates, lists = published["certificates"], published["revocation_lists"]
        return cls(
            certificates={
                name: keys.certificate_from_der(bytes.fromhex(each["der"])) for name, each in certificates.items()
            },
            lists={name: keys.crl_from_der(bytes.fromhex(each["der"])) for name, each in lists.items()},
        )

    def to_json(self) -> Json:
        """The file `keys.json`."""
        return {
            "about": "Throw-away P-256 keys by name, certificates of the same names, revocation lists of a trial.",
            "at": int(NOW.timestamp() * 1000),
            "keys": {name: _key_json(private_key(name)) for name in self.certificates},
            "certificates": {
                name: {
                    "subject": keys.subject(each),
                    "role": _LEAVES[name].role.value if name in _LEAVES else "authority",
                    "thumbprint": keys.thumbprint(each).hex(),
                    "der": keys.der(each).hex(),
                }
                for name, each in self.certificates.items()
            },
            "revocation_lists": {
                name: {"number": crl.number(each), "der": keys.crl_der(each).hex()} for name, each in self.lists.items()
            },
        }

    def chains(self, *names: str) -> TrustStore:
        """The trial network's trust, with these revocation lists."""
        lists = [self.lists[name] for name in names or ("root", "issuing")]
        return TrustStore([self.certificates["root"]], [self.certificates["issuing"]], lists, trial=True)

    def thumbprint(self, name: str) -> bytes:
        """Of the certificate of this name."""
        return keys.thumbprint(self.certificates[name])

    def sign(self, name: str, body: bytes, typ: Typ) -> str:
        """A detached JWS, written from the specification's words and not by the code that it is to test."""
        header = {"alg": "ES256", "typ": typ.value, "x5t#S256": b64url(self.thumbprint(name))}
        return token(name, json.dumps(header, separators=(",", ":")).encode(), body)


def token(name: str, header: bytes, body: bytes) -> str:
    """A detached JWS with any header."""
    part = b64url(header)
    r, s = decode_dss_signature(private_key(name).sign(f"{part}.{b64url(body)}".encode(), _DETERMINISTIC))
    return f"{part}..{b64url(r.to_bytes(32) + s.to_bytes(32))}"


def b64url(data: bytes) -> str:
    """RFC 4648 §5 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _key_json(key: PrivateKey) -> Json:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    return {
        "private": numbers.private_value.to_bytes(32).hex(),
        "x": public.x.to_bytes(32).hex(),
        "y": public.y.to_bytes(32).hex(),
    }
