"""The hub's own certificates, those before the last renewal among them: old signatures are checked with old keys."""

from sqlalchemy import Connection, select

from certs import keys as certificates
from hub.bootstrap import Keys
from hub.store import tables
from schemas import directory as form


def find(tx: Connection, keys: Keys, thumbprint: bytes) -> bytes | None:
    """The DER of one certificate of the hub, of now or from a directory that published it; None when there is none."""
    for each in (keys.checkpoint.certificate, keys.grants.certificate, *keys.directory.hub_certificates):
        if certificates.thumbprint(each) == thumbprint:
            return certificates.der(each)
    entries = tables.directory_entries.c
    found = tx.execute(
        select(entries.value).where(entries.key == f"{form.HUB_CERTIFICATE}/{thumbprint.hex()}")
    ).scalar()
    return None if found is None else bytes(found)
