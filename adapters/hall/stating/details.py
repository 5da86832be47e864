"""事项补充说明: the special procedures of this county's items, whether an inspection pauses the limit, how many steps.

It is stated for all (`item.stated`) and stands in the next directory; then the county itself and the hub hold every
special procedure and every inspection to it (`schemas.itemdetail`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.boxes.kept import is_kept
from adapters.case.workplace import Workplace
from adapters.directory import stating
from adapters.directory.directoryview import DirectoryView
from adapters.store import tables
from schemas.catalogue.model import Implementation
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare

KIND: Final = "item.stated"
MOST_STEPS: Final = 99
NOT_OURS: Final = declare("E-STATE-008", "本县不办理这个事项，不能替它作补充说明。", "请从列表里选本县实施的事项。")
STEPS_WRONG: Final = declare("E-STATE-009", "环节数应为一至九十九。", "请照办事指南填写办理环节的个数。")
_MOST_SAID: Final = 5000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of this county."""

    service_item: str
    name: str
    detail: Mapping[str, Any] | None
    """What counts now: as it stands in the directory."""
    waiting: bool
    """Whether something newer was said and is not in the directory yet."""
    refused: str
    """The code with which the hub refused the newest; empty when it did not."""


class DetailsDesk:
    """States and withdraws; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is opened."""
        self._place = place

    def lines(self) -> Sequence[Line]:
        """Every item that this county handles, in the order of the codes."""
        with self._place.store.read() as tx:
            view = self._place.directory(tx)
            said = self._said(tx)
        if view is None:
            return ()
        return [self._line(view, said, code, name) for code, name in self._items(view).items()]

    def state(
        self,
        service_item: str,
        *,
        procedures: Collection[str],
        visit_pauses: bool,
        steps: int,
        online: bool,
        withdraw: bool,
        action_id: str,
    ) -> None:
        """State it for all, or withdraw what was stated; the same press again does nothing.

        Raises E-STATE-008 or -009, E-LINK-101 without a directory, and what `Outbox.put` raises.
        """
        place, now = self._place, self._place.clock()
        if not 1 <= steps <= MOST_STEPS:
            raise YunhuobanError(STEPS_WRONG, place="steps", found=str(steps), expected=f"1…{MOST_STEPS}")
        with place.store.write() as tx:
            directory = place.directory.demand(tx)
            if service_item not in self._items(directory):
                raise YunhuobanError(NOT_OURS, place="service_item", found=service_item)
            record = {
                "county": place.county,
                "service_item": service_item,
                "special_procedures": sorted(set(procedures)),
                "visit_pauses": visit_pauses,
                "steps": steps,
                "online": online,
                "withdrawn": withdraw,
            }
            drafted = replace(stating.draft(KIND, place.county, record), message_id=derived_id(action_id, KIND))
            place.box.put(tx, drafted, directory, now)
        _log.info("statement.said", type=KIND)
        place.sent()

    def _items(self, view: DirectoryView) -> Mapping[str, str]:
        county = self._place.county
        mine = {each.code: each.name for each in view.catalogue.each(Implementation) if each.county == county}
        carded = {code: name for (owner, code), name in view.offers.items() if owner == county}
        return dict(sorted((carded | mine).items()))

    def _line(self, view: DirectoryView, said: Mapping[str, tuple[Any, Any]], code: str, name: str) -> Line:
        detail = view.stated.detail(self._place.county, code)
        row, record = said.get(code, (None, None))
        stands = record is None or (detail is None and record["withdrawn"]) or detail == record
        refused = row.refusal_code or "" if row is not None and row.state == "refused" else ""
        return Line(service_item=code, name=name, detail=detail, waiting=not stands and not refused, refused=refused)

    def _said(self, tx: Connection) -> Mapping[str, tuple[Any, Any]]:
        """The newest that was said of each item."""
        columns = tables.outbox.c
        rows = tx.execute(select(tables.outbox).where(columns.type == KIND).order_by(columns.seq).limit(_MOST_SAID))
        found = {}
        for row in rows:
            if is_kept(row):
                record = self._place.box.record(tx, row.message_id)
                found[record["service_item"]] = (row, record)
        return found
