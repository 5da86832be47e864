"""What admission asks before a case may be opened: both counties tested, and a trial case done before one in earnest.

Only what opens a case is asked: a result that expires must not strand the cases that are under way.
"""

from sqlalchemy import Connection, select

from hub.conformance import held
from hub.store import tables
from hub.trust import Trust
from schemas.conformance.standing import TRIAL_FIRST
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState


def problem(tx: Connection, trust: Trust, envelope: Envelope) -> YunhuobanError | None:
    """Why this case may not be opened: E-CNF-101 to -104; None when it may, or when results are only noted."""
    if not trust.conformance_required:
        return None
    stated = {code: sorted(each.contract_versions) for code, each in trust.statements.items()
              if code in (envelope.source, envelope.destination)}  # fmt: skip
    lacking = held.lacks(
        trust.results, stated, window=envelope.source, issuing=envelope.destination, item=envelope.service_item
    )
    if lacking:
        return lacking[0].error()
    if envelope.trial or trial_done(
        tx, window=envelope.source, issuing=envelope.destination, item=envelope.service_item
    ):
        return None
    return YunhuobanError(TRIAL_FIRST, place="trial", found="false", expected="true")


def trial_done(tx: Connection, *, window: str, issuing: str, item: str) -> bool:
    """Whether a trial case of the item went the whole road between these two, to its closing."""
    cases = tables.cases.c
    here = (cases.window_county == window) & (cases.issuing_county == issuing) & (cases.service_item == item)
    closed = select(cases.case_no).where(cases.trial, here, cases.state == CaseState.CLOSED.value)
    return tx.execute(closed.limit(1)).first() is not None
