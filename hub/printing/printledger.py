"""The hub's print ledger: one grant per authorisation, for ever; one use per sheet of stock, for ever.

A copy is authorised anew only by replacing what ended without a good sheet: spoiled, revoked, or expired before anybody
was granted it. A grant never expires and is never given to another claim; it ends with the station's signed outcome.
Nothing here waits or retries: the unique rows are the fence. Called inside the batch's transaction, after all checks of
the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from hub.instants import from_millis, to_millis
from hub.intake import refusals
from hub.store import tables
from hub.store.bulk import insert_rows
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError
from schemas.messages import Parties

_authorisations = tables.print_authorisations
_grants = tables.grants
_licenses = tables.licenses
_OPEN: Final = ("authorised", "claimed")
"""States without an outcome."""

# Built once: making such a statement anew takes longer than executing it, and the ledger asks several for a message.
_AUTHORISATION: Final = (
    select(_authorisations).where(_authorisations.c.authorisation_no == bindparam("number")).with_for_update()
)
_SAME_COPY: Final = select(_authorisations).where(
    _authorisations.c.license_identifier == bindparam("license_identifier"),
    _authorisations.c.copy_kind == bindparam("copy_kind"),
    _authorisations.c.copy_no == bindparam("copy_no"),
)
_LICENSE: Final = select(_licenses).where(_licenses.c.license_identifier == bindparam("license_identifier"))
_LICENSE_KEPT: Final = _LICENSE.with_for_update(read=True)
"""The license as it stays until the grant is committed: a revocation comes before it or after it."""
_GRANT: Final = select(_grants).where(_grants.c.authorisation_no == bindparam("number"))
_GRANT_OF_CLAIM: Final = select(_grants.c.authorisation_no).where(_grants.c.claim_id == bindparam("claim_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The hub's answer to one claim, before it is signed."""

    authorisation_no: str
    claim_id: str
    county: str
    station: str
    refused: Code | None
    license_identifier: str
    license_state: str
    license_state_at: datetime


def authorise(
    tx: Connection,
    envelope: Envelope,
    facts: Mapping[str, Any],
    parties: Parties,
    now: datetime,
    *,
    suspended: bool = False,
) -> None:
    """Enter one authorisation. Raises E-ADM-060, -061 or -062.

    `suspended`: after a restore some station may hold a grant that this ledger does not know, so only what is known to
    be spoiled is replaced.
    """
    _check_authorisation(tx, envelope, facts, parties)
    if facts["replaces"] is not None:
        _end_replaced(tx, facts["replaces"], now, suspended=suspended)
    # After a restore a station may have given its grant back before the authorisation was offered again.
    granted = tx.execute(_GRANT, {"number": facts["authorisation_no"]}).first()
    new = {
        "authorisation_no": facts["authorisation_no"],
        "case_no": envelope.case_no,
        "license_identifier": facts["license_identifier"],
        "issuing_county": envelope.source,
        "target_county": facts["target_county"],
        "target_hall": facts["target_hall"],
        "copy_kind": facts["copy_kind"],
        "copy_no": facts["copy_no"],
        "stock_kind": facts["stock_kind"],
        "trial": envelope.trial,
        "expires_at": to_millis(facts["expires_at"]),
        "replaces": facts["replaces"],
        "authorised_at": to_millis(now),
        "state": "authorised" if granted is None else "claimed",
    }
    insert_rows(tx, _authorisations, [new])


def _check_authorisation(tx: Connection, envelope: Envelope, facts: Mapping[str, Any], parties: Parties) -> None:
    number, replaces = facts["authorisation_no"], facts["replaces"]
    if _find(tx, number) is not None:
        raise YunhuobanError(refusals.AUTHORISATION_EXISTS, place="facts.authorisation_no", found=number)
    of = {name: facts[name] for name in ("license_identifier", "copy_kind", "copy_no")}
    its_license = tx.execute(_LICENSE, {"license_identifier": of["license_identifier"]}).one_or_none()
    if its_license is None or its_license.case_no != envelope.case_no:
        raise YunhuobanError(refusals.AUTHORISATION_WRONG, place="facts.license_identifier", found=number)
    if facts["target_county"] != parties.window:
        raise YunhuobanError(refusals.AUTHORISATION_WRONG, place="facts.target_county", found=number)
    same_copy = {row.authorisation_no: row for row in tx.execute(_SAME_COPY, of)}
    if replaces is not None:
        if replaces not in same_copy or any(row.replaces == replaces for row in same_copy.values()):
            raise YunhuobanError(refusals.REPLACES_WRONG, place="facts.replaces", found=replaces)
    elif same_copy:
        copy = f"{facts['copy_kind']} {facts['copy_no']}"
        raise YunhuobanError(refusals.AUTHORISATION_EXISTS, place="facts.copy_no", found=copy)


