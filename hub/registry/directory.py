"""The directory: what the hub says of counties, keys, catalogue, calendar and lists, signed, with a rising serial.

It is a set of entries (`schemas.directory`). A new serial is published as one small record that holds what changed
since the serial before, or, when that is too much for everybody's inbox, only says so; either way it carries the
digest of the whole, and a county that does not arrive at it asks (`directorypost`). A renewal changes no entry and
costs a few hundred bytes. A sender encrypts only for a key in an unexpired directory, and refuses an older serial.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update

from certs import keys, signing
from certs.keys import Certificate, PrivateKey
from hub.conformance import held
from hub.instants import from_millis, to_millis
from hub.registry import announcements, calendars, stating, trust
from hub.store import tables
from schemas import codec, shapes
from schemas import directory as form

KIND: Final = "directory.published"
LIFE: Final = timedelta(days=7)
RENEW_BEFORE_END: Final = timedelta(days=6)
PUSHED_BYTES: Final = 48 * 1024
"""A change of more than this is announced to all and sent to whoever asks: there are as many inboxes as counties."""
_AT_ONCE: Final = 400
_MOST_SIGNERS: Final = next(
    each["max_items"] for each in shapes.raw()["CountyEntry"]["fields"] if each["name"] == "signing_certificates"
)
_entries = tables.directory_entries.c
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryIssuer:
    """The hub's signing key and what every directory holds besides counties and lists."""

    key: PrivateKey
    certificate: Certificate
    transport_certificates: Sequence[Certificate]
    hub_certificates: Sequence[Certificate]
    seal_certificates: Sequence[Certificate]
    seal_crls: Sequence[bytes]

    def sign(self, record: Mapping[str, Any]) -> tuple[bytes, str]:
        """The record's bytes and signature."""
        body = codec.encode("Directory", record)
        return body, signing.sign(body, key=self.key, certificate=self.certificate, typ=signing.Typ.DIRECTORY)


@dataclass(slots=True)
class _Change:
    """What differs from the serial before."""

    entries: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def compare(self, wanted: Mapping[str, bytes], stored: Mapping[str, bytes]) -> None:
        """Add what is wanted and not stored so (`stored` maps keys to digests), and what is stored and not wanted."""
        self.entries |= {key: value for key, value in wanted.items() if stored.get(key) != form.value_digest(value)}
        self.removed += sorted(stored.keys() - wanted.keys())


def publish_if_due(tx: Connection, issuer: DirectoryIssuer, now: datetime) -> int | None:
    """Publish when trust has changed since the newest directory, or it is about to end; returns the new serial."""
    trust.lock(tx)
    row = newest(tx)
    if row is not None and _ends_soon(row, now):
        trust.bump(tx)  # a new serial without another reason
    current = trust.counter(tx)
    if row is not None and row.serial >= current:
        return None
    _publish(tx, issuer, now, since=row.serial if row is not None else 0, serial=current)
    return current


def is_due(tx: Connection, now: datetime) -> bool:
    """Whether there is something to publish: asked every second, without the lock of a writing transaction."""
    row = newest(tx)
    return row is None or _ends_soon(row, now) or row.serial < trust.counter(tx)


def newest(tx: Connection) -> Any:
    """The newest directory's row, or None."""
    return tx.execute(select(tables.directories).order_by(tables.directories.c.serial.desc()).limit(1)).one_or_none()


def answer(tx: Connection, issuer: DirectoryIssuer, since: int) -> list[tuple[bytes, str]]:
    """What leads a county from its serial (0: from nothing) to the newest directory, in parts; empty: nothing."""
    row = newest(tx)
    if row is None or since >= row.serial:
        return []
    changed = select(tables.directory_entries).where(_entries.serial > since)
    entries: list[tuple[str, bytes]] = []
    removed: list[str] = []
    for each in tx.execute(changed):
        if not each.removed:
            entries.append((each.key, each.value))
        elif since:
            removed.append(each.key)
    parts = form.cut(sorted(entries), sorted(removed))
    return [
        issuer.sign(_record(row.serial, since, row, number, len(parts), part)) for number, part in enumerate(parts, 1)
    ]


