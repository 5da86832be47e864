"""The calendar that the directory carries: read when it is first asked for, and once as long as it stays the same.

A calendar that this node cannot read (a newer hub may know arrangements that we do not) costs it neither the directory
nor a case: then every day is provisional, nothing is refused here by it, and a person is told.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from schemas.errors import YunhuobanError, declare
from schemas.workdays import overridefile
from schemas.workdays.calendars import Calendar
from schemas.workdays.override import Override
from schemas.workdays.overridefile import OverrideRefused

UNREADABLE: Final = declare(
    "E-LINK-112",
    "本机读不懂目录中的工作日历，时限都作暂计，只由中枢核对。",
    "请升级县节点；已是最新版本的，请联系联盟运维。",
)


class CarriedCalendar:
    """Over the directory's entries of the kind `calendar`, of which there is one or none. Safe to share."""

    def __init__(self, values: Sequence[bytes]) -> None:
        """Nothing is read yet."""
        self.values = values

    @property
    def calendar(self) -> Calendar:
        """The published calendar with what was imported over it; incomplete when that cannot be read."""
        return self._read[0]

    def demand_readable(self) -> None:
        """Raises E-LINK-112."""
        wrong = self._read[1]
        if wrong:
            raise YunhuobanError(UNREADABLE, place="calendar", found=wrong)

    @cached_property
    def _read(self) -> tuple[Calendar, str]:
        """The calendar, and what is wrong with the entry."""
        if len(self.values) > 1:
            return Calendar(complete=False), f"{len(self.values)} > 1"
        try:
            override = overridefile.decode(self.values[0]) if self.values else Override()
        except OverrideRefused as error:
            first = error.problems[0]
            return Calendar(complete=False), f"{first.code} {first.place}".strip()
        return Calendar(override), ""