def _end_replaced(tx: Connection, replaces: str, now: datetime, *, suspended: bool) -> None:
    """What is replaced has ended without a good sheet, or ends now because its time is over. Raises E-ADM-062."""
    row = _find(tx, replaces)  # locked: no claim is granted between the look and the commit
    if row.state == "spoiled":
        return
    expired = row.state == "authorised" and row.expires_at <= to_millis(now)
    if suspended or not (expired or row.state == "revoked"):
        raise YunhuobanError(refusals.REPLACES_WRONG, place="facts.replaces", found=row.state)
    if expired:
        _move(tx, replaces, state="expired", settled_at=to_millis(now))


def claim(
    tx: Connection,
    envelope: Envelope,
    facts: Mapping[str, Any],
    greatest_age_seconds: int,
    now: datetime,
    *,
    suspended: bool = False,
    barred: bool = False,
) -> Answer:
    """Grant the authorisation to this claim, or say why not. Raises E-ADM-063 when there is no such authorisation.

    `suspended`: after a restore some station may hold a grant that this ledger does not know, so none is given.
    `barred`: the county that authorised was suspended or revoked, so nobody prints on its word, not even again.
    """
    row = _find(tx, facts["authorisation_no"])
    if row is None or row.target_county != envelope.source or row.case_no != envelope.case_no:
        raise YunhuobanError(
            refusals.AUTHORISATION_UNKNOWN, place="facts.authorisation_no", found=facts["authorisation_no"]
        )
    state = tx.execute(_LICENSE_KEPT, {"license_identifier": row.license_identifier}).one()
    refused = _why_not(tx, row, state, facts, greatest_age_seconds, now)
    if refused is None and barred:
        refused = refusals.GRANT_AUTHORITY_BARRED
    if refused is None and suspended:
        refused = refusals.GRANT_SUSPENDED
    if refused is None and row.state == "authorised":
        tx.execute(
            insert(_grants).values(
                authorisation_no=row.authorisation_no,
                claim_id=facts["claim_id"],
                county=envelope.source,
                station=facts["station"],
                granted_at=to_millis(now),
            )
        )
        _move(tx, row.authorisation_no, state="claimed")
    return Answer(
        authorisation_no=row.authorisation_no,
        claim_id=facts["claim_id"],
        county=envelope.source,
        station=facts["station"],
        refused=refused,
        license_identifier=row.license_identifier,
        license_state=state.state,
        license_state_at=from_millis(state.state_at),
    )


def _why_not(
    tx: Connection, row: Any, state: Any, facts: Mapping[str, Any], greatest_age_seconds: int, now: datetime
) -> Code | None:
    """The reason against.

    Whoever holds the grant keeps it, because a grant never expires; asked again under the same claim id, the hub only
    looks whether the license is still valid.
    """
    if row.state in ("printed", "spoiled"):
        return refusals.GRANT_SETTLED
    if row.revoked_at is not None:
        return refusals.GRANT_REVOKED
    held = tx.execute(_GRANT, {"number": row.authorisation_no}).one_or_none()
    if held is not None and (held.claim_id, held.station) != (facts["claim_id"], facts["station"]):
        return refusals.GRANT_TAKEN
    other = tx.execute(_GRANT_OF_CLAIM, {"claim_id": facts["claim_id"]}).scalar()
    if other not in (None, row.authorisation_no):
        return refusals.GRANT_TAKEN
    if state.state != "valid":
        return refusals.GRANT_LICENSE_STATE
    if held is not None:
        return None
    if row.state == "expired" or row.expires_at <= to_millis(now):
        return refusals.GRANT_EXPIRED
    if now - from_millis(state.state_at) > timedelta(seconds=greatest_age_seconds):
        return refusals.GRANT_STATE_OLD
    return None


