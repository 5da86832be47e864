"""The licenses that this county issued through the hub, and their states: what it may still change of them.

A change comes from the county's own system and is judged here before it is signed; the hub judges it again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from adapters.case.casebook import Case
from adapters.instants import to_millis
from adapters.store import tables
from schemas import licensestates
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare

NOT_OURS: Final = declare("E-LIC-103", "本县没有为这个办件签发过这个证照。", "请核对证照标识与办件编号。")
NOT_AUTHORISED: Final = declare(
    "E-PRINT-305", "本县没有为这个办件签发过这个打印授权。", "请打印县核对授权编号与办件编号。"
)
_licenses = tables.own_licenses
_SAY_STATES: Final = ("license.issued", "license.state_changed")


def keep(tx: Connection, case: Case, license_record: Mapping[str, Any], now: datetime) -> None:
    """Enter a license that is being sent; one that was refused and is made anew takes its row."""
    here = _licenses.c.license_identifier == license_record["identifier"]
    values = {"case_no": case.case_no, "state": license_record["state"], "changed_at": to_millis(now)}
    if tx.execute(update(_licenses).where(here).values(**values)).rowcount == 0:
        tx.execute(insert(_licenses).values(license_identifier=license_record["identifier"], **values))


def find(tx: Connection, identifier: str) -> Any:
    """The row of a license of ours, or None."""
    return tx.execute(select(_licenses).where(_licenses.c.license_identifier == identifier)).one_or_none()


def of_case(tx: Connection, case_no: str) -> Sequence[Any]:
    """The rows of a case's licenses, by identifier."""
    rows = select(_licenses).where(_licenses.c.case_no == case_no).order_by(_licenses.c.license_identifier)
    return tx.execute(rows).all()


def check(tx: Connection, case: Case, message_type: str, record: Mapping[str, Any], now: datetime) -> None:
    """Judge what a local record wants to do to a license or an authorisation, and enter it; other types pass.

    Raises E-LIC-103 or E-PRINT-305 for what is not this case's, E-ADM-105 for a change that no license makes.
    """
    if message_type == "license.state_changed":
        row = find(tx, record["license_identifier"])
        if row is None or row.case_no != case.case_no:
            raise YunhuobanError(NOT_OURS, place="license_identifier", found=record["license_identifier"])
        change(tx, row, record["license_state"], now)
    elif message_type == "print.revoked" and record["authorisation_no"] not in _authorised(tx, case):
        raise YunhuobanError(NOT_AUTHORISED, place="authorisation_no", found=record["authorisation_no"])


def change(tx: Connection, row: Any, state: str, now: datetime) -> None:
    """Enter a new state; the same once more says that it still holds. Raises E-ADM-105."""
    if state != row.state:
        licensestates.change(row.state, state)
    here = _licenses.c.license_identifier == row.license_identifier
    tx.execute(update(_licenses).where(here).values(state=state, changed_at=to_millis(now)))


def restate(tx: Connection, case_no: str) -> None:
    """Find the states of a case's licenses anew from the messages that count, after one of ours was refused.

    What the hub has admitted counts whatever its destination says of it: the hub's journal goes by it. A license of
    which nothing counts is none of ours.
    """
    columns = tables.outbox.c
    counts = or_(columns.state != "refused", columns.admitted_at.is_not(None))
    said = (
        select(columns.body)
        .where(columns.case_no == case_no, columns.type.in_(_SAY_STATES), counts)
        .order_by(func.coalesce(columns.place, columns.seq), columns.seq)
    )
    facts = [Envelope.parse(body).facts or {} for body in tx.execute(said).scalars()]
    states = {each["license_identifier"]: each["license_state"] for each in facts}
    for row in tx.execute(select(_licenses).where(_licenses.c.case_no == case_no)).all():
        here, state = _licenses.c.license_identifier == row.license_identifier, states.get(row.license_identifier)
        if state is None:
            tx.execute(delete(_licenses).where(here))
        elif state != row.state:
            tx.execute(update(_licenses).where(here).values(state=state))


def may_be_printed(tx: Connection, identifier: str) -> bool:
    """Whether the license has not ended."""
    row = find(tx, identifier)
    return row is not None and row.state not in licensestates.NO_MORE_PRINTS


def _authorised(tx: Connection, case: Case) -> set[str]:
    columns = tables.outbox.c
    bodies = select(columns.body).where(columns.case_no == case.case_no, columns.type == "print.authorised")
    found = (
        Envelope.parse(body).facts or {} for body in tx.execute(bodies.where(columns.state != "refused")).scalars()
    )
    return {facts["authorisation_no"] for facts in found}
