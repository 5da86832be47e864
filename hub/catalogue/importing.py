"""Takes a catalogue into the store: what is the same stays untouched, so that only what changed reaches the counties.

One transaction: everything of a file or nothing. Whatever follows (a new serial of the directory, what admission
believes) follows from the counter `trust`, which moves only if something did change.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from hub.catalogue import reading
from hub.catalogue.reading import RawSheet
from hub.catalogue.troubles import Troubles
from hub.registry import trust
from hub.store import tables
from schemas.catalogue import checks, records
from schemas.errors import YunhuobanError

_AT_ONCE: Final = 400
_columns: Final = tables.catalogue.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, in entries."""

    added: int
    changed: int
    removed: int
    same: int
    serial: int | None
    """The counter's value under which it counts; None when nothing changed."""


def prepare(
    raw: Sequence[RawSheet],
    troubles: Troubles,
    *,
    known: Collection[str],
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, bytes]:
    """Read and check sheets outside any transaction: entries by key. Raises E-CAT-021 with every error.

    `known` are the keys that the store holds, unless the file is to be the whole.
    """
    return records.entries(reading.parse(raw, troubles, known=known, progress=progress).values())


def put(tx: Connection, wanted: Mapping[str, bytes], *, whole: bool = False) -> Imported:
    """Keep entries that were checked (`records.entries`); `whole`: what is not among them is removed.

    Raises E-CAT-009 when another import has meanwhile removed what one of them refers to.
    """
    trust.lock(tx)
    table = tables.catalogue
    held = {row.key: row for row in tx.execute(select(table))}
    there = {key: bytes(row.value) for key, row in held.items() if not row.removed}
    fresh = {key: value for key, value in wanted.items() if there.get(key) != value}
    known = wanted.keys() if whole else wanted.keys() | there.keys()
    for key in fresh:
        for other in checks.references(key):
            if other not in known:
                raise YunhuobanError(checks.REFERS_NOWHERE, place=key, found=other)
    gone = sorted(there.keys() - wanted.keys()) if whole else []
    if not fresh and not gone:
        return Imported(added=0, changed=0, removed=0, same=len(wanted), serial=None)
    serial = trust.bump(tx)
    rows: list[dict[str, Any]] = [
        {"b_key": key, "value": value, "changed_in": serial, "removed": False} for key, value in sorted(fresh.items())
    ]
    if old := [row for row in rows if row["b_key"] in held]:
        tx.execute(update(table).where(_columns.key == bindparam("b_key")), old)
    if new := [{"key": row.pop("b_key"), **row} for row in rows if row["b_key"] not in held]:
        tx.execute(insert(table), new)
    for start in range(0, len(gone), _AT_ONCE):
        here = _columns.key.in_(gone[start : start + _AT_ONCE])
        tx.execute(update(table).where(here).values(removed=True, changed_in=serial))
    added = len(fresh.keys() - there.keys())
    return Imported(
        added=added,
        changed=len(fresh) - added,
        removed=len(gone),
        same=len(wanted) - len(fresh),
        serial=serial,
    )
