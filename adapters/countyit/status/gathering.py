"""Puts a report together: what the store, the certificates, the mapping and the disk say at one moment.

It only reads, and cheaply, for a page asks again and again: rows of the boxes are large, so that no column behind their
body is read but of single rows.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, func, select
from sqlalchemy.engine import make_url

from adapters.countyit.renewing.looking import progress
from adapters.countyit.status import attention, partners
from adapters.countyit.status.clock import clock
from adapters.countyit.status.pulse import Pulse
from adapters.countyit.status.report import CertificateLine, ListLine, Machine, Report, Traffic
from adapters.directory.directoryview import DirectoryView
from adapters.hall.hallpage import certificate as hallpage
from adapters.hall.people.lacking import lacking
from adapters.hall.stock import closing
from adapters.instants import from_millis, to_millis
from adapters.journal import forkalarm
from adapters.local.lineages import Origin
from adapters.local.mapping import version as mapping_version
from adapters.local.mapping.overriding import FILE as OVERRIDES
from adapters.settings import CountySettings
from adapters.store import tables
from certs import crl, keys
from schemas import directory as form
from schemas import releases
from schemas.errors import YunhuobanError

_CERTIFICATES: Final = ("connection.pem", "signing.pem", "encryption.pem")
_SEAL: Final = "seal/seal.pem"
_HALL: Final = "hall/page.pem"
_outbox: Final = tables.outbox.c
_inbox: Final = tables.inbox.c
_unwritten: Final = tables.local_writes.c.done.is_(False)


def gather(
    tx: Connection, settings: CountySettings, directory: DirectoryView | None, pulse: Pulse | None, now: datetime
) -> Report:
    """Everything, with what needs a person. Raises E-STORE-002."""
    issued = tx.execute(select(tables.directories.c.issued_at)).scalar()
    report = Report(
        division_code=settings.division_code,
        name=settings.name,
        trial=settings.trial,
        made_at=now,
        pulse=pulse,
        traffic=_traffic(tx, now),
        partners=partners.partners(tx, directory, settings.division_code, now),
        certificates=_certificates(settings, now),
        lists=list(_lists(directory, now)),
        directory_issued_at=from_millis(issued) if issued is not None else None,
        directory_ends_at=directory.expires_at if directory is not None else None,
        clock=clock(tx),
        machine=_machine(tx, settings),
        renewal=progress(settings, now),
    )
    forks = [each for each in forkalarm.alarms(tx) if each.acknowledged_at is None]
    alarms = [YunhuobanError(each.code, place=f"{each.epoch}/{each.size}") for each in forks]
    people, stock = lacking(tx, trial=settings.trial), closing.differences(tx)
    hall = _hall_page(settings, now)
    return replace(report, attention=(*alarms, *stock, *attention.needed(report), *people, *hall))


def _traffic(tx: Connection, now: datetime) -> Traffic:
    sent, came = _states(tx, tables.outbox), _states(tx, tables.inbox)
    oldest = select(func.min(_outbox.seq)).where(_outbox.state.in_(("waiting", "sent")))
    newest = select(func.max(_inbox.seq))
    return Traffic(
        last_read_at=_moment(tx.execute(select(func.max(tables.source_records.c.read_at))).scalar()),
        last_arrived_at=_moment(
            tx.execute(select(_inbox.arrived_at).where(_inbox.seq == newest.scalar_subquery())).scalar()
        ),
        out_of_turn=_count(tx, tables.waiting_records.c.key),
        unsent=sent.get("waiting", 0) + sent.get("sent", 0),
        unsent_since=_moment(
            tx.execute(select(_outbox.created_at).where(_outbox.seq == oldest.scalar_subquery())).scalar()
        ),
        unsigned=sent.get("admitted", 0),
        refused=sent.get("refused", 0),
        unopened=came.get("new", 0) + came.get("opened", 0),
        unwritten=tx.execute(select(func.count()).where(_unwritten)).scalar() or 0,
        unwritten_failed=tx.execute(select(func.count()).where(_unwritten, tables.local_writes.c.tries > 0)).scalar()
        or 0,
        troubles=_count(tx, tables.troubles.c.id),
        troubles_lately=tx.execute(select(func.count()).where(*_lately(now))).scalar() or 0,
    )


def _lately(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Troubles of the last day; those of the local system and of the stock stand for themselves."""
    columns = tables.troubles.c
    others = (~columns.key.startswith("local/"), ~columns.key.startswith(closing.TROUBLES))
    return columns.seen_at > to_millis(now - attention.TROUBLES_WITHIN), *others


