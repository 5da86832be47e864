"""What the hub knows of every license: whose it is, and its state as the issuing county last signed it.

A print is granted only while that state is `valid`. A license that has ended takes its unprinted authorisations with
it, in the same transaction: from then on nothing of it can start but what was granted less than a minute before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from hub.instants import to_millis
from hub.intake import refusals
from hub.printing import printledger
from hub.store import tables
from hub.store.bulk import insert_rows
from schemas import licensestates
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.identifiers.license import LicenseIdentifier
from schemas.scanning import digest

_licenses = tables.licenses
_VALID: Final = "valid"
_LICENSE: Final = select(_licenses).where(_licenses.c.license_identifier == bindparam("identifier")).with_for_update()


def issued(tx: Connection, envelope: Envelope, facts: Mapping[str, Any], now: datetime) -> None:
    """Keep a new license. A new version supersedes the one before it.

    Raises E-ADM-066 for an identifier of another case, E-ADM-105 for one that has ended, E-ID-… for one that is none.
    """
    identifier = LicenseIdentifier.parse(facts["license_identifier"])
    row = _find(tx, str(identifier))
    if row is not None and (row.case_no, row.issuing_county) == (envelope.case_no, envelope.source):
        # Its window had refused it, else it would not be its turn: it is made anew, and keeps a state that ended it.
        if row.state != facts["license_state"]:
            licensestates.change(row.state, facts["license_state"])
        _set(tx, row, facts["license_state"], envelope, now)
        return
    if row is not None:
        raise YunhuobanError(refusals.LICENSE_EXISTS, place="facts.license_identifier", found=row.case_no)
    if identifier.version > 1:
        _supersede(tx, envelope, identifier.previous_version(), now)
    new = {
        "license_identifier": str(identifier),
        "identifier_sha256": digest(str(identifier)),
        "case_no": envelope.case_no,
        "issuing_county": envelope.source,
        "state": facts["license_state"],
        "state_at": to_millis(envelope.time),
    }
    insert_rows(tx, _licenses, [new])


def changed(tx: Connection, envelope: Envelope, facts: Mapping[str, Any], now: datetime) -> None:
    """Take over a state that the issuing county signed; the same once more only makes it fresh.

    Raises E-ADM-067 for a license of another case, E-ADM-105 for a change that no license makes.
    """
    row = _find(tx, facts["license_identifier"])
    if row is None or row.case_no != envelope.case_no:
        raise YunhuobanError(
            refusals.LICENSE_UNKNOWN, place="facts.license_identifier", found=facts["license_identifier"]
        )
    if row.state != facts["license_state"]:
        licensestates.change(row.state, facts["license_state"])
    _set(tx, row, facts["license_state"], envelope, now)


def demand_valid(tx: Connection, identifiers: Sequence[str], *, trial: bool) -> None:
    """Judge what an application names instead of materials, by the states as they were last signed.

    Raises E-ADM-110 for a license that no county's message made known, that is not valid, or, unless the application is
    a trial, that is a trial's.
    """
    columns, cases = _licenses.c, tables.cases.c
    wanted = select(columns.license_identifier).where(
        columns.license_identifier.in_(identifiers), columns.state == _VALID
    )
    if not trial:
        wanted = wanted.where(columns.case_no.not_in(select(cases.case_no).where(cases.trial)))
    good = set(tx.execute(wanted).scalars()) if identifiers else set()
    for number, each in enumerate(identifiers, 1):
        if each not in good:
            place = f"facts.named_licenses[{number}]"
            raise YunhuobanError(refusals.LICENSE_NOT_VALID, place=place, found=each, expected=_VALID)


def _supersede(tx: Connection, envelope: Envelope, identifier: LicenseIdentifier, now: datetime) -> None:
    """The version before, if it passed through this hub; an older one is the issuing county's own business."""
    row = _find(tx, str(identifier))
    if row is None:
        return
    if row.issuing_county != envelope.source:
        raise YunhuobanError(refusals.LICENSE_EXISTS, place="facts.license_identifier", found=row.case_no)
    if row.state != "superseded":
        licensestates.change(row.state, "superseded")
        _set(tx, row, "superseded", envelope, now)


def _set(tx: Connection, row: Any, state: str, envelope: Envelope, now: datetime) -> None:
    here = _licenses.c.license_identifier == row.license_identifier
    # Two messages of one county may overtake each other: the state's time never goes back.
    at = max(row.state_at, to_millis(envelope.time))
    tx.execute(update(_licenses).where(here).values(state=state, state_at=at))
    if state in licensestates.NO_MORE_PRINTS:
        printledger.revoke_all(tx, row.license_identifier, now)


def _find(tx: Connection, identifier: str) -> Any:
    printledger.lock_open(tx, identifier)
    return tx.execute(_LICENSE, {"identifier": identifier}).one_or_none()
