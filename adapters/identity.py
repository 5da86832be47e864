"""The county's own keys and certificates, made where they stay, and the card by which it is enrolled at the hub.

`certs/` in the county's folder: `connection`, `signing` and `encryption`, each with `.key` and `.pem`; earlier
encryption keys as `encryption-….key` and `.pem`, kept because messages for them may still come; burnt ones as
`burnt-….pem`, of which only the certificate is left (`adapters.keyring`); `anchors.pem` (the transport root),
`seal-anchors.pem` (the roots of license seals), and the storage keys under `storage/`.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from adapters.settings import CountySettings
from certs import keys, signing
from certs.atrest import AtRest
from certs.keys import Certificate, PrivateKey
from schemas import codec, releases
from schemas.conformance.result import SignedResult
from schemas.envelope import SUITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Everything secret that a running node holds, but for the seal key, which lives in a process of its own."""

    division_code: str
    signing_key: PrivateKey
    signing_certificate: Certificate
    encryption_certificate: Certificate
    """The one that others are to use from now on."""
    encryption_keys: Mapping[bytes, PrivateKey]
    """Every key that messages may still be encrypted for, by its certificate's thumbprint."""
    burnt: frozenset[bytes]
    """Thumbprints of encryption certificates whose key was destroyed: what is encrypted for them is asked for anew."""
    anchors: Sequence[Certificate]
    seal_anchors: Sequence[Certificate]
    storage: AtRest

    @classmethod
    def load(cls, settings: CountySettings) -> Self:
        """Read the folder. Raises E-CERT-… naming the file that is missing or cannot be used."""
        folder = settings.certificates
        storage = folder / "storage"
        encryption = [folder / "encryption.pem", *sorted(folder.glob("encryption-*.pem"))]
        return cls(
            division_code=settings.division_code,
            signing_key=keys.load_private_key(folder / "signing.key"),
            signing_certificate=keys.load_certificates(folder / "signing.pem")[0],
            encryption_certificate=keys.load_certificates(encryption[0])[0],
            encryption_keys={
                keys.thumbprint(keys.load_certificates(each)[0]): keys.load_private_key(each.with_suffix(".key"))
                for each in encryption
            },
            burnt=frozenset(keys.thumbprint(keys.load_certificates(each)[0]) for each in folder.glob("burnt-*.pem")),
            anchors=keys.load_certificates(folder / "anchors.pem"),
            seal_anchors=keys.load_certificates(folder / "seal-anchors.pem"),
            storage=AtRest(storage) if storage.exists() else AtRest.create(storage),
        )


def key_statement(identity: Identity, *, sequence: int, now: datetime) -> tuple[bytes, str]:
    """The signed statement of the keys others may encrypt to and the contract we read: (bytes, detached signature)."""
    body = codec.encode(
        "KeyStatement",
        {
            "division_code": identity.division_code,
            "sequence": sequence,
            "suites": [SUITE],
            "encryption_certificates": [keys.der(identity.encryption_certificate)],
            "valid_from": now - timedelta(minutes=5),
            "valid_until": now + timedelta(days=365),
            "contract_versions": releases.readable(),
        },
    )
    signature = signing.sign(
        body, key=identity.signing_key, certificate=identity.signing_certificate, typ=signing.Typ.KEYS
    )
    return body, signature


def card(
    settings: CountySettings,
    identity: Identity,
    *,
    now: datetime,
    challenge: bytes = b"",
    tested: SignedResult | None = None,
) -> str:
    """The county's card as JSON: public things only, for `hub county add`.

    `challenge` is the hub's, opened, on the card that ends a county's joining; `tested` the county's newest result of
    `adapter test`, which a hub of before does not look at. One that an earlier key signed stays at home: that key may
    be no good any more, and the card would be refused with it.
    """
    # The sequence must rise with every statement, or an old one could be played back: minutes since 1970 do.
    statement, signature = key_statement(identity, sequence=int(now.timestamp()) // 60, now=now)
    connection = settings.certificates / "connection.pem"
    own = {"connection_certificate": keys.load_certificates(connection)[0]} if connection.exists() else {}
    proof = {"challenge": base64.b64encode(challenge).decode()} if challenge else {}
    return json.dumps(
        {name: base64.b64encode(keys.der(each)).decode() for name, each in own.items()}
        | proof
        | ({"conformance": tested.to_json()} if tested is not None and _by_this_key(tested, identity) else {})
        | {
            "division_code": settings.division_code,
            "name": settings.name,
            "authority_name": settings.authority.name,
            "authority_code": settings.authority.code,
            "halls": [settings.station.hall],
            "contact": settings.contact,
            "telephone": settings.telephone,
            "signing_certificate": base64.b64encode(keys.der(identity.signing_certificate)).decode(),
            "key_statement": base64.b64encode(statement).decode(),
            "key_statement_signature": signature,
            "offers": [{"service_item": each.service_item, "name": each.name} for each in settings.offers],
        },
        ensure_ascii=False,
        indent=2,
    )


def _by_this_key(tested: SignedResult, identity: Identity) -> bool:
    named = signing.read_header(tested.signature).thumbprint
    return named == keys.thumbprint(identity.signing_certificate)
