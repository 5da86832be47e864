"""What the group pages show and do, over the node's store; each change is a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import structlog

from adapters.case import groupbook, groupstanding
from adapters.case.groupbook import Listed
from adapters.case.groupstanding import Group
from adapters.case.workplace import Workplace
from adapters.directory.directoryview import DirectoryView
from adapters.hall.grouping import following, opening, pressing, report
from adapters.hall.grouping.following import Followed
from adapters.hall.grouping.opening import Wanted
from adapters.hall.grouping.sending import trouble
from adapters.hall.taking import drafts, offered
from adapters.hall.taking.offered import Hits, Offered, Search
from adapters.hall.taking.sheet import Sheet, stands
from adapters.local import troublebook
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import ENDED
from schemas.workdays.hours import beijing_day

_log = structlog.get_logger(__name__)
NOT_OVER: Final = declare(
    "E-GROUP-003", "这一组还有部分在办，不能结束。", "请等它们办完；不想等的，先在办件往来里撤回那一部分。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group in the list."""

    group: Group
    name: str
    stages: tuple[int, int]
    stuck: bool
    """Whether a person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRow:
    """One bundle of the directory."""

    county: str
    county_name: str
    bundle: str
    name: str
    parts: int
    visits: int
    steps: int
    days: int

    @property
    def text(self) -> str:
        """What a search goes over."""
        return f"{self.county} {self.county_name} {self.bundle} {self.name}"


class GroupDesk:
    """The clerks' side; thread-safe."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is read yet."""
        self.place = place
        self._search = Search(place.county)

    # --- before ------------------------------------------------------------------------------------------------------

    def overview(self) -> Sequence[Row]:
        """What this window opened: what is not over first, each the newest first."""
        with self.place.store.read() as tx:
            directory = self.place.directory(tx)
            found = [groupstanding.of(tx, each) for each in groupbook.newest(tx, self.place.county)]
            shown = [each for each in found if each.listed.pressed_at or drafts.exists(tx, each.listed.form_id)]
            return [
                Row(
                    group=each,
                    name=following.bundle_name(directory, each.listed),
                    stages=following.stages(each),
                    stuck=bool(troublebook.of(tx, trouble(each.listed.number))),
                )
                for each in shown
            ]

    def items(self, text: str) -> Hits:
        """Items that may become parts. Raises E-LINK-101 before the first directory came."""
        with self.place.store.read() as tx:
            directory = self.place.directory.demand(tx)
        return self._search.look(text, directory, self.place.clock())

    def chosen(self, wanted: Sequence[Wanted]) -> Sequence[Offered]:
        """What was chosen so far. Raises E-TAKE-003, E-LINK-101."""
        with self.place.store.read() as tx:
            directory, now = self.place.directory.demand(tx), self.place.clock()
        return [
            offered.offered(directory, each.county, each.service_item, window=self.place.county, now=now)
            for each in wanted
        ]

    def bundles(self, text: str = "") -> Sequence[BundleRow]:
        """Every county's bundles of today whose county or name has these words."""
        with self.place.store.read() as tx:
            directory = self.place.directory(tx)
        if directory is None:
            return []
        found = [_bundle(directory, each) for each in directory.stated.every_bundle(on=self.today)]
        words = text.split()
        return [
            each
            for each in found
            if all(word in f"{each.county} {each.county_name} {each.bundle} {each.name}" for word in words)
        ]

    @property
    def today(self) -> date:
        """In Beijing."""
        return beijing_day(self.place.clock())

    # --- the form ----------------------------------------------------------------------------------------------------

    def begin_joint(self, wanted: Sequence[Wanted], *, person: Person, window_no: str, trial: bool) -> str:
        """Begin a group of several cases; returns its number. Raises what `opening.joint` raises."""
        with self.place.store.write() as tx:
            return opening.joint(tx, self.place, wanted, person=person, window_no=window_no, trial=trial)

    def begin_bundle(self, county: str, bundle: str, *, person: Person, window_no: str, trial: bool) -> str:
        """Begin one of a county's bundles; returns its number. Raises what `opening.bundle` raises."""
        with self.place.store.write() as tx:
            return opening.bundle(tx, self.place, county, bundle, person=person, window_no=window_no, trial=trial)

    def sheet(self, number: str, person: Person) -> Sheet:
        """The form as it stands. Raises E-PAGE-005, E-TAKE-001, -003, E-LINK-101."""
        with self.place.store.read() as tx:
            group = self._mine(groupbook.find(tx, self.place.county, number))
            draft = drafts.mine(tx, self.place.identity.storage, group.form_id, person.account)
            return stands(tx, self.place.identity, self.place.directory.demand(tx), draft, self.place.clock())

    def press(self, number: str, *, all_or_none: bool, person: Person) -> None:
        """Make the parts. Raises what `pressing.press` raises."""
        with self.place.store.write() as tx:
            made = pressing.press(
                tx, self.place, number, all_or_none=all_or_none, person=person, now=self.place.clock()
            )
        if made:
            _log.info("group.opened", group_no=number)
            self.place.sent()

    def discard(self, number: str, person: Person) -> None:
        """Forget a group whose form was never sent. Raises E-PAGE-005, E-TAKE-001, -002."""
        with self.place.store.write() as tx:
            group = self._mine(groupbook.find(tx, self.place.county, number, for_change=True))
            if group.pressed_at is not None:
                raise YunhuobanError(drafts.ALREADY_TAKEN, place="number", found=number)
            draft = drafts.mine(tx, self.place.identity.storage, group.form_id, person.account, for_change=True)
            drafts.discard(tx, draft)
            groupbook.forget(tx, group)

    # --- afterwards --------------------------------------------------------------------------------------------------

    def open(self, number: str) -> Followed:
        """One group of this window. Raises E-PAGE-005."""
        with self.place.store.read() as tx:
            found = following.follow(tx, self.place, self.place.county, number)
        if found is None:
            raise YunhuobanError(NOT_THERE, place="number")
        return found

    def report(self, year: int, month: int) -> Sequence[report.Row]:
        """What was saved in a month, by county."""
        with self.place.store.read() as tx:
            return report.of_month(tx, self.place.county, self.place.directory(tx), year, month)

    def close(self, number: str, person: Person) -> None:
        """End a group as one, what was never sent of it with it. Raises E-PAGE-005, E-GROUP-003."""
        now = self.place.clock()
        with self.place.store.write() as tx:
            self._mine(groupbook.find(tx, self.place.county, number, for_change=True))
            group = groupstanding.find(tx, self.place.county, number)
            if group is None or group.listed.over_at is not None:
                return  # pressed twice
            under_way = [each for each in group.parts if each.state not in ENDED]
            if under_way or group.listed.pressed_at is None:
                raise YunhuobanError(NOT_OVER, place=number, found=", ".join(each.case_no for each in under_way))
            for entry in group.entries:
                if group.part(entry) is None:
                    pressing.give_up(tx, self.place, entry)
            groupbook.over(tx, group.listed, now, closed_by=person.account)
            troublebook.clear(tx, trouble(number))
        _log.info("group.closed", group_no=number)

    @staticmethod
    def _mine(group: Listed | None) -> Listed:
        if group is None:
            raise YunhuobanError(NOT_THERE, place="number")
        return group


def _bundle(directory: DirectoryView, record: Any) -> BundleRow:
    return BundleRow(
        county=record["county"],
        county_name=directory.name(record["county"]),
        bundle=record["bundle"],
        name=record["name"],
        parts=len(record["bundle_parts"]),
        visits=record["visits"],
        steps=record["steps"],
        days=record["days"],
    )
