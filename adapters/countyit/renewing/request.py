"""The request: three certificate requests, signed by the message-signing key that is to be followed."""

from datetime import datetime
from typing import Final

from adapters.countyit.renewing import nextkeys
from adapters.identity import Identity
from adapters.instants import to_millis
from adapters.settings import CountySettings
from certs import files, keys, signing
from schemas.renewing.files import RenewalRequest, SignedRequest

REQUEST: Final = "request.json"
ANSWER: Final = "answer.json"
CARD: Final = "card.json"


def ask(settings: CountySettings, identity: Identity, now: datetime) -> bytes:
    """Write the request into `renewal/`, the same one until it is answered. Raises E-CERT-…."""
    certificates = settings.certificates
    folder = certificates / nextkeys.NEXT
    files.make_private_folder(folder)
    with files.locked(folder):  # the node and a person's command may do this at once
        if not nextkeys.waiting(certificates):
            nextkeys.forget(certificates)
        kept = folder / REQUEST
        if not kept.exists():
            files.write_atomically(kept, _signed(settings, identity, now))
    data = files.read(kept)
    settings.renewal.mkdir(exist_ok=True)
    files.write_atomically(settings.renewal / REQUEST, data)
    return data


def asked(settings: CountySettings) -> bool:
    """Whether a request waits for its answer."""
    kept = settings.certificates / nextkeys.NEXT / REQUEST
    return kept.exists() and (settings.renewal / REQUEST).exists() and bool(nextkeys.waiting(settings.certificates))


def _signed(settings: CountySettings, identity: Identity, now: datetime) -> bytes:
    made = nextkeys.begin(settings.certificates)
    key, signer = identity.signer()
    body = RenewalRequest(
        division_code=settings.division_code,
        signer=keys.der(signer),
        requests={name: keys.make_request(each, settings.division_code).decode() for name, each in made.items()},
        made_at=to_millis(now),
    ).write()
    return SignedRequest(body, signing.sign(body, key=key, certificate=signer, typ=signing.Typ.RENEWAL)).write()
