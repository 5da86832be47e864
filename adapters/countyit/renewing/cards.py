"""The card of a county that is changing over: its new certificates, signed by the new key, the old encryption key too.

What is on its way for the old key when the hub learns of the new one is admitted and opened as before; senders use the
first that is stated.
"""

import dataclasses
from datetime import datetime
from pathlib import Path

from adapters.countyit.conformance import expiry
from adapters.countyit.renewing import nextkeys
from adapters.identity import Identity, card
from adapters.settings import CountySettings
from certs import keys


def current(settings: CountySettings, identity: Identity, *, now: datetime, renews: Path | None = None) -> str:
    """The card to hand in now: of the new certificates once they are here, else of those in use.

    `renews` is the folder with the enrolled signing key, where a person has put another in its place.
    """
    if nextkeys.installed(settings.certificates):
        return renewed(settings, identity, now=now)
    return card(settings, identity, now=now, tested=expiry.held(settings.folder), renews=renews)


def renewed(settings: CountySettings, identity: Identity, *, now: datetime) -> str:
    """The card of the new certificates. Raises E-CERT-…."""
    folder = settings.certificates
    old = identity.encryption_certificate
    follows = dataclasses.replace(
        identity,
        signing_key=keys.load_private_key(folder / nextkeys.NEXT / "signing.key"),
        signing_certificate=nextkeys.certificate(folder, "signing"),
        encryption_certificate=nextkeys.certificate(folder, "encryption"),
    )
    besides = [old] if old.not_valid_after_utc > now else []
    tested = expiry.held(settings.folder)
    return card(settings, follows, now=now, besides=besides, tested=tested, renews=folder)
