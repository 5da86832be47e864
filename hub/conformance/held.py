"""What the store holds of conformance: the newest result of each county, and whether it is required."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select, update

from hub.store import insert_new, tables
from schemas.conformance.result import WINDOW, Result
from schemas.conformance.standing import Lack, lack

POLICY: Final = "conformance_required"
"""A counter: 1 while an item is live only by valid results; otherwise they are kept and shown."""


def required(tx: Connection) -> bool:
    """Whether the gate is shut for what was not tested."""
    return tx.execute(select(tables.counters.c.value).where(tables.counters.c.name == POLICY)).scalar() == 1


def require(tx: Connection, *, wanted: bool) -> None:
    """Set it; who calls sees to it that every county is looked at again."""
    here = tables.counters.c.name == POLICY
    insert_new(tx, tables.counters, name=POLICY, value=0)
    tx.execute(update(tables.counters).where(here).values(value=int(wanted)))


def results(tx: Connection, counties: Collection[str]) -> dict[str, Result]:
    """The newest result of each of these counties that has one."""
    columns = tables.conformance.c
    rows = tx.execute(select(columns.county, columns.body).where(columns.county.in_(counties)))
    return {county: Result.parse(body) for county, body in rows}


def offered(result: Result | None, county: str, item: str, stated: Sequence[str]) -> bool:
    """Whether an item may stand in the directory when results are required."""
    return lack(result, county, item, stated) is None


def lacks(
    found: Mapping[str, Result], stated: Mapping[str, Sequence[str]], *, window: str, issuing: str, item: str
) -> list[Lack]:
    """What the two counties of an item still lack: the issuing county for it, the window county for its window."""
    asked = ((issuing, item), (window, WINDOW))
    said = (lack(found.get(county), county, what, stated.get(county, ())) for county, what in asked)
    return [each for each in said if each is not None]
