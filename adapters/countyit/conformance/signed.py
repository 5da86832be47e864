"""The county's result as a file, signed where the signing key stays and kept beside `county.toml`."""

from datetime import datetime

from adapters.countyit.conformance import parts
from adapters.countyit.conformance.expiry import FILE
from adapters.countyit.conformance.suite import Conformance
from adapters.identity import Identity
from adapters.local.mapping import load_mapping
from adapters.settings import CountySettings
from certs import files, signing
from schemas.conformance.result import SignedResult


def keep(settings: CountySettings, identity: Identity, found: Conformance, now: datetime) -> SignedResult:
    """Sign what was found and keep it in the county's folder. Raises E-CERT-… for keys that are no pair."""
    items = parts.items_of(load_mapping(settings.mapping), [each.service_item for each in settings.offers])
    body = found.result(items, now).to_bytes()
    typ = signing.Typ.CONFORMANCE
    signature = signing.sign(body, key=identity.signing_key, certificate=identity.signing_certificate, typ=typ)
    signed = SignedResult(body, signature)
    files.write_atomically(settings.folder / FILE, signed.to_file())
    return signed
