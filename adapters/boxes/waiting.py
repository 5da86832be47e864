"""Local records that are in order but not in turn yet, or have nobody to go to yet: kept, and tried again.

Their source has passed them and would not show them again unless they are changed. Encrypted at rest.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from adapters.identity import Identity
from adapters.instants import to_millis, too_far
from adapters.local.mapping import Translation
from adapters.store import tables
from schemas import codec
from schemas.messages import TYPES

_LONGEST_PAUSE_SECONDS: Final = 300.0


def keep(
    tx: Connection,
    identity: Identity,
    source: str,
    key: str,
    place: str,
    translation: Translation,
    now: datetime,
    *,
    tries: int = 0,
) -> None:
    """Keep a record, in the place of what was kept under its key; each time it is kept it waits longer.

    `tries` is how often it was tried before it came here.
    """
    here = (tables.waiting_records.c.source == source) & (tables.waiting_records.c.key == key)
    tries = max(tries, tx.execute(select(tables.waiting_records.c.tries).where(here)).scalar() or 0)
    drop(tx, source, key)
    payload = codec.encode(TYPES[translation.message_type].record, translation.canonical)
    pause = min(2.0 ** min(tries, 9), _LONGEST_PAUSE_SECONDS)
    tx.execute(
        insert(tables.waiting_records).values(
            source=source,
            key=key,
            place=place[:300],
            type=translation.message_type,
            local_case=translation.local_case,
            destination=translation.destination,
            service_item=translation.service_item,
            trial=translation.trial,
            mapping=translation.mapping,
            record_sealed=identity.storage.seal(payload, place=f"waiting/{source}/{key}"),
            tries=tries + 1,
            next_try_at=to_millis(now + timedelta(seconds=pause)),
        )
    )


def due(
    tx: Connection, identity: Identity, source: str, now: datetime, *, moved: Collection[str]
) -> list[tuple[str, str, Translation]]:
    """Records whose time has come or whose case has `moved`: key, place and translation each."""
    columns = tables.waiting_records.c
    rows = tx.execute(
        select(tables.waiting_records)
        .where(columns.source == source)
        .where(
            or_(
                columns.next_try_at <= to_millis(now),
                columns.next_try_at > too_far(now, _LONGEST_PAUSE_SECONDS),
                columns.local_case.in_(moved),
            )
        )
        .order_by(columns.next_try_at)
    )
    return [
        (
            row.key,
            row.place,
            Translation(
                message_type=row.type,
                canonical=codec.decode(
                    identity.storage.open(row.record_sealed, place=f"waiting/{source}/{row.key}"),
                    TYPES[row.type].record,
                ),
                local_case=row.local_case,
                destination=row.destination,
                service_item=row.service_item,
                trial=row.trial,
                lineage=(),  # kept by the version already
                mapping=row.mapping,
            ),
        )
        for row in rows
    ]


_columns = tables.waiting_records.c
_ANY_DUE: Final = (
    select(_columns.key)
    .where(_columns.source == bindparam("name"))
    .where(
        or_(
            _columns.next_try_at <= bindparam("moment"),
            _columns.next_try_at > bindparam("beyond", type_=_columns.next_try_at.type),
        )
    )
    .limit(1)
)


def any_due(tx: Connection, source: str, now: datetime) -> bool:
    """Whether there is anything to try again."""
    when = {"moment": to_millis(now), "beyond": too_far(now, _LONGEST_PAUSE_SECONDS)}
    return tx.execute(_ANY_DUE, {"name": source} | when).first() is not None


def wake(tx: Connection, now: datetime) -> None:
    """A new directory came: whatever waits may have somebody to go to now."""
    tx.execute(update(tables.waiting_records).values(next_try_at=to_millis(now)))


def drop(tx: Connection, source: str, key: str) -> None:
    """It was taken, or replaced by a corrected record."""
    tx.execute(
        delete(tables.waiting_records).where(
            tables.waiting_records.c.source == source, tables.waiting_records.c.key == key
        )
    )
