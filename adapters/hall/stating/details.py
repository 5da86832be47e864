"""事项补充说明: the special procedures of this county's items, whether an inspection pauses the limit, how many steps.

It is stated for all (`item.stated`) and stands in the next directory; then the county itself and the hub hold every
special procedure and every inspection to it (`schemas.itemdetail`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.case.workplace import Workplace
from adapters.directory.directoryview import DirectoryView
from adapters.hall.stating.desk import Standing, Stated, StatingDesk
from schemas import directory
from schemas.errors import YunhuobanError, declare

KIND: Final = "item.stated"
MOST_STEPS: Final = 99
NOT_OURS: Final = declare("E-STATE-008", "本县不办理这个事项，不能替它作补充说明。", "请从列表里选本县实施的事项。")
STEPS_WRONG: Final = declare("E-STATE-009", "环节数应为一至九十九。", "请照办事指南填写办理环节的个数。")


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
        self._desk = StatingDesk(place)

    def lines(self) -> Sequence[Line]:
        """Every item that this county handles, in the order of the codes."""
        place, said = self._desk.place, self._desk.stated(KIND, directory.DETAIL)
        with place.store.read() as tx:
            view = place.directory(tx)
        if view is None:
            return ()
        return [self._line(view, said, code, name) for code, name in self._desk.items().items()]

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
        if not 1 <= steps <= MOST_STEPS:
            raise YunhuobanError(STEPS_WRONG, place="steps", found=str(steps), expected=f"1…{MOST_STEPS}")
        with self._desk.place.store.read() as tx:
            self._desk.place.directory.demand(tx)
        if service_item not in self._desk.items():
            raise YunhuobanError(NOT_OURS, place="service_item", found=service_item)
        record = {
            "county": self._desk.place.county,
            "service_item": service_item,
            "special_procedures": sorted(set(procedures)),
            "visit_pauses": visit_pauses,
            "steps": steps,
            "online": online,
            "withdrawn": withdraw,
        }
        self._desk.say(KIND, record, action_id=action_id)

    def _line(self, view: DirectoryView, said: Mapping[str, Stated], code: str, name: str) -> Line:
        county = self._desk.place.county
        newest = said.get(directory.detail_key(county, code))
        return Line(
            service_item=code,
            name=name,
            detail=view.stated.detail(county, code),
            waiting=newest is not None and newest.standing is Standing.ON_ITS_WAY,
            refused=newest.code if newest is not None and newest.standing is Standing.REFUSED else "",
        )
