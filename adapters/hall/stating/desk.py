"""What every section needs: to say a statement once per press, and to see how far what was said has come."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import select

from adapters.boxes.kept import is_kept
from adapters.case.workplace import Workplace
from adapters.directory import stating
from adapters.store import tables
from schemas import statedview
from schemas.envelope import derived_id
from schemas.stating import STATEMENTS

_log = structlog.get_logger(__name__)
_MOST: Final = 5000
"""As many as the hub keeps of one county."""


class Standing(StrEnum):
    """How far a statement has come."""

    PUBLISHED = "published"
    """It stands in the directory that this county has."""
    ON_ITS_WAY = "on_its_way"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The newest that this county said under one key."""

    record: Mapping[str, Any]
    standing: Standing
    code: str = ""
    """Of a refusal."""


class StatingDesk:
    """One county's statements of any kind; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is opened."""
        self.place = place

    def say(self, kind: str, record: dict[str, Any], *, action_id: str) -> None:
        """Say it for all; the same press again does nothing.

        Raises E-STATE-001 to -006, E-LINK-101 without a directory, and what `Outbox.put` raises.
        """
        place = self.place
        drafted = replace(stating.draft(kind, place.county, record), message_id=derived_id(action_id, kind))
        with place.store.write() as tx:
            place.box.put(tx, drafted, place.directory.demand(tx), place.clock())
        _log.info("statement.said", type=kind)
        place.sent()

    def stated(self, kind: str, entry: str) -> Mapping[str, Stated]:
        """By key everything that this county has said and not withdrawn; `entry` is its kind in the directory."""
        place, form, columns = self.place, STATEMENTS[kind], tables.outbox.c
        newest = select(tables.outbox).where(columns.type == kind).order_by(columns.seq.desc()).limit(_MOST)
        with place.store.read() as tx:
            directory = place.directory(tx)
            said = [(row, place.box.record(tx, row.message_id)) for row in tx.execute(newest) if is_kept(row)]
        entries = directory.entries if directory is not None else {}
        found = {
            key: Stated(record=statedview.decode(key, value), standing=Standing.PUBLISHED)
            for key, value in entries.items()
            if key.startswith(f"{entry}/{place.county}/")
        }
        seen: set[str] = set()
        for row, record in said:
            key = form.key(record)
            there = found.get(key)
            if key in seen or (there is None and record["withdrawn"]):
                seen.add(key)
                continue
            seen.add(key)
            if there is None or there.record != record:
                standing = Standing.REFUSED if row.state == "refused" else Standing.ON_ITS_WAY
                found[key] = Stated(record=record, standing=standing, code=row.refusal_code or "")
        return dict(sorted(found.items()))
