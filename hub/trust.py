"""What admission believes at one moment: enrolled counties, their certificates and keys, offers, revocation lists.

A snapshot, loaded again when the counter `trust` has moved. Every batch reads that counter, so a suspension or a
revocation takes effect with the next batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from certs import keys, signing
from certs.chain import ChainFacts, TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from hub.refusals import KEY_STATEMENT_WRONG
from hub.store import tables
from schemas import codec
from schemas.errors import YunhuobanError

COUNTER: Final = "trust"
DEFAULT_STATE_AGE_SECONDS: Final = 30 * 24 * 3600
"""How old a license's state may be at printing, where the item's policy says nothing."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A message-signing certificate and the county it was enrolled for."""

    county: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Statement:
    """What a county's key statement says: the encryption certificates, by thumbprint, and when it holds."""

    certificates: Mapping[bytes, Certificate]
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The snapshot."""

    serial: int
    states: Mapping[str, str]
    """State of each enrolled county, by division code."""
    signers: Mapping[bytes, Signer]
    """By certificate thumbprint."""
    statements: Mapping[str, Statement]
    """Each county's key statement."""
    offers: Mapping[tuple[str, str], int]
    """(county, service item) to the greatest age of a license's state at printing, in seconds."""
    chains: TrustStore
    _judged: dict[bytes, tuple[datetime, ChainFacts]] = field(default_factory=dict)

    def facts(self, thumbprint: bytes, signer: Signer, now: datetime) -> ChainFacts:
        """What is so of a signer's certificate; issuing certificates are pinned in the trust store.

        Judged once per certificate and batch: a batch has one time, and a snapshot ends when the counter moves.
        """
        return self._facts(thumbprint, signer.certificate, now)

    def opens(self, county: str, thumbprint: bytes, now: datetime) -> bool:
        """Whether a county states this encryption key now, and its certificate is neither expired nor revoked."""
        statement = self.statements.get(county)
        if statement is None or not statement.valid_from <= now < statement.valid_until:
            return False
        certificate = statement.certificates.get(thumbprint)
        if certificate is None:
            return False
        return self._facts(thumbprint, certificate, now).standing(Role.COUNTY_ENCRYPTION) != "refused"

    def _facts(self, thumbprint: bytes, certificate: Certificate, now: datetime) -> ChainFacts:
        at, facts = self._judged.get(thumbprint, (None, None))
        if facts is None or at != now:
            facts = self.chains.facts([certificate], at=now)
            self._judged[thumbprint] = (now, facts)
        return facts


def counter(tx: Connection) -> int:
    """The current value of the counter."""
    return tx.execute(select(tables.counters.c.value).where(tables.counters.c.name == COUNTER)).scalar() or 0


def bump(tx: Connection) -> None:
    """Say that something in counties, certificates or revocation lists has changed."""
    moved = tx.execute(
        update(tables.counters).where(tables.counters.c.name == COUNTER).values(value=tables.counters.c.value + 1)
    )
    if moved.rowcount == 0:
        tx.execute(insert(tables.counters).values(name=COUNTER, value=1))


def raise_to(tx: Connection, value: int) -> None:
    """After a restore: go on above every value that anybody can have seen, because directory serials follow it."""
    bump(tx)
    tx.execute(
        update(tables.counters)
        .where(tables.counters.c.name == COUNTER, tables.counters.c.value < value)
        .values(value=value)
    )


def load(tx: Connection, *, anchors: Sequence[Certificate], intermediates: Sequence[Certificate], trial: bool) -> Trust:
    """Read the whole snapshot. Raises E-CERT-… when a stored certificate or list cannot be used."""
    county_rows = tx.execute(select(tables.counties)).all()
    certificates = tx.execute(select(tables.county_certificates)).all()
    crls = tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars()
    signers = {
        row.thumbprint: Signer(row.division_code, keys.certificate_from_der(row.der))
        for row in certificates
        if row.role == "county_signing"
    }
    offers = tx.execute(select(tables.offers))
    return Trust(
        serial=counter(tx),
        states={row.division_code: row.state for row in county_rows},
        signers=signers,
        statements={row.division_code: _statement(row.key_statement) for row in county_rows},
        offers={(row.county, row.service_item): row.greatest_state_age_seconds for row in offers},
        chains=TrustStore(anchors, intermediates, [keys.crl_from_der(der) for der in crls], trial=trial),
    )


def _statement(body: bytes) -> Statement:
    record = codec.decode(body, "KeyStatement")
    stated = [keys.certificate_from_der(der) for der in record["encryption_certificates"]]
    return Statement({keys.thumbprint(each): each for each in stated}, record["valid_from"], record["valid_until"])


def check_key_statement(
    body: bytes, signature: str, *, county: str, signer: Certificate, chains: TrustStore, now: datetime
) -> int:
    """A county's key statement must be its own, signed by its signing certificate, in force, and name its own keys.

    Returns its sequence number. Raises E-ADM-080, and E-CODEC-… or E-CERT-… from the checks it makes.
    """
    signing.verify(signature, body, certificate=signer, typ=signing.Typ.KEYS)
    record = codec.decode(body, "KeyStatement")
    if record["division_code"] != county:
        raise YunhuobanError(KEY_STATEMENT_WRONG, place="division_code", found=record["division_code"], expected=county)
    if not record["valid_from"] <= now < record["valid_until"]:
        raise YunhuobanError(KEY_STATEMENT_WRONG, place="valid_until", found=record["valid_until"].isoformat())
    stated = _statement(body).certificates.values()
    if not stated:
        raise YunhuobanError(KEY_STATEMENT_WRONG, place="encryption_certificates")
    for each in stated:
        chains.facts([each], at=now).demand(Role.COUNTY_ENCRYPTION)
        if keys.subject(each) != county:
            raise YunhuobanError(
                KEY_STATEMENT_WRONG, place="encryption_certificates", found=keys.subject(each), expected=county
            )
    return int(record["sequence"])
