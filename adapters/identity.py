"""The county's own keys and certificates, made where they stay, and the card by which it is enrolled at the hub.

`certs/` in the county's folder: `connection`, `signing` and `encryption`, each with `.key` and `.pem`; earlier
encryption keys as `encryption-….key` and `.pem`, kept because messages for them may still come; burnt ones as
`burnt-….pem`, of which only the certificate is left (`adapters.keyring`); `anchors.pem` (the transport root),
`seal-anchors.pem` (the roots of license seals), the storage keys under `storage/`, and under `next/` what is to follow
(`adapters.countyit.renewing`).
"""

import base64
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from adapters.countyit.joining import joined
from adapters.settings import CountySettings
from certs import keys, signing
from certs.atrest import AtRest
from certs.keys import Certificate, PrivateKey
from schemas import codec, releases
from schemas.conformance.result import SignedResult
from schemas.envelope import SUITE


@dataclass(slots=True, kw_only=True)
class Identity:
    """Everything secret that a running node holds, but for the seal key, which lives in a process of its own.

    Shared by all parts of a node, and renewed in place: whoever signs takes key and certificate together (`signer`).
    """

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
    _changing: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def signer(self) -> tuple[PrivateKey, Certificate]:
        """The key to sign with now and its own certificate."""
        with self._changing:
            return self.signing_key, self.signing_certificate

    def renew(self, fresh: "Identity") -> None:
        """Hold from now on what was read anew."""
        with self._changing:
            for each in fields(self):
                if each.init:
                    setattr(self, each.name, getattr(fresh, each.name))

    def is_whole(self) -> bool:
        """Whether the keys in use are those of the certificates in use: files are replaced one after the other."""
        opener = self.encryption_keys[keys.thumbprint(self.encryption_certificate)]
        pairs = ((self.signing_key, self.signing_certificate), (opener, self.encryption_certificate))
        return all(keys.public_key(certificate) == key.public_key() for key, certificate in pairs)

    @classmethod
    def load(cls, settings: CountySettings) -> Self:
        """Read the folder. Raises E-JOIN-063 before joining, E-CERT-… naming a file that cannot be used."""
        joined.require(settings)
        folder = settings.certificates
        storage = folder / "storage"
        encryption = [folder / "encryption.pem", *sorted(folder.glob("encryption-*.pem"))]
        follows = folder / "next" / "encryption.pem"
        encryption += [follows] if follows.exists() else []  # others may use it before we have changed over
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


def key_statement(
    identity: Identity, *, sequence: int, now: datetime, besides: Sequence[Certificate] = ()
) -> tuple[bytes, str]:
    """The signed statement of the keys others may encrypt to and the contract we read: (bytes, detached signature).

    `besides` are earlier certificates for which messages may still be on their way.
    """
    body = codec.encode(
        "KeyStatement",
        {
            "division_code": identity.division_code,
            "sequence": sequence,
            "suites": [SUITE],
            "encryption_certificates": [keys.der(each) for each in (identity.encryption_certificate, *besides)],
            "valid_from": now - timedelta(minutes=5),
            "valid_until": now + timedelta(days=365),
            "contract_versions": releases.readable(),
        },
    )
    key, certificate = identity.signer()
    return body, signing.sign(body, key=key, certificate=certificate, typ=signing.Typ.KEYS)


def card(
    settings: CountySettings,
    identity: Identity,
    *,
    now: datetime,
    challenge: bytes = b"",
    besides: Sequence[Certificate] = (),
    tested: SignedResult | None = None,
    renews: Path | None = None,
) -> str:
    """The county's card as JSON: public things only, for `hub county add`.

    `challenge` is the hub's, opened, on the card that ends a county's joining; `besides` as in `key_statement`;
    `tested` the county's newest result of `adapter test`, which a hub of before does not look at. One that an earlier
    key signed stays at home: that key may be no good any more, and the card would be refused with it. `renews` is the
    folder with the signing key that is enrolled, when this card brings another.

    Raises E-CERT-… for a key there that cannot be used.
    """
    # The sequence must rise with every statement, or an old one could be played back: minutes since 1970 do.
    statement, signature = key_statement(identity, sequence=int(now.timestamp()) // 60, now=now, besides=besides)
    connection = settings.certificates / "connection.pem"
    own = {"connection_certificate": keys.load_certificates(connection)[0]} if connection.exists() else {}
    proof = {"challenge": base64.b64encode(challenge).decode()} if challenge else {}
    if renews is not None:
        old, certificate = keys.load_private_key(renews / "signing.key"), keys.load_certificates(renews / "signing.pem")
        signed = signing.sign(statement, key=old, certificate=certificate[0], typ=signing.Typ.KEYS)
        proof["renewal_signature"] = signed
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
