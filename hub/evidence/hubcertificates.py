"""The hub's own certificates, those before the last renewal among them: old signatures are checked with old keys."""

import hashlib

from sqlalchemy import Connection, select

from certs import keys as certificates
from hub.bootstrap import Keys
from hub.store import tables
from schemas import codec


def find(tx: Connection, keys: Keys, thumbprint: bytes) -> bytes | None:
    """The DER of one certificate of the hub, of now or from a directory that published it; None when there is none."""
    for each in (keys.checkpoint.certificate, keys.grants.certificate, *keys.directory.hub_certificates):
        if certificates.thumbprint(each) == thumbprint:
            return certificates.der(each)
    table = tables.directories
    for body in tx.execute(select(table.c.body).order_by(table.c.serial.desc())).scalars():
        for der in codec.decode(body, "Directory")["hub_certificates"]:
            if hashlib.sha256(der).digest() == thumbprint:
                return bytes(der)
    return None
