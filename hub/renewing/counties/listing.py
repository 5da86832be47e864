"""Whose renewal is under way over the joining page, for the hub's people, and what goes to the authority.

A renewal is over when a new signing certificate of the county was enrolled after its request came, whichever way its
card took; and what a county asked that is not active any more goes to nobody.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from certs import files
from certs.profiles import Role
from hub.instants import from_millis
from hub.store import tables
from hub.web.renewalview import RenewalRow

_asked: Final = tables.renewals.c
_counties: Final = tables.counties.c


def under_way(tx: Connection) -> Sequence[RenewalRow]:
    """What waits for the authority first, then what waits for the county; the oldest first."""
    shown = (_asked.county, _asked.came_at, _asked.ends_at, _asked.answered_at, _counties.name)
    unanswered_first = func.coalesce(_asked.answered_at, 0)
    rows = tx.execute(_open(*shown).order_by(unanswered_first > 0, _asked.came_at, _asked.county))
    return [
        RenewalRow(
            county=row.county,
            name=row.name,
            came_at=from_millis(row.came_at),
            ends_at=from_millis(row.ends_at),
            answered_at=from_millis(row.answered_at) if row.answered_at is not None else None,
        )
        for row in rows
    ]


def write_out(tx: Connection, folder: Path) -> list[Path]:
    """Write what waits for the authority as `CODE.json`, as it came. Raises E-CERT-002."""
    files.make_private_folder(folder)
    written = []
    for row in tx.execute(_open(_asked.county, _asked.request).where(_asked.answered_at.is_(None))):
        written.append(folder / f"{row.county}.json")
        files.write_atomically(written[-1], bytes(row.request))
    return sorted(written)


def _open(*columns: ColumnElement[Any]) -> Select[Any]:
    certificates = tables.county_certificates.c
    followed = exists().where(
        certificates.division_code == _asked.county,
        certificates.role == Role.COUNTY_SIGNING.value,
        certificates.enrolled_at >= _asked.came_at,
    )
    joined = select(*columns).join_from(tables.renewals, tables.counties, _counties.division_code == _asked.county)
    return joined.where(_counties.state == "active", ~followed)
