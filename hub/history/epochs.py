"""Epochs of the journal: what a restore opens, says under its signature, and tells every county.

The tree goes on from the restored size; only the epoch changes, so that two checkpoints of one size can never be taken
for a fork because one of them was lost, and never hide one either: the statement that opens an epoch names the last
checkpoint of the restored journal, and once every county has reported (or was set aside by two persons) it is said
again with the highest checkpoint that anybody has shown. Each statement is a leaf of the journal, under `hub`.

An epoch is a number that no earlier restore can have used, even one that the restored store knows nothing of: minutes
since the beginning of 2026, or one more than the restored epoch. Directory serials follow it for the same reason.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from certs import keys, signing
from hub.history import journal
from hub.history.journal import LogKey, NewLeaf
from hub.instants import from_millis, to_millis
from hub.outflow.delivery import PAUSED
from hub.registry import trust
from hub.store import tables
from schemas import codec, topology
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED, Leaf
from schemas.messages import HUB, TYPES

KIND: Final = "epoch.opened"
EPOCH_TOO_LOW: Final = declare(
    "E-BACKUP-010",
    "新纪元的编号必须大于以往的纪元。",
    "请核对本机时钟；县节点若见过更高的纪元，请用 --epoch 指定更大的编号。",
)

_BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SERIALS_PER_EPOCH: Final = 1_000_000
_LAST_EPOCH: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Statement:
    """One stored statement, read."""

    epoch: int
    revision: int
    record: Mapping[str, Any]


def newest(tx: Connection) -> Statement | None:
    """The newest statement; None for a hub that was never restored."""
    table = tables.epochs
    row = tx.execute(select(table).order_by(table.c.epoch.desc(), table.c.revision.desc()).limit(1)).one_or_none()
    return Statement(row.epoch, row.revision, codec.decode(row.body, "EpochOpened")) if row else None


def next_epoch(tx: Connection, now: datetime) -> int:
    """A number above every epoch that this store or an earlier restore can know."""
    head = tx.execute(select(tables.head.c.epoch)).scalar() or 1
    stated = tx.execute(select(func.max(tables.epochs.c.epoch))).scalar() or 0
    return max(head + 1, stated + 1, (now - _BEGINNING) // timedelta(minutes=1))


def open_after_restore(
    tx: Connection, *, log: LogKey, backed_up_at: datetime, now: datetime, epoch: int | None = None
) -> int:
    """Open a new epoch over a restored store; returns its number. Raises E-BACKUP-010 or E-JRNL-001.

    In one transaction: the statement is journalled and queued for every county, prints are suspended until all have
    reported, whatever may have lain in the lost broker is due again, and directory serials move beyond any seen.
    """
    lowest = next_epoch(tx, now)
    number = lowest if epoch is None else epoch
    if not (tx.execute(select(tables.head.c.epoch)).scalar() or 1) < number <= _LAST_EPOCH:
        raise YunhuobanError(EPOCH_TOO_LOW, place="epoch", found=str(number), expected=f">= {lowest}")
    last = journal.newest(tx)
    record = {
        "origin": log.origin,
        "epoch": number,
        "revision": 1,
        "opened_at": now,
        "backed_up_at": backed_up_at,
        "restored_size": last.size if last else 0,
        "restored_checkpoint": last.body if last else b"",
        "restored_signature": last.signature if last else "",
        "highest_checkpoint": b"",
        "highest_signature": "",
        "settled": False,
        "set_aside": [],
    }
    trust.raise_to(tx, number * _SERIALS_PER_EPOCH)
    tx.execute(delete(tables.directory_told))  # what lay in the lost broker reached nobody for certain
    _send_again(tx, now)
    for county in _counties(tx):
        await_report(tx, number, county)
    _state(tx, record, log=log, now=now)
    return number


def await_report(tx: Connection, epoch: int, county: str) -> None:
    """Prints wait for this county's report from now on."""
    empty = {"parts": "", "set_aside_by": "", "witness": "", "reason": ""}
    tx.execute(insert(tables.restore_counties).values(epoch=epoch, county=county, state="awaited", **empty))