def _publish(tx: Connection, issuer: DirectoryIssuer, now: datetime, *, since: int, serial: int) -> None:
    change = _change(tx, issuer, since, now)
    _write(tx, change, serial)
    held = tx.execute(select(_entries.key, _entries.sha256).where(_entries.removed.is_(False)))
    row = _Row(
        serial=serial,
        state_sha256=form.state_digest({key: bytes(digest) for key, digest in held}),
        issued_at=to_millis(now),
        expires_at=to_millis(now + LIFE),
    )
    parts = form.cut(change.entries.items(), change.removed)
    small = sum(len(key) + len(value) for key, value in change.entries.items()) <= PUSHED_BYTES
    if small and len(change.removed) <= form.MOST_IN_PART:
        said = _record(serial, since, row, 1, 1, parts[0])
    else:
        said = _record(serial, since, row, 0, 0, form.Part())
    body, signature = issuer.sign(said)
    tx.execute(insert(tables.directories).values(body=body, signature=signature, **asdict(row)))


@dataclass(frozen=True, slots=True)
class _Row:
    """The columns of a directory that its records repeat."""

    serial: int
    state_sha256: bytes
    issued_at: int
    expires_at: int


def _record(serial: int, since: int, row: Any, number: int, count: int, part: form.Part) -> dict[str, Any]:
    return {
        "serial": serial,
        "since": since,
        "part": number,
        "parts": count,
        "issued_at": from_millis(row.issued_at),
        "expires_at": from_millis(row.expires_at),
        "state_sha256": row.state_sha256,
        "entries": [{"key": key, "value": value} for key, value in part.entries],
        "removed": part.removed,
    }


def bump_if_own_changed(tx: Connection, issuer: DirectoryIssuer) -> None:
    """At the start: the hub's own certificates may be others than the newest directory names. Nothing else says so."""
    wanted = {form.digest_key(form.HUB_CERTIFICATE, keys.der(each)) for each in issuer.hub_certificates}
    named = set(_stored(tx, (form.HUB_CERTIFICATE,), [""]))
    if newest(tx) is not None and wanted != named:
        trust.bump(tx)


def _change(tx: Connection, issuer: DirectoryIssuer, since: int, now: datetime) -> _Change:
    """Everything that is other than it was at `since`; only what says that it changed is looked at."""
    change = _Change()
    crls = tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars()
    by_digest = (
        (form.ISSUING, map(keys.der, issuer.transport_certificates)),
        (form.HUB_CERTIFICATE, map(keys.der, issuer.hub_certificates)),
        (form.SEAL_CERTIFICATE, map(keys.der, issuer.seal_certificates)),
        (form.REVOCATION_LIST, crls),
        (form.SEAL_REVOCATION_LIST, issuer.seal_crls),
        (form.NOTICE, announcements.entries(tx, now)),
        (form.CALENDAR, calendars.entries(tx)),
    )
    wanted = {form.digest_key(kind, value): value for kind, values in by_digest for value in values}
    change.compare(wanted, _stored(tx, form.BY_DIGEST, [""]))
    changed = tx.execute(select(tables.counties).where(tables.counties.c.changed_in > since))
    for rows in _chunks(changed.all()):
        codes = [row.division_code for row in rows]
        change.compare(_counties(tx, rows, codes), _stored(tx, (form.COUNTY, form.OFFER), codes))
    listed = tx.execute(select(tables.catalogue).where(tables.catalogue.c.changed_in > since))
    for rows in _chunks(listed.all()):
        held_now = _held(tx, [row.key for row in rows])
        change.compare({row.key: row.value for row in rows if not row.removed}, held_now)
    for rows in _chunks(stating.changed(tx, since)):
        there = {row.key: row.value for row in rows if not row.withdrawn}
        change.compare(there, _held(tx, [row.key for row in rows]))
    return change


def _held(tx: Connection, keys_: Sequence[str]) -> dict[str, bytes]:
    """Digests of what the directory holds under these keys."""
    there = select(_entries.key, _entries.sha256).where(_entries.key.in_(keys_), _entries.removed.is_(False))
    return {key: bytes(digest) for key, digest in tx.execute(there)}


