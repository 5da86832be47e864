"""The book of proposals: of each act of a case at most one waits at a time; what they say is sealed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.hall.approving.acts import Act
from adapters.hall.approving.tables import proposals
from adapters.identity import Identity
from adapters.instants import from_millis, to_millis
from schemas.errors import YunhuobanError, declare

WAITS_ALREADY: Final = declare(
    "E-APPR-021", "这一步已经有人提出，正在等待批准。", "请先批准或者退回原来提出的，再提出新的。"
)
APPROVED, RETURNED = "approved", "returned"
_columns = proposals.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One of them; who and when, without what it says."""

    proposal_id: str
    case_no: str
    act: Act
    proposed_by: str
    proposed_at: datetime
    outcome: str | None
    settled_by: str | None
    settled_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether nobody has approved or returned it."""
        return self.outcome is None


def put(
    tx: Connection,
    identity: Identity,
    *,
    proposal_id: str,
    case_no: str,
    act: Act,
    answers: Mapping[str, str],
    by: str,
    now: datetime,
) -> None:
    """Enter one; the same once more changes nothing. Raises E-APPR-021 while another one of its kind waits."""
    if find(tx, proposal_id) is not None:
        return
    if any(each.waits and each.act is act for each in of_case(tx, case_no)):
        raise YunhuobanError(WAITS_ALREADY, place="act", found=act.value)
    sealed = identity.storage.seal(json.dumps(answers).encode(), place=_place(proposal_id))
    tx.execute(
        insert(proposals).values(
            proposal_id=proposal_id,
            case_no=case_no,
            act=act.value,
            answers_sealed=sealed,
            proposed_by=by,
            proposed_at=to_millis(now),
        )
    )


def find(tx: Connection, proposal_id: str) -> Proposal | None:
    """One of them, or None."""
    row = tx.execute(select(proposals).where(_columns.proposal_id == proposal_id)).one_or_none()
    return None if row is None else _proposal(row)


def of_case(tx: Connection, case_no: str) -> Sequence[Proposal]:
    """All of a case, oldest first."""
    rows = tx.execute(select(proposals).where(_columns.case_no == case_no).order_by(_columns.proposed_at))
    return [_proposal(row) for row in rows]


def waiting(tx: Connection) -> Sequence[Proposal]:
    """All that nobody has settled, oldest first."""
    rows = tx.execute(select(proposals).where(_columns.outcome.is_(None)).order_by(_columns.proposed_at))
    return [_proposal(row) for row in rows]


def answers(tx: Connection, identity: Identity, proposal_id: str) -> Mapping[str, str]:
    """What it says."""
    sealed = tx.execute(select(_columns.answers_sealed).where(_columns.proposal_id == proposal_id)).scalar_one()
    found: dict[str, str] = json.loads(identity.storage.open(sealed, place=_place(proposal_id)))
    return found


def why(tx: Connection, identity: Identity, proposal_id: str) -> str:
    """Why it was returned; empty when it was not."""
    sealed = tx.execute(select(_columns.why_sealed).where(_columns.proposal_id == proposal_id)).scalar_one()
    return identity.storage.open(sealed, place=f"{_place(proposal_id)}/why").decode() if sealed else ""


def settle(
    tx: Connection, identity: Identity, proposal_id: str, *, outcome: str, by: str, why: str = "", now: datetime
) -> None:
    """Enter what became of it."""
    sealed = identity.storage.seal(why.encode(), place=f"{_place(proposal_id)}/why") if why else None
    tx.execute(
        update(proposals)
        .where(_columns.proposal_id == proposal_id)
        .values(outcome=outcome, settled_by=by, settled_at=to_millis(now), why_sealed=sealed)
    )


def _place(proposal_id: str) -> str:
    return f"approval_proposals/{proposal_id}"


def _proposal(row: Any) -> Proposal:
    return Proposal(
        proposal_id=row.proposal_id,
        case_no=row.case_no,
        act=Act(row.act),
        proposed_by=row.proposed_by,
        proposed_at=from_millis(row.proposed_at),
        outcome=row.outcome,
        settled_by=row.settled_by,
        settled_at=None if row.settled_at is None else from_millis(row.settled_at),
    )
