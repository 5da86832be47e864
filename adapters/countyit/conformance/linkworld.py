"""A county and its partners for a few seconds: keys that nobody keeps, a directory, and a store as the node's own.

Everything is what the running node uses (authority, directory, outbox, store); only names and keys are made here and
end with the scratch folder.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.directory import directories
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity, key_statement
from adapters.store import Store, open_store
from certs import keys, signing
from certs.atrest import AtRest
from certs.authority import Authority
from certs.keys import Certificate, PrivateKey
from certs.profiles import Role
from schemas import codec
from schemas import directory as form
from schemas.messages import HUB

_SERIAL: Final = 1
_STATE_AGE_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWorld:
    """The county's identity, its store with the directory in it, and the partner's store."""

    identity: Identity
    own: Store
    partner: Store
    directory: DirectoryView

    def close(self) -> None:
        """Close both stores."""
        self.own.close()
        self.partner.close()


def build(scratch: Path, county: str, offers: Sequence[tuple[str, str]], now: datetime) -> LinkWorld:
    """Make it. `offers` are what partners decide: (division code, service item)."""
    born = now - timedelta(days=1)
    authority = Authority.create(scratch / "authority", kind="transport", trial=True, now=born, name="adapter test")
    hub_key, hub_certificate = _issue(authority, Role.HUB_SIGNING, HUB, born)
    identities = {code: _identity(authority, scratch, code, born) for code in {county, *(code for code, _ in offers)}}
    entries = _entries(authority, hub_certificate, identities, offers, now)
    body = codec.encode("Directory", _record(entries, now))
    typ = signing.Typ.DIRECTORY
    signature = signing.sign(body, key=hub_key, certificate=hub_certificate, typ=typ)
    empty, own = scratch / "partner.sqlite", scratch / "own.sqlite"
    open_store(f"sqlite:///{empty}").close()
    shutil.copy(empty, own)
    store = open_store(f"sqlite:///{own}")
    anchors = identities[county].anchors
    with store.write() as tx:
        directories.accept(tx, body, signature, anchors=anchors, trial=True, now=now)
    with store.read() as tx:
        view = directories.CurrentDirectory(identities[county], trial=True).demand(tx)
    return LinkWorld(
        identity=identities[county], own=store, partner=open_store(f"sqlite:///{empty}"), directory=view
    )  # fmt: skip


def _identity(authority: Authority, scratch: Path, code: str, born: datetime) -> Identity:
    signing_key, signing_certificate = _issue(authority, Role.COUNTY_SIGNING, code, born)
    encryption_key, encryption_certificate = _issue(authority, Role.COUNTY_ENCRYPTION, code, born)
    return Identity(
        division_code=code,
        signing_key=signing_key,
        signing_certificate=signing_certificate,
        encryption_certificate=encryption_certificate,
        encryption_keys={keys.thumbprint(encryption_certificate): encryption_key},
        burnt=frozenset(),
        anchors=[authority.root],
        seal_anchors=[],
        storage=AtRest.create(scratch / f"storage-{code}"),
    )


def _issue(authority: Authority, role: Role, subject: str, born: datetime) -> tuple[PrivateKey, Certificate]:
    key = keys.generate_key()
    return key, authority.issue(role, subject, key.public_key(), now=born)


def _entries(
    authority: Authority,
    hub: Certificate,
    identities: Mapping[str, Identity],
    offers: Sequence[tuple[str, str]],
    now: datetime,
) -> dict[str, bytes]:
    values = [
        (form.ISSUING, keys.der(authority.issuing)),
        (form.HUB_CERTIFICATE, keys.der(hub)),
        *((form.REVOCATION_LIST, keys.crl_der(each)) for each in authority.publish_crls(now=now)),
    ]
    found = {form.digest_key(kind, der): der for kind, der in values}
    for code, identity in identities.items():
        found[form.county_key(code)] = codec.encode("CountyEntry", _county(code, identity, now))
    for code, item in offers:
        offer = {
            "county": code, "service_item": item, "name": "adapter test",
            "greatest_state_age_seconds": _STATE_AGE_SECONDS,
        }  # fmt: skip
        found[form.offer_key(code, item)] = codec.encode("Offer", offer)
    return found


def _county(code: str, identity: Identity, now: datetime) -> dict[str, Any]:
    statement, signature = key_statement(identity, sequence=_SERIAL, now=now)
    return {
        "division_code": code,
        "name": code,
        "authority_name": code,
        "authority_code": "11140881MB0000000U",
        "state": "active",
        "signing_certificates": [keys.der(identity.signing_certificate)],
        "key_statement": statement,
        "key_statement_signature": signature,
        "halls": [f"{code}-01"],
        "contact": "",
        "telephone": "",
    }


def _record(entries: Mapping[str, bytes], now: datetime) -> dict[str, Any]:
    return {
        "serial": _SERIAL,
        "since": 0,
        "part": 1,
        "parts": 1,
        "issued_at": now,
        "expires_at": now + timedelta(days=1),
        "state_sha256": form.state_digest({key: form.value_digest(value) for key, value in entries.items()}),
        "entries": [{"key": key, "value": value} for key, value in entries.items()],
        "removed": [],
    }
