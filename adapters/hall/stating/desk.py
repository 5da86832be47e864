"""What every section needs: to say a statement once per press, and to see how far what was said has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.boxes.kept import is_kept
from adapters.case.workplace import Workplace
from adapters.directory import stating
from adapters.store import tables
from pages.labels import Label
from pages.wording import mark as _
from schemas import statedview
from schemas.catalogue.model import Implementation
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError
from schemas.stating import DAYS_WRONG, STATEMENTS

_log = structlog.get_logger(__name__)
_MOST: Final = 5000
"""As many as the hub keeps of one county."""


class Standing(StrEnum):
    """How far a statement has come."""

    PUBLISHED = "published"
    """It stands in the directory that this county has."""
    ON_ITS_WAY = "on_its_way"
    REFUSED = "refused"


STANDINGS: Final = {
    Standing.PUBLISHED: Label(_("已进入目录"), "good", "✓"),
    Standing.ON_ITS_WAY: Label(_("已报送，等下一份目录"), "wait", "→"),
    Standing.REFUSED: Label(_("被中枢退回"), "bad", "✕"),
}


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
        with self.place.store.write() as tx:
            self.put(tx, kind, record, message_id=derived_id(action_id, kind))
        self.said(kind)

    def put(self, tx: Connection, kind: str, record: dict[str, Any], *, message_id: str) -> None:
        """The same among other things of one transaction; `said` follows when it has ended well. Raises as `say`."""
        place = self.place
        drafted = stating.draft(kind, place.county, record, message_id=message_id)
        place.box.put(tx, drafted, place.directory.demand(tx), place.clock())

    def said(self, kind: str, count: int = 1) -> None:
        """Write down that something was said, and wake the road to the hub."""
        _log.info("statement.said", type=kind, count=count)
        self.place.sent()

    def items(self) -> Mapping[str, str]:
        """The items that this county handles, code and name, in the order of the codes; none without a directory."""
        county = self.place.county
        with self.place.store.read() as tx:
            view = self.place.directory(tx)
        if view is None:
            return {}
        mine = {each.code: each.name for each in view.catalogue.each(Implementation) if each.county == county}
        carded = {code: name for (owner, code), name in view.offers.items() if owner == county}
        return dict(sorted((carded | mine).items()))

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


def days(valid_from: str, valid_to: str) -> tuple[date, date | None]:
    """The days of a form. Raises E-STATE-004 for what is no day."""
    try:
        return date.fromisoformat(valid_from.strip()), date.fromisoformat(valid_to) if valid_to.strip() else None
    except ValueError:
        raise YunhuobanError(DAYS_WRONG, place="valid_from", expected="YYYY-MM-DD") from None
