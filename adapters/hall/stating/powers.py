"""Window powers: what this county lets another's windows do for an item, and what others let its windows do.

Powers are changed by saying the whole of them anew. Taken back, they are said to be none: then nothing may be done any
more. That is not the same as a statement that is withdrawn: without one everything is as it was before there was any
(`adapters.authority.windowpowers`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from adapters.authority import windowpowers
from adapters.directory.directoryview import COUNTY_UNKNOWN, DirectoryView
from adapters.hall.stating.desk import Standing, Stated, StatingDesk
from pages.wording import mark as _
from schemas import directory
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.item import IMPLEMENTATION_LENGTH
from schemas.workdays.hours import beijing_day

KIND: Final = "powers.stated"
NOT_OURS: Final = declare("E-POWER-008", "本县不办理这个事项，没有权限可以授予。", "请从列表里选本县实施的事项。")
NAMES: Final[Mapping[str, str]] = {
    windowpowers.ACCEPT: _("收件受理权"),
    windowpowers.INFORM: _("一次性告知权"),
    windowpowers.VERIFY: _("原件核验权"),
    windowpowers.DELIVER: _("结果送达权"),
}
MEANINGS: Final[Mapping[str, str]] = {
    windowpowers.ACCEPT: _("窗口可以受理并出具受理通知书，本县随即照同一编号和时间受理"),
    windowpowers.INFORM: _("窗口可以出具一次性告知书"),
    windowpowers.VERIFY: _("窗口可以把材料标为已与原件核对"),
    windowpowers.DELIVER: _("窗口可以打印证照并交给申请人"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The powers of one window county for one item."""

    county: str
    """The other county: whose windows have them, or who granted them."""
    county_name: str
    service_item: str
    item_name: str
    record: Mapping[str, Any]
    standing: Standing
    code: str = ""
    in_force: bool = True
    """Whether its days cover today."""


class PowersDesk:
    """Grants, changes and takes back; shows both directions."""

    def __init__(self, desk: StatingDesk) -> None:
        """Over what every section has."""
        self._desk = desk
        self._place = desk.place

    def granted(self) -> Sequence[Line]:
        """What this county has said, in the order of window counties and items."""
        found = self._desk.stated(KIND, directory.POWERS)
        view = self._view()
        return [self._line(view, each, each.record["window"]) for each in found.values()]

    def received(self) -> Sequence[Line]:
        """What others let this county's windows do."""
        view = self._view()
        records = view.stated.granted_to(self._place.county) if view is not None else ()
        return [self._line(view, Stated(record=each, standing=Standing.PUBLISHED), each["issuing"]) for each in records]

    def items(self) -> Mapping[str, str]:
        """The items that this county handles: code and name."""
        return self._desk.items()

    def partners(self) -> Mapping[str, str]:
        """The counties whose windows can be given something, by code."""
        view = self._view()
        members = view.members if view is not None else {}
        found = {code: each.name for code, each in members.items() if each.active and code != self._county}
        return dict(sorted(found.items()))

    def today(self) -> date:
        """In Beijing."""
        return beijing_day(self._place.clock())

    def grant(
        self,
        *,
        window: str,
        service_item: str,
        powers: Collection[str],
        agreement: str,
        valid_from: date,
        valid_to: date | None,
        action_id: str,
    ) -> None:
        """Say what the window county may do from now on; none of the powers takes back all that was granted.

        Raises E-LINK-103 for a county that is none, E-POWER-005 or -008, E-STATE-003, -004 or -006, E-LINK-101.
        """
        with self._place.store.read() as tx:
            view = self._place.directory.demand(tx)
        if window not in self.partners():
            raise YunhuobanError(COUNTY_UNKNOWN, place="window", found=window)
        if service_item not in self.items():
            raise YunhuobanError(NOT_OURS, place="service_item", found=service_item)
        if windowpowers.ACCEPT in powers:  # whoever may accept has to have a day to promise
            windowpowers.promised_on(view, self._county, service_item, self._place.clock())
        record = {
            "issuing": self._county,
            "window": window,
            "service_item": service_item[:IMPLEMENTATION_LENGTH],
            "powers": [each for each in NAMES if each in powers],
            "agreement": agreement.strip(),
            "valid_from": valid_from,
            "valid_to": valid_to,
            "withdrawn": False,
        }
        self._desk.say(KIND, record, action_id=action_id)

    def take_back(self, window: str, service_item: str, *, withdraw: bool, action_id: str) -> None:
        """Take every power back; or `withdraw` the statement, as if nothing had ever been said. E-POWER-008."""
        key = directory.powers_key(self._county, window, service_item)
        there = self._desk.stated(KIND, directory.POWERS).get(key)
        if there is None:
            raise YunhuobanError(NOT_OURS, place="service_item", found=service_item)
        changes: dict[str, Any] = {"withdrawn": True} if withdraw else {"powers": []}
        self._desk.say(KIND, dict(there.record) | changes, action_id=action_id)

    @property
    def _county(self) -> str:
        return self._place.county

    def _view(self) -> DirectoryView | None:
        with self._place.store.read() as tx:
            return self._place.directory(tx)

    def _line(self, view: DirectoryView | None, said: Stated, other: str) -> Line:
        record, today = said.record, self.today()
        code, issuing = record["service_item"], record["issuing"]
        item = view.catalogue.implementation(issuing, code) if view is not None else None
        name = item.name if item is not None else view.offers.get((issuing, code), "") if view is not None else ""
        ends = record["valid_to"]
        return Line(
            county=other,
            county_name=view.name(other) if view is not None else other,
            service_item=code,
            item_name=name,
            record=record,
            standing=said.standing,
            code=said.code,
            in_force=record["valid_from"] <= today and (ends is None or today <= ends),
        )
