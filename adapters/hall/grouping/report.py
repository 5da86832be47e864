"""The four reductions of a month, for each county: the bundles of each, and this county's joint cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from adapters.case import groupbook, groupstanding
from adapters.directory.directoryview import DirectoryView
from adapters.hall.grouping import following
from schemas import reductions
from schemas.reductions import Reduction
from schemas.workdays.hours import BEIJING


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One county's groups of one kind."""

    county: str
    county_name: str
    kind: str
    groups: int
    saved: Mapping[str, Reduction]


def of_month(tx: Connection, window: str, directory: DirectoryView | None, year: int, month: int) -> Sequence[Row]:
    """The groups that this window opened in that month, in the order of counties."""
    begins = datetime(year, month, 1, tzinfo=BEIJING)
    ends = (begins + timedelta(days=32)).replace(day=1)
    found: dict[tuple[str, str], list[groupbook.Listed]] = {}
    for each in groupbook.opened_between(tx, window, begins, ends):
        found.setdefault((each.bundle_county or window, each.kind), []).append(each)
    return [
        Row(
            county=county,
            county_name=directory.name(county) if directory is not None else "",
            kind=kind,
            groups=len(groups),
            saved=reductions.total(following.saved(directory, groupstanding.of(tx, each)) for each in groups),
        )
        for (county, kind), groups in sorted(found.items())
    ]
