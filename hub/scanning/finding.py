"""What a locator leads to: a face that only the token's holder opens, beside the license's state as last signed.

What a county has said of a license counts only when that county issued it. Everything else is unknown, and a guess hits
one of 2^128.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub.instants import from_millis
from hub.store import tables

_scans, _licenses, _cases, _counties = (
    tables.license_scans, tables.licenses, tables.cases, tables.counties,
)  # fmt: skip
_FIND: Final = (
    select(
        _scans.c.face_sealed,
        _licenses.c.state,
        _licenses.c.state_at,
        _cases.c.trial,
        _counties.c.name,
        _counties.c.division_code,
    )
    .select_from(
        _scans.join(
            _licenses,
            (_licenses.c.identifier_sha256 == _scans.c.license_sha256)
            & (_licenses.c.issuing_county == _scans.c.county),
        )
        .join(_cases, _cases.c.case_no == _licenses.c.case_no)
        .join(_counties, _counties.c.division_code == _scans.c.county)
    )
    .where(_scans.c.locator == bindparam("locator"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A license as the hub can show it."""

    face: bytes
    """Sealed; `schemas.scanning.SEALED_BYTES` long."""
    state: str
    """As in LicenseState, as the issuing county last signed it."""
    said_at: datetime
    """When it signed it."""
    trial: bool
    county: str
    """Name and division code of the county whose node said so, from the hub's own register."""


def find(tx: Connection, locator: bytes) -> Found | None:
    """The license under a locator, or None."""
    row = tx.execute(_FIND, {"locator": locator}).one_or_none()
    if row is None:
        return None
    return Found(
        face=bytes(row.face_sealed),
        state=row.state,
        said_at=from_millis(row.state_at),
        trial=bool(row.trial),
        county=f"{row.name} {row.division_code}",
    )