def settle(tx: Connection, envelope: Envelope, facts: Mapping[str, Any], now: datetime) -> None:
    """Close an authorisation with the station's signed outcome. Raises E-ADM-063, -064 or -065."""
    row = _find(tx, facts["authorisation_no"])
    if row is None or row.case_no != envelope.case_no:
        raise YunhuobanError(
            refusals.AUTHORISATION_UNKNOWN, place="facts.authorisation_no", found=facts["authorisation_no"]
        )
    grant = tx.execute(_GRANT, {"number": row.authorisation_no}).one_or_none()
    holds = grant is not None and (grant.claim_id, grant.county) == (facts["claim_id"], envelope.source)
    if row.state != "claimed" or not holds or facts["stock_kind"] != row.stock_kind:
        raise YunhuobanError(refusals.OUTCOME_WRONG, place="facts.claim_id", found=row.state)
    if facts["result"] == "revoked" and row.revoked_at is None:
        raise YunhuobanError(refusals.OUTCOME_WRONG, place="facts.result", found="revoked")
    serial = facts["stock_serial"]
    if facts["result"] == "revoked" and serial:  # nothing came out
        raise YunhuobanError(refusals.STOCK_USED, place="facts.stock_serial", found=serial)
    wanted = facts["result"] == "printed" and not row.trial
    if (wanted and not serial) or (row.trial and serial):  # a good sheet has a number; a trial never touches stock
        raise YunhuobanError(refusals.STOCK_USED, place="facts.stock_serial", found=serial)
    if serial:
        _use_sheet(tx, envelope, facts, now)
    _move(tx, row.authorisation_no, state=facts["result"], settled_at=to_millis(now), stock_serial=serial)


def revoke(tx: Connection, envelope: Envelope, facts: Mapping[str, Any], now: datetime) -> None:
    """The issuing county takes an authorisation back. Raises E-ADM-063, or E-ADM-069 when it has an outcome."""
    row = _find(tx, facts["authorisation_no"])
    if row is None or row.case_no != envelope.case_no:
        raise YunhuobanError(
            refusals.AUTHORISATION_UNKNOWN, place="facts.authorisation_no", found=facts["authorisation_no"]
        )
    if row.state not in _OPEN:
        raise YunhuobanError(refusals.NOTHING_TO_REVOKE, place="facts.authorisation_no", found=row.state)
    _take_back(tx, row, now)


def not_taken(tx: Connection, authorisation_no: str, now: datetime) -> None:
    """The window has refused the authorisation itself: what nobody was granted ends, and may be replaced."""
    row = _find(tx, authorisation_no)
    if row is not None and row.state in _OPEN:
        _take_back(tx, row, now)


def revoke_all(tx: Connection, license_identifier: str, now: datetime) -> None:
    """A license has ended: nothing of it that was not granted is printed, and what was granted is not granted again."""
    for row in lock_open(tx, license_identifier):
        _take_back(tx, row, now)


def lock_open(tx: Connection, license_identifier: str) -> Sequence[Any]:
    """The license's authorisations without an outcome, kept as they are until this transaction ends.

    A claim locks its authorisation before the license; so must whoever changes the license.
    """
    mine = (_authorisations.c.license_identifier == license_identifier) & _authorisations.c.state.in_(_OPEN)
    found = select(_authorisations).where(mine).order_by(_authorisations.c.authorisation_no).with_for_update()
    return tx.execute(found).all()


def demand_settled(tx: Connection, case_no: str) -> None:
    """Before a case is closed every sheet has its outcome. Raises E-ADM-068."""
    mine = (_authorisations.c.case_no == case_no) & _authorisations.c.state.in_(_OPEN)
    found = tx.execute(select(_authorisations.c.authorisation_no).where(mine).limit(1)).scalar()
    if found is not None:
        raise YunhuobanError(refusals.SHEETS_OPEN, place="type", found=found)


def _take_back(tx: Connection, row: Any, now: datetime) -> None:
    if row.revoked_at is None:
        ended = {"state": "revoked", "settled_at": to_millis(now)} if row.state == "authorised" else {}
        _move(tx, row.authorisation_no, revoked_at=to_millis(now), **ended)


def _use_sheet(tx: Connection, envelope: Envelope, facts: Mapping[str, Any], now: datetime) -> None:
    stock = tables.stock_serials
    used = tx.execute(
        select(stock.c.authorisation_no).where(
            stock.c.stock_kind == facts["stock_kind"], stock.c.stock_serial == facts["stock_serial"]
        )
    ).scalar()
    if used is not None:
        raise YunhuobanError(refusals.STOCK_USED, place="facts.stock_serial", found=facts["stock_serial"])
    tx.execute(
        insert(stock).values(
            stock_kind=facts["stock_kind"],
            stock_serial=facts["stock_serial"],
            county=envelope.source,
            authorisation_no=facts["authorisation_no"],
            result=facts["result"],
            settled_at=to_millis(now),
        )
    )


def _find(tx: Connection, authorisation_no: str) -> Any:
    """The authorisation, which nobody else changes until the transaction ends: not even by a road beside admission."""
    return tx.execute(_AUTHORISATION, {"number": authorisation_no}).one_or_none()


def _move(tx: Connection, authorisation_no: str, **values: object) -> None:
    tx.execute(update(_authorisations).where(_authorisations.c.authorisation_no == authorisation_no).values(**values))