def settle(tx: Connection, *, log: LogKey, now: datetime) -> bool:
    """Look after the newest epoch: tell counties that were enrolled since, and say what came of it once all reported.

    Called every second by the keeper and cheap while there is nothing to do; True when something was said.
    """
    statement = newest(tx)
    if statement is None:
        return False
    opened = statement.record
    waiting = tables.restore_counties.c
    known = {
        row.county: row.state
        for row in tx.execute(select(waiting.county, waiting.state).where(waiting.epoch == statement.epoch))
    }
    if not opened["settled"]:
        late = [county for county in _counties(tx) if county not in known]
        for county in late:  # enrolled between backup and loss, and now again: it may hold grants
            await_report(tx, statement.epoch, county)
        if late:
            _queue(tx, _row(tx, statement), late)
        if late or "awaited" in known.values():
            return bool(late)
    shown = tx.execute(
        select(tables.shown_checkpoints).where(tables.shown_checkpoints.c.epoch == statement.epoch)
    ).one_or_none()
    highest = (shown.body, shown.signature) if shown else (b"", "")
    aside = sorted(county for county, state in known.items() if state == "set_aside")
    said = (opened["settled"], opened["highest_checkpoint"], opened["highest_signature"], opened["set_aside"])
    if said == (True, *highest, aside):
        return False
    _state(
        tx,
        {
            **opened,
            "revision": statement.revision + 1,
            "settled": True,
            "highest_checkpoint": highest[0],
            "highest_signature": highest[1],
            "set_aside": aside,
        },
        log=log,
        now=now,
    )
    return True


def is_statement(tx: Connection, envelope_sha256: bytes, signature: bytes) -> bool:
    """Whether a leaf of the hub's own is one of these statements."""
    rows = tx.execute(select(tables.epochs.c.body, tables.epochs.c.signature))
    return any(
        (hashlib.sha256(row.body).digest(), row.signature.encode()) == (envelope_sha256, signature) for row in rows
    )


def _state(tx: Connection, record: Mapping[str, Any], *, log: LogKey, now: datetime) -> None:
    body = codec.encode("EpochOpened", record)
    signature = signing.sign(body, key=log.key, certificate=log.certificate, typ=signing.Typ.EPOCH)
    row = {
        "epoch": record["epoch"],
        "revision": record["revision"],
        "body": body,
        "signature": signature,
        "made_at": to_millis(now),
    }
    tx.execute(insert(tables.epochs).values(**row))
    _queue(tx, row, _counties(tx))
    leaf = Leaf(
        envelope_sha256=hashlib.sha256(body).digest(),
        signature=signature.encode(),
        signer_thumbprint=keys.thumbprint(log.certificate),
        admitted_at=from_millis(to_millis(now)),
        verdict=ADMITTED,
    )
    name = f"{KIND}-{record['epoch']}-{record['revision']}"
    journal.append(
        tx, [NewLeaf(source=HUB, message_id=name, leaf=leaf)], log=log, now=leaf.admitted_at, new_epoch=record["epoch"]
    )


def _queue(tx: Connection, row: Mapping[str, Any], counties: Iterable[str]) -> None:
    for county in counties:
        name = f"{KIND}:{row['epoch']}:{row['revision']}:{county}"
        tx.execute(
            insert(tables.outgoing).values(
                message_id=str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
                destination=county,
                queue=topology.county_inbox(county),
                type=KIND,
                body=row["body"],
                signature=row["signature"],
                made_at=row["made_at"],
                done=False,
            )
        )


def _row(tx: Connection, statement: Statement) -> Mapping[str, Any]:
    table = tables.epochs
    here = (table.c.epoch == statement.epoch, table.c.revision == statement.revision)
    return dict(tx.execute(select(table).where(*here)).one()._mapping)  # noqa: SLF001 -- a row as a mapping


def _counties(tx: Connection) -> list[str]:
    """Every county that may hold something: suspended ones too, which print nothing and may have printed."""
    table = tables.counties.c
    return list(
        tx.execute(select(table.division_code).where(table.state != "revoked").order_by(table.division_code)).scalars()
    )


def _send_again(tx: Connection, now: datetime) -> None:
    """What no destination has signed for may have lain in the lost broker; receivers know by id what they have."""
    messages, unsettled = tables.messages.c, tables.unsettled
    chained = [name for name, kind in TYPES.items() if kind.chained]
    key = (messages.source, messages.message_id, messages.envelope_sha256)
    there = select(unsettled.c.source).where(
        unsettled.c.source == key[0], unsettled.c.message_id == key[1], unsettled.c.envelope_sha256 == key[2]
    )
    open_ones = (
        select(*key, literal(to_millis(now)))
        .where(messages.state == "admitted", messages.received_at.is_(None))
        .where(messages.destination != HUB, messages.type.in_(chained), ~there.exists())
    )
    names = ["source", "message_id", "envelope_sha256", "since_at"]
    tx.execute(insert(unsettled).from_select(names, open_ones))
    # The queues that held it are gone: nobody is held back by them any more, but for whom an operator has paused.
    open_again = update(tables.destinations).where(tables.destinations.c.reason != PAUSED)
    tx.execute(open_again.values(held=False, held_since=None, reason=""))
