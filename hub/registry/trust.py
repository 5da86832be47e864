"""What admission believes at one moment: enrolled counties, their certificates and keys, catalogue, revocation lists.

A snapshot, brought up to date when the counter `trust` has moved. Every batch reads that counter, so a suspension or
a revocation takes effect with the next batch. Each county bears the counter's value at its last change, so that only
what changed is read and parsed: with 2,843 counties a batch must not wait for all of their certificates.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from certs import keys, signing
from certs.chain import ChainFacts, TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from hub.catalogue import state
from hub.conformance import held
from hub.intake.refusals import KEY_STATEMENT_WRONG
from hub.store import insert_new, tables
from schemas import codec
from schemas.catalogue.view import CatalogueView
from schemas.conformance.result import Result
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.identifiers.item import IMPLEMENTATION_LENGTH

COUNTER: Final = "trust"
_COUNTER: Final = select(tables.counters.c.value).where(tables.counters.c.name == COUNTER)  # asked with every batch
_AT_ONCE: Final = 400
DEFAULT_STATE_AGE_SECONDS: Final = 30 * 24 * 3600
"""How old a license's state may be at printing, where the item's policy says nothing."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A message-signing certificate and the county it was enrolled for."""

    county: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Statement:
    """A county's key statement: encryption certificates by thumbprint, when it holds, and what contract it reads."""

    certificates: Mapping[bytes, Certificate]
    valid_from: datetime
    valid_until: datetime
    contract_versions: frozenset[str]
    """Empty when it did not say."""


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
    catalogue: CatalogueView
    """Service items, who implements them, and the alliances."""
    lists: Sequence[bytes]
    """The revocation lists that `chains` judges by, DER."""
    chains: TrustStore
    results: Mapping[str, Result] = field(default_factory=dict)
    """Each county's newest result of `adapter test`, by division code."""
    conformance_required: bool = False
    """Whether an item is live only by such results (`hub.conformance`)."""
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

    def greatest_state_age_seconds(self, issuing: str, service_item: str) -> int:
        """How old the state of a license may be at printing: the catalogue's word, then the card's."""
        found = self.catalogue.implementation(issuing, service_item[:IMPLEMENTATION_LENGTH])
        if found is not None:
            return found.greatest_state_age_seconds
        return self.offers.get((issuing, service_item), DEFAULT_STATE_AGE_SECONDS)

    def reads(self, envelope: Envelope) -> bool:
        """Whether the destination states to read the contract that this envelope and its payload are written in."""
        stated = self.statements[envelope.destination].contract_versions
        if not stated:
            return True
        return not stated.isdisjoint(codec.versions_of(envelope.kind.record, envelope.dataschema, envelope.contract))

    def _facts(self, thumbprint: bytes, certificate: Certificate, now: datetime) -> ChainFacts:
        at, facts = self._judged.get(thumbprint, (None, None))
        if facts is None or at != now:
            facts = self.chains.facts([certificate], at=now)
            self._judged[thumbprint] = (now, facts)
        return facts


def counter(tx: Connection) -> int:
    """The current value of the counter."""
    return tx.execute(_COUNTER).scalar() or 0


def lock(tx: Connection) -> None:
    """From here until the transaction ends, nobody else changes what is trusted; before reading what is to change."""
    row = select(tables.counters.c.value).where(tables.counters.c.name == COUNTER).with_for_update()
    if tx.execute(row).scalar() is None:
        insert_new(tx, tables.counters, name=COUNTER, value=0)
        tx.execute(row)


def bump(tx: Connection, *counties: str) -> int:
    """Say that something has changed: revocation lists, or these counties with their certificates and offers.

    Returns the counter's new value. Whoever changes a county names it here, or nobody will look at it again.
    """
    lock(tx)
    tx.execute(
        update(tables.counters).where(tables.counters.c.name == COUNTER).values(value=tables.counters.c.value + 1)
    )
    value = counter(tx)
    column = tables.counties.c.division_code
    if counties:
        tx.execute(update(tables.counties).where(column.in_(counties)).values(changed_in=value))
    return value


def raise_to(tx: Connection, value: int) -> None:
    """After a restore: go on above every value that anybody can have seen, because directory serials follow it."""
    bump(tx)
    tx.execute(
        update(tables.counters)
        .where(tables.counters.c.name == COUNTER, tables.counters.c.value < value)
        .values(value=value)
    )


def load(
    tx: Connection,
    *,
    anchors: Sequence[Certificate],
    intermediates: Sequence[Certificate],
    trial: bool,
    last: Trust | None = None,
) -> Trust:
    """Read the snapshot: all of it, or what changed since `last`, which stays as it is.

    Raises E-CERT-… when a stored certificate or list cannot be used.
    """
    # The counter comes first: read last, it could be that of a change which the other reads did not see yet, and this
    # snapshot would be taken for the newest for ever.
    serial = counter(tx)
    changed = tx.execute(select(tables.counties).where(tables.counties.c.changed_in > (last.serial if last else 0)))
    states = dict(last.states) if last else {}
    signers = dict(last.signers) if last else {}
    statements = dict(last.statements) if last else {}
    offers = dict(last.offers) if last else {}
    results = dict(last.results) if last else {}
    for rows in _chunks(changed.all()):
        codes = frozenset(row.division_code for row in rows)
        states |= {row.division_code: row.state for row in rows}
        statements |= {row.division_code: _statement(row.key_statement) for row in rows}
        table = tables.county_certificates.c
        own = select(table.division_code, table.thumbprint, table.der).where(table.role == "county_signing")
        for code, thumbprint, der in tx.execute(own.where(table.division_code.in_(codes))):
            if thumbprint not in signers:
                signers[thumbprint] = Signer(code, keys.certificate_from_der(der))
        offers = {key: value for key, value in offers.items() if key[0] not in codes}
        for row in tx.execute(select(tables.offers).where(tables.offers.c.county.in_(codes))):
            offers[row.county, row.service_item] = row.greatest_state_age_seconds
        results |= held.results(tx, codes)
    lists = sorted(tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars())
    same = last is not None and last.lists == lists
    return Trust(
        serial=serial,
        states=states,
        signers=signers,
        statements=statements,
        offers=offers,
        catalogue=state.view(tx, since=last.serial if last else 0, before=last.catalogue if last else None),
        lists=lists,
        results=results,
        conformance_required=held.required(tx),
        # The same lists: what was judged by them stays judged.
        chains=last.chains
        if last is not None and same
        else TrustStore(anchors, intermediates, [keys.crl_from_der(der) for der in lists], trial=trial),
    )


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """At most as many as a statement takes parameters."""
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def _statement(body: bytes) -> Statement:
    record = codec.decode(body, "KeyStatement")
    stated = [keys.certificate_from_der(der) for der in record["encryption_certificates"]]
    return Statement(
        {keys.thumbprint(each): each for each in stated},
        record["valid_from"],
        record["valid_until"],
        frozenset(record["contract_versions"]),
    )


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
