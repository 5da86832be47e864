"""The answer file: signed by the hub, for one request, with all that the county needs, or with the reason why not.

Each answer bears a new challenge, encrypted to the certificate that was issued for the county's encryption key; only
the newest answer's counts. Whoever returns it opened holds that key: a certificate request proves possession of the
three keys when it is made, but a key for key agreement signs only that once.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from certs import encryption, files, keys, signing
from certs.keys import Certificate, PrivateKey
from hub.bootstrap import Hub
from hub.instants import to_millis
from hub.joining import certificates
from hub.joining.invitations import State, change, reason
from hub.joining.requests import accepted
from schemas.errors import YunhuobanError, declare
from schemas.joining.files import APPROVED, REFUSED, ROLES, Answer, Sealed

NOT_READY: Final = declare(
    "E-JOIN-034", "三张证书还没有收到，不能答复。", "请先用 hub county certificates 交入签发的证书。"
)
_CHALLENGE_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every answer of this hub holds, and with what it is signed."""

    key: PrivateKey
    signer: Sequence[Certificate]
    """Signing certificate, issuing certificate, transport root."""
    crls: Sequence[bytes]
    seal_anchors: Sequence[Certificate]
    urls: Sequence[str]
    server_hostname: str
    vhost: str


def desk(hub: Hub, *, urls: Sequence[str] = (), server_hostname: str = "") -> Desk:
    """From the hub's folder; without `urls` what the settings say, or the broker's own address.

    Raises E-CERT-001 naming a missing file.
    """
    folder, broker, told = hub.settings.certificates, hub.settings.broker, hub.settings.joining
    leaf = hub.keys.grants.certificate
    seals = keys.load_certificates(folder / "seal-certificates.pem")
    return Desk(
        key=hub.keys.grants.key,
        signer=[leaf, issuer(leaf, hub.keys.issuing), root(hub)],
        crls=[files.read(path) for path in sorted((folder / "crl").glob("*.crl"))],
        seal_anchors=[each for each in seals if each.issuer == each.subject],
        urls=urls or told.urls or [f"{broker.host}:{broker.amqps_port}"],
        server_hostname=server_hostname or told.server_hostname or broker.host,
        vhost=broker.vhost,
    )


def root(hub: Hub) -> Certificate:
    """The transport root over the hub's own certificates, whose fingerprint goes out with an invitation."""
    return issuer(issuer(hub.keys.grants.certificate, hub.keys.issuing), hub.keys.anchors)


def issuer(certificate: Certificate, among: Sequence[Certificate]) -> Certificate:
    """By name: whether it signed is for the county to check. With one to choose from there is no choice."""
    return next((each for each in among if each.subject == certificate.issuer), among[0])


def answer(tx: Connection, county: str, desk: Desk, *, now: datetime) -> bytes:
    """The answer file to the newest request. Raises E-JOIN-011 or E-JOIN-034."""
    row, request = accepted(tx, county, State.APPROVED, State.REFUSED)
    granted = row.state == State.APPROVED
    chains = certificates.kept(row) if granted else {role: [] for role in ROLES}
    if not chains:
        raise YunhuobanError(NOT_READY)
    challenge, commitment, secret = b"", b"", secrets.token_bytes(_CHALLENGE_BYTES)
    if granted:
        prepared = encryption.prepare(secret)
        recipient = keys.certificate_from_der(chains["encryption"][0])
        challenge, commitment = encryption.encrypt(prepared, recipient, row.request_sha256), prepared.commitment
    body = Answer(
        request_id=request.request_id,
        request_sha256=row.request_sha256,
        division_code=county,
        outcome=APPROVED if granted else REFUSED,
        reason=reason(row),
        signer=[keys.der(each) for each in desk.signer],
        crls=desk.crls,
        issued_at=to_millis(now),
        chains=chains,
        seal_anchors=[keys.der(each) for each in desk.seal_anchors] if granted else [],
        urls=desk.urls if granted else [],
        server_hostname=desk.server_hostname,
        vhost=desk.vhost,
        challenge=challenge,
        commitment=commitment,
    ).write()
    signature = signing.sign(body, key=desk.key, certificate=desk.signer[0], typ=signing.Typ.JOIN)
    file = Sealed(body, signature).write("signature")
    if granted:
        change(tx, row, now=now, act="answered", challenge_sha256=hashlib.sha256(secret).digest(), answer=file)
    return file
