"""The catalogue as the store has it: entries as the directory carries them, and the view that admission asks."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, select

from hub.store import tables
from schemas import directory as form
from schemas.catalogue import records
from schemas.catalogue.model import Entity, Implementation
from schemas.catalogue.view import CatalogueView
from schemas.identifiers.item import IMPLEMENTATION_LENGTH

_columns: Final = tables.catalogue.c


def entries(tx: Connection) -> dict[str, bytes]:
    """What the catalogue holds, encoded."""
    rows = tx.execute(select(_columns.key, _columns.value).where(_columns.removed.is_(False)))
    return {key: bytes(value) for key, value in rows}


def entities(tx: Connection) -> Mapping[str, Entity]:
    """The same, decoded. The whole catalogue takes a second or two."""
    return {key: records.decode(key, value) for key, value in entries(tx).items()}


def implementation(tx: Connection, county: str, service_item: str) -> Implementation | None:
    """What a county says of the item of a case, from its one row."""
    key = form.implementation_key(county, service_item[:IMPLEMENTATION_LENGTH])
    value = tx.execute(select(_columns.value).where(_columns.key == key, _columns.removed.is_(False))).scalar()
    found = records.decode(key, bytes(value)) if value is not None else None
    return found if isinstance(found, Implementation) else None


def view(tx: Connection, *, since: int = 0, before: CatalogueView | None = None) -> CatalogueView:
    """The catalogue to ask; given what it was at `since` of the counter `trust`, only what changed is read.

    Read the counter before this, in the same transaction.
    """
    if before is None:
        return CatalogueView(entries(tx))
    changed = tx.execute(
        select(_columns.key, _columns.value, _columns.removed).where(_columns.changed_in > since)
    ).all()
    if not changed:
        return before
    now = dict(before.entries)
    for key, value, removed in changed:
        if removed:
            now.pop(key, None)
        else:
            now[key] = bytes(value)
    return CatalogueView(now, before)
