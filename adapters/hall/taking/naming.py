"""免提交: a license that the node holds, named on a draft instead of a material, or an annotated copy of it brought.

Either is a stamp on the row of the material, so that who did it, when and by which state stands with it; nothing of it
is typed. Sources: 国办函〔2016〕108号 (level A: used as it comes from whoever made it); domain.md §1.7, §4.8.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from adapters.directory.directoryview import DirectoryView
from adapters.hall.sharing.held import Held, HeldLicenses
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.materials import Row
from schemas import releases
from schemas.errors import YunhuobanError, declare

LICENSE: Final = "license"
COPY: Final = "annotation"
LEVEL: Final = "A"
NOT_READ: Final = declare(
    "E-SHARE-003", "属地的系统还读不了指名的证照和加注件。", "请照常收取这份材料；属地升级后再用免提交。"
)
Stamp = Mapping[str, str]


def named(draft: Draft, row: Row) -> Stamp | None:
    """What was named for a material; None when it is brought as usual."""
    return draft.stamps.get(row.path(LICENSE)) if row.shareable else None


def copied(draft: Draft, row: Row) -> Stamp | None:
    """The annotated copy that was made for a material; None when there is none."""
    return draft.stamps.get(row.path(COPY)) if row.shareable else None


def shared(draft: Draft, row: Row) -> Stamp | None:
    """Either of both."""
    return named(draft, row) or copied(draft, row)


def stamp(held: Held, account: str, now: datetime) -> dict[str, str]:
    """What is kept of a license that somebody chose: nothing that names a person in full."""
    return {
        "by": account,
        "at": now.isoformat(),
        "identifier": held.identifier,
        "name": held.name,
        "holder": held.holder,
        "county": held.issuing_county,
        "state_at": held.state_at.isoformat(),
        "until": held.valid_until.isoformat() if held.valid_until is not None else "",
    }


def demand_read(directory: DirectoryView, county: str) -> None:
    """Raises E-SHARE-003 when the issuing county reads a contract that cannot say it."""
    try:
        reads = releases.has_field(directory.contract(county), "Material", "named_license")
    except YunhuobanError:  # nothing in common
        reads = False
    if not reads:
        raise YunhuobanError(NOT_READ, place=county)


def demand_valid(
    tx: Connection, held: HeldLicenses, directory: DirectoryView, draft: Draft, rows: Any, now: datetime
) -> None:
    """Look once more at the press: the license may have ended since. Raises E-SHARE-001 or -003."""
    for row in rows:
        said = shared(draft, row)
        if said is not None:
            demand_read(directory, draft.issuing_county)
            held.demand(tx, said["identifier"], trial=draft.trial, now=now)


def said_of(draft: Draft, row: Row) -> dict[str, Any]:
    """What the contract's `Material` says of it."""
    license_, copy = named(draft, row), copied(draft, row)
    return {
        "named_license": {
            "license_identifier": license_["identifier"],
            "license_name": license_["name"],
            "issuing_county": license_["county"],
            "checked_at": datetime.fromisoformat(license_["at"]),
        }
        if license_ is not None
        else None,
        "annotation": {
            "license_identifier": copy["identifier"],
            "purpose": copy["purpose"],
            "maker": copy["maker"],
            "made_at": datetime.fromisoformat(copy["at"]),
            "valid_until": date.fromisoformat(copy["copy_until"]),
        }
        if copy is not None
        else None,
    }
