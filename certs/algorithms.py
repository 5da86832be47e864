"""The kinds of keys that exist here, as data: curve, and the digest that signatures of such a key are made with.

A profile names its kind (`certs.profiles`); everything that makes, reads or judges a key asks this table. A further
kind is a row here once `cryptography` has its curve (SM2 is not among them in the version that is locked). What travels
in messages is fixed by the released contract: message signatures are ES256, payloads are encrypted by `p256-1`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


class KeyKind(StrEnum):
    """By the names that standards give the curves."""

    P256 = "P-256"
    P384 = "P-384"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What a kind of key stands for."""

    curve: ec.EllipticCurve
    digest: hashes.SHA256 | hashes.SHA384
    """As strong as the curve (FIPS 186-5 §6.1.1)."""


ALGORITHMS: Final[Mapping[KeyKind, Algorithm]] = MappingProxyType(
    {
        KeyKind.P256: Algorithm(ec.SECP256R1(), hashes.SHA256()),
        KeyKind.P384: Algorithm(ec.SECP384R1(), hashes.SHA384()),
    }
)
CONTRACT_KIND: Final = KeyKind.P256
"""Of ES256 and of the HPKE suite `p256-1`."""


def kind_of(key: object) -> KeyKind | None:
    """The kind of a private or public key; None for every key that may not be used here."""
    if not isinstance(key, (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey)):
        return None
    return next((kind for kind, each in ALGORITHMS.items() if each.curve.name == key.curve.name), None)


def digest_for(key: ec.EllipticCurvePrivateKey) -> hashes.SHA256 | hashes.SHA384:
    """What a signature of this key is made over."""
    return next(each.digest for each in ALGORITHMS.values() if each.curve.name == key.curve.name)