def _states(tx: Connection, box: Table) -> dict[str, int]:
    return dict(tx.execute(select(box.c.state, func.count()).group_by(box.c.state)).all())


def _count(tx: Connection, column: object) -> int:
    return tx.execute(select(func.count(column))).scalar() or 0  # type: ignore[arg-type]


def _moment(millis: int | None) -> datetime | None:
    return from_millis(millis) if millis is not None else None


def _certificates(settings: CountySettings, now: datetime) -> list[CertificateLine]:
    """Our own; a county that decides nothing needs no seal, and one without a page for its hall none for that."""
    seal = (_SEAL,) if settings.offers or (settings.certificates / _SEAL).exists() else ()
    lines = [_certificate(settings.certificates, file, Path(file).stem, now) for file in (*_CERTIFICATES, *seal)]
    if settings.hall_page is not None:
        page = settings.hall_page.certificate or Path(_HALL)
        lines.append(_certificate(settings.certificates, str(page), attention.HALL, now))
    return lines


def _hall_page(settings: CountySettings, now: datetime) -> Sequence[YunhuobanError]:
    """What of the certificate of the hall's pages needs a person."""
    try:
        page = hallpage.of_hall(settings)
    except YunhuobanError as error:
        return [error]
    return page.attention(now) if page is not None else ()


def _certificate(folder: Path, file: str, role: str, now: datetime) -> CertificateLine:
    try:
        ends = min(each.not_valid_after_utc for each in keys.load_certificates(folder / file))
    except YunhuobanError:
        return CertificateLine(role=role, file=file, ends_at=None, days_left=None)
    return CertificateLine(role=role, file=file, ends_at=ends, days_left=(ends - now).days)


def _lists(directory: DirectoryView | None, now: datetime) -> Iterator[ListLine]:
    for key, der in (directory.entries if directory is not None else {}).items():
        kind = {form.REVOCATION_LIST: "transport", form.SEAL_REVOCATION_LIST: "seal"}.get(form.kind_of(key))
        if kind is None:
            continue
        found = keys.crl_from_der(der)
        yield ListLine(
            kind=kind,
            number=crl.number(found),
            age_hours=round(crl.age_days(found, now=now) * 24, 1),
            ends_at=crl.next_update_at(found),
        )


def _machine(tx: Connection, settings: CountySettings) -> Machine:
    digest, changed = _mapping(settings.mapping)
    disk = shutil.disk_usage(settings.folder)
    return Machine(
        version=_version(),
        contracts=tuple(releases.readable()),
        mapping=digest,
        mapping_at=changed,
        disk_free_bytes=disk.free,
        disk_total_bytes=disk.total,
        store_bytes=_store_bytes(tx, settings),
    )


def _mapping(folder: Path) -> tuple[str, datetime | None]:
    """The version of the mapping as troubles show it, and when it was last changed; empty when it cannot be read."""
    files = [each for each in (folder / "mapping.toml", folder / OVERRIDES) if each.exists()]
    try:
        found, changed = Origin(mapping=mapping_version(folder)).version, max(each.stat().st_mtime for each in files)
    except OSError:
        return "", None
    return found, from_millis(int(changed * 1000))


def _version() -> str:
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("yunhuoban")
    return ""  # run from a checkout, where nothing is installed


def _store_bytes(tx: Connection, settings: CountySettings) -> int | None:
    if tx.dialect.name == "postgresql":
        size = tx.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
        return int(size) if size is not None else None
    file = make_url(settings.database).database
    if not file:
        return None
    return sum(each.stat().st_size for each in (Path(f"{file}{end}") for end in ("", "-wal")) if each.exists())
