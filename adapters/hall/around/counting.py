"""What is counted for a county over everything that was said: the licenses about to end, and a month's report."""

from collections.abc import Mapping, Sequence
from datetime import date

from adapters.case.workplace import Workplace
from adapters.hall.around import expiring, report
from adapters.hall.around.expiring import Ending
from adapters.hall.around.report import Row
from schemas.workdays.hours import beijing_day


class Counting:
    """Of one county; reads only."""

    def __init__(self, place: Workplace, *, by_node: bool = False) -> None:
        """`by_node` says that the node itself reminds of licenses that end. Nothing is read yet."""
        self._place = place
        self.by_node = by_node

    @property
    def today(self) -> date:
        """In Beijing."""
        return beijing_day(self._place.clock())

    def ending(self, days: int) -> Sequence[Ending]:
        """The licenses of this county that end within so many days."""
        with self._place.store.read() as tx:
            return expiring.ending(tx, self._place.box, self._place.county, self.today, days)

    def report(self, year: int, month: int) -> Sequence[Row]:
        """The counts of a month. Raises E-LINK-101 without a directory, whose calendar counts the days."""
        with self._place.store.read() as tx:
            calendar = self._place.directory.demand(tx).calendar
            return report.of_month(tx, self._place.county, year, month, calendar, self.today)

    def names(self) -> Mapping[str, str]:
        """Of every county, by code. Raises E-LINK-101."""
        with self._place.store.read() as tx:
            members = self._place.directory.demand(tx).members
        return {code: each.name for code, each in members.items()}
