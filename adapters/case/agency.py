"""帮办代办: cases that an agent brought, what he may do it on, and whose turn it is with them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from adapters.case import applied
from adapters.case.casebook import Case
from adapters.identity import Identity
from pages.people.person import Role
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import CaseState
from schemas.messages import Party
from schemas.workdays.hours import beijing_day

OVER: Final = declare("E-AGENT-001", "代办授权已经过期，不能据此代办。", "请让申请人重新出具授权，或由申请人本人办理。")
SELF: Final = "self"
_S = CaseState
NEXT: Final[Mapping[CaseState, tuple[Party, Role]]] = {
    **dict.fromkeys((_S.SUBMITTED, _S.SUPPLEMENTED, _S.ACCEPTED, _S.SPECIAL, _S.GRANTED, _S.DENIED),
                    (Party.ISSUING, Role.APPROVER)),
    **dict.fromkeys((_S.SUPPLEMENT_REQUESTED, _S.LICENSED, _S.PRINTED), (Party.WINDOW, Role.CLERK)),
}  # fmt: skip
"""Who is next in charge of a case; of one that is over nobody."""


def demand_authority(record: Mapping[str, Any]) -> None:
    """See that an agent's authorisation held on the day at the window. Raises E-AGENT-001."""
    authority = (record.get("intake") or {}).get("authority")
    if authority is None:
        return
    today = beijing_day(record["received_at"])
    if authority["valid_until"] < today:
        raise YunhuobanError(
            OVER, place="intake.authority.valid_until", found=str(authority["valid_until"]), expected=f">= {today}"
        )


def next_in_charge(case: Case) -> tuple[str, Role] | None:
    """County and role."""
    found = NEXT.get(case.state)
    if found is None:
        return None
    party, role = found
    return (case.parties.window if party is Party.WINDOW else case.parties.issuing), role


def intake(tx: Connection, identity: Identity, case: Case) -> Mapping[str, Any] | None:
    """How an agent's case was taken; None for one that the applicant brought himself, or of which nothing is known."""
    record = applied.record(tx, identity, case)
    found: Mapping[str, Any] | None = record["intake"] if record is not None else None
    return found if found is not None and found["agent"] != SELF else None
