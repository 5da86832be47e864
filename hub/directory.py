"""The directory: one hub-signed record of counties, keys, items and revocation lists, put into every inbox.

A sender encrypts only for a key in an unexpired directory, and refuses an older serial than it has seen.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from certs import keys, signing
from certs.keys import Certificate, PrivateKey
from hub import trust
from hub.instants import from_millis, to_millis
from hub.store import tables
from schemas import codec, topology

KIND: Final = "directory.published"
LIFE: Final = timedelta(days=7)
RENEW_BEFORE_END: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryIssuer:
    """The hub's signing key and what every directory repeats."""

    key: PrivateKey
    certificate: Certificate
    transport_certificates: Sequence[Certificate]
    hub_certificates: Sequence[Certificate]
    seal_certificates: Sequence[Certificate]
    seal_crls: Sequence[bytes]

    def publish(self, tx: Connection, now: datetime, serial: int) -> None:
        """Sign a directory with this serial and queue it for every active county."""
        body = codec.encode("Directory", self._record(tx, now, serial))
        signature = signing.sign(body, key=self.key, certificate=self.certificate, typ=signing.Typ.DIRECTORY)
        tx.execute(
            insert(tables.directories).values(
                serial=serial,
                body=body,
                signature=signature,
                issued_at=to_millis(now),
                expires_at=to_millis(now + LIFE),
            )
        )
        # An older one that did not go out yet need not go out any more.
        older = (tables.outgoing.c.type == KIND, tables.outgoing.c.done.is_(False))
        tx.execute(update(tables.outgoing).where(*older).values(done=True))
        active = tx.execute(
            select(tables.counties.c.division_code).where(tables.counties.c.state == "active")
        ).scalars()
        for county in active:
            tx.execute(
                insert(tables.outgoing).values(
                    message_id=_message_id(serial, county),
                    destination=county,
                    queue=topology.county_inbox(county),
                    type=KIND,
                    body=body,
                    signature=signature,
                    made_at=to_millis(now),
                    done=False,
                )
            )

    def _record(self, tx: Connection, now: datetime, serial: int) -> dict[str, Any]:
        certificates = tx.execute(select(tables.county_certificates)).all()
        counties = tx.execute(select(tables.counties).order_by(tables.counties.c.division_code)).all()
        crls = tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars()
        return {
            "serial": serial,
            "issued_at": now,
            "expires_at": now + LIFE,
            "counties": [_county(row, certificates) for row in counties],
            "offers": [
                {
                    "county": row.county,
                    "service_item": row.service_item,
                    "name": row.name,
                    "greatest_state_age_seconds": row.greatest_state_age_seconds,
                }
                for row in tx.execute(
                    select(tables.offers).order_by(tables.offers.c.county, tables.offers.c.service_item)
                )
            ],
            "transport_certificates": [keys.der(each) for each in self.transport_certificates],
            "crls": list(crls),
            "hub_certificates": [keys.der(each) for each in self.hub_certificates],
            "seal_certificates": [keys.der(each) for each in self.seal_certificates],
            "seal_crls": list(self.seal_crls),
            "notices": [],
        }


def publish_if_due(tx: Connection, issuer: DirectoryIssuer, now: datetime) -> int | None:
    """Publish when trust has changed since the newest directory, or it is about to end; returns the new serial."""
    trust.lock(tx)
    row = newest(tx)
    if row is not None and from_millis(row.expires_at) - now < RENEW_BEFORE_END:
        trust.bump(tx)  # a new serial without another reason
    current = trust.counter(tx)
    if row is not None and row.serial >= current:
        return None
    issuer.publish(tx, now, current)
    return current


def newest(tx: Connection) -> Any:
    """The newest directory's row, or None."""
    return tx.execute(select(tables.directories).order_by(tables.directories.c.serial.desc()).limit(1)).one_or_none()


def _message_id(serial: int, county: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"directory:{serial}:{county}"))


def _county(row: Any, certificates: Sequence[Any]) -> dict[str, Any]:
    return {
        "division_code": row.division_code,
        "name": row.name,
        "authority_name": row.authority_name,
        "authority_code": row.authority_code,
        "state": row.state,
        "signing_certificates": [
            each.der
            for each in certificates
            if (each.division_code, each.role) == (row.division_code, "county_signing")
        ],
        "key_statement": row.key_statement,
        "key_statement_signature": row.key_statement_signature,
        "halls": row.halls.split(),
        "contact": row.contact,
        "telephone": row.telephone,
    }
