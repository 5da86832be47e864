"""Opens what lies sealed in the boxes and beside the cases, a few rows at a time, and asks whether it names a number.

There is no index over identifiers yet (domain.md §8.2, P6): whoever searches opens everything that the county holds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, func, select

from adapters.hall.taking.tables import takings
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.local.sources.webhook.tables import pushed_bodies
from adapters.store import tables
from schemas import codec
from schemas.messages import TYPES

_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One sealed record."""

    table: str
    key: str
    case_no: str
    type: str
    at: datetime | None
    record: Mapping[str, Any] = field(repr=False)


def names(value: object, number: str) -> bool:
    """Whether a number stands anywhere in a record, also inside a longer text."""
    if isinstance(value, str):
        return number in value.upper()
    if isinstance(value, Mapping):
        return any(names(each, number) for each in value.values())
    return isinstance(value, list | tuple) and any(names(each, number) for each in value)


def beside(value: object, number: str) -> Iterator[str]:
    """The names that stand beside a number: of whom it is."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if isinstance(each, str) and each.upper() == number:
                stem = str(key)
                for kind in ("document_no", "identity_no", "_code"):
                    stem = stem.removesuffix(kind)
                stem = stem.rstrip("_.")
                called = (stem, f"{stem}.name") if stem else ("name", "person_name")
                yield from (name for each in called if isinstance(name := value.get(each), str) and name)
            else:
                yield from beside(each, number)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from beside(each, number)


def everything(tx: Connection, identity: Identity, cases: Sequence[str] | None = None) -> Iterator[Opened]:
    """Every record of boxes, waiting room, local writes and takings that is readable still; of these cases if given."""
    for table, place, at in (
        (tables.outbox, "outbox", "created_at"),
        (tables.inbox, "inbox", "arrived_at"),
        (tables.local_writes, "local", ""),
    ):
        for row in _rows(tx, table, table.c.seq, "record_sealed", cases):
            payload = identity.storage.open(row.record_sealed, place=f"{place}/{row.message_id}")
            yield Opened(
                table=place,
                key=row.message_id,
                case_no=row.case_no,
                type=row.type,
                at=from_millis(row._mapping[at]) if at else None,  # noqa: SLF001 -- SQLAlchemy's public name
                record=codec.decode(payload, TYPES[row.type].record),
            )
    for row in _rows(tx, takings, takings.c.draft_id, "typed_sealed", cases):
        typed = json.loads(identity.storage.open(row.typed_sealed, place=f"takings/{row.draft_id}"))["typed"]
        yield Opened(
            table="takings",
            key=row.draft_id,
            case_no=row.case_no or "",
            type="application.submitted",
            at=from_millis(row.changed_at),
            record=typed,
        )
    for row in tx.execute(select(tables.waiting_records)) if cases is None else ():
        payload = identity.storage.open(row.record_sealed, place=f"waiting/{row.source}/{row.key}")
        record = codec.decode(payload, TYPES[row.type].record)
        yield Opened(table="waiting", key=row.place, case_no="", type=row.type, at=None, record=record)


def pushed(tx: Connection, identity: Identity, number: str) -> Iterator[Any]:
    """What was pushed, is not read yet and holds the number: its form is the county's own, so its bytes are asked."""
    for row in _rows(tx, pushed_bodies, pushed_bodies.c.seq, "body_sealed"):
        body = identity.storage.open(row.body_sealed, place=f"pushed/{row.digest.hex()}")
        if number.encode() in body.upper() or number.encode("utf-16-le") in body:
            yield row


def _rows(
    tx: Connection, table: Table, key: Column[Any], sealed: str, cases: Sequence[str] | None = None
) -> Iterator[Any]:
    wanted = select(table).where(func.length(table.c[sealed]) > 0).order_by(key).limit(_AT_ONCE)
    if cases is not None:
        wanted = wanted.where(table.c.case_no.in_(cases))
    rows = tx.execute(wanted).all()
    while rows:
        yield from rows
        rows = tx.execute(wanted.where(key > rows[-1]._mapping[key.name])).all()  # noqa: SLF001 -- as above
