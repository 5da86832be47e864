"""What counties say of themselves (`schemas.stating`), as the hub's people look it up: window powers, experts, bundles.

Rows of the newest statements that still count, of one kind or of all, each with what it is about. Pure reading.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from hub.instants import from_millis
from hub.registry.tables import statements
from schemas import directory, statedview

MOST: Final = 300
_columns: Final = statements.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRow:
    """One statement."""

    kind: str
    """One of `schemas.directory.STATED`."""
    county: str
    other: str
    """The window county that has the powers; else empty."""
    about: str
    """The item, the number or the name."""
    says: Sequence[str]
    """Powers, professions, special procedures: as the contract's enumerations or in the county's own words."""
    valid_to: str
    said_at: datetime


def counts(tx: Connection) -> Mapping[str, int]:
    """How many of each kind count."""
    found = dict.fromkeys(directory.STATED, 0)
    for kind in found:
        chosen = select(func.count()).where(_columns.key.like(f"{kind}/%"), _columns.withdrawn.is_(False))
        found[kind] = tx.execute(chosen).scalar_one()
    return found


def listed(tx: Connection, kind: str, county: str) -> Sequence[StatedRow]:
    """The newest of a kind, or of all; of all counties if none is named."""
    chosen = select(statements).where(_columns.withdrawn.is_(False))
    if kind:
        chosen = chosen.where(_columns.key.like(f"{kind}/%"))
    if county:
        chosen = chosen.where(_columns.county == county)
    rows = tx.execute(chosen.order_by(_columns.said_at.desc(), _columns.key).limit(MOST))
    return [_row(row) for row in rows]


def _row(row: Any) -> StatedRow:
    kind = directory.kind_of(row.key)
    record = statedview.decode(row.key, bytes(row.value))
    about, says = _ABOUT[kind](record)
    return StatedRow(
        kind=kind,
        county=row.county,
        other=record.get("window", ""),
        about=about,
        says=says,
        valid_to=str(record.get("valid_to") or ""),
        said_at=from_millis(row.said_at),
    )


_ABOUT: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[str, Sequence[str]]]]] = {
    directory.POWERS: lambda each: (each["service_item"], each["powers"]),
    directory.EXPERT: lambda each: (each["expert_no"], [*each["professions"], *each["categories"]]),
    directory.BUNDLE: lambda each: (
        f"{each['bundle']} {each['name']}",
        [p["service_item"] for p in each["bundle_parts"]],
    ),
    directory.DETAIL: lambda each: (each["service_item"], each["special_procedures"]),
    directory.GUIDE_ANSWER: lambda each: (each["service_item"], [each["question"]]),
}