def _counties(tx: Connection, rows: Sequence[Any], codes: Sequence[str]) -> dict[str, bytes]:
    certificates, offers = tables.county_certificates.c, tables.offers.c
    signing_certificates: dict[str, list[bytes]] = {}
    own = select(certificates.division_code, certificates.der).where(certificates.role == "county_signing")
    for code, der in tx.execute(own.where(certificates.division_code.in_(codes)).order_by(certificates.thumbprint)):
        signing_certificates.setdefault(code, []).append(der)
    found = {
        form.county_key(row.division_code): codec.encode(
            "CountyEntry",
            {
                "division_code": row.division_code,
                "name": row.name,
                "authority_name": row.authority_name,
                "authority_code": row.authority_code,
                "state": row.state,
                "signing_certificates": _newest(signing_certificates.get(row.division_code, [])),
                "key_statement": row.key_statement,
                "key_statement_signature": row.key_statement_signature,
                "halls": row.halls.split(),
                "contact": row.contact,
                "telephone": row.telephone,
            },
        )
        for row in rows
    }
    tested = held.results(tx, codes) if held.required(tx) else None
    stated = {row.division_code: codec.decode(row.key_statement, "KeyStatement")["contract_versions"] for row in rows}
    for row in tx.execute(select(tables.offers).where(offers.county.in_(codes))):
        county, item = row.county, row.service_item
        if tested is not None and not held.offered(tested.get(county), county, item, stated[county]):
            continue
        found[form.offer_key(row.county, row.service_item)] = codec.encode(
            "Offer",
            {
                "county": row.county,
                "service_item": row.service_item,
                "name": row.name,
                "greatest_state_age_seconds": row.greatest_state_age_seconds,
            },
        )
    return found


def _newest(certificates: Sequence[bytes]) -> Sequence[bytes]:
    """As many as the entry takes, of a county that has renewed for years: those that end last."""
    if len(certificates) <= _MOST_SIGNERS:
        return certificates
    ends = {der: keys.certificate_from_der(der).not_valid_after_utc for der in certificates}
    kept = set(sorted(certificates, key=ends.__getitem__)[-_MOST_SIGNERS:])
    return [der for der in certificates if der in kept]


def _stored(tx: Connection, kinds: Sequence[str], owners: Sequence[str]) -> dict[str, bytes]:
    """Digests of what the directory holds of these kinds about these counties."""
    there = select(_entries.key, _entries.sha256).where(_entries.kind.in_(kinds), _entries.owner.in_(owners))
    return {key: bytes(digest) for key, digest in tx.execute(there.where(_entries.removed.is_(False)))}


def _write(tx: Connection, change: _Change, serial: int) -> None:
    """Keep the change. What is removed stays with its value: old signatures are checked with old certificates."""
    table = tables.directory_entries
    for keys_ in _chunks(change.removed):
        tx.execute(update(table).where(_entries.key.in_(keys_)).values(removed=True, serial=serial))
    for chunk in _chunks(change.entries.items()):
        there = set(tx.execute(select(_entries.key).where(_entries.key.in_([key for key, _ in chunk]))).scalars())
        rows: list[dict[str, Any]] = [
            {"b_key": key, "value": value, "sha256": form.value_digest(value), "serial": serial, "removed": False}
            for key, value in chunk
        ]
        if known := [row for row in rows if row["b_key"] in there]:
            tx.execute(update(table).where(_entries.key == bindparam("b_key")), known)
        if new := [_placed(**row) for row in rows if row["b_key"] not in there]:
            tx.execute(insert(table), new)


def _placed(*, b_key: str, **values: Any) -> dict[str, Any]:
    return {"key": b_key, "kind": form.kind_of(b_key), "owner": form.owner_of(b_key), **values}


def _chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    """Lists of at most `_AT_ONCE`: a statement takes only so many parameters."""
    rest = iter(items)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk


def _ends_soon(row: Any, now: datetime) -> bool:
    return from_millis(row.expires_at) - now < RENEW_BEFORE_END
