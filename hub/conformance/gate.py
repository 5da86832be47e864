"""What admission asks before a case may be opened: both counties tested, and a trial case done before one in earnest.

Only what opens a case is asked: a result that expires must not strand the cases that are under way.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from hub.conformance import held
from hub.instants import to_millis
from hub.intake.recall import Case
from hub.registry.trust import Trust
from hub.store import insert_new, tables
from schemas.conformance.standing import TRIAL_FIRST
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState

_WHOLE: Final = (CaseState.HANDED_OVER, CaseState.CLOSED)


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
    """Whether a trial case of the item went the whole road between these two."""
    table = tables.trials.c
    here = (table.window_county == window) & (table.issuing_county == issuing) & (table.service_item == item)
    return tx.execute(select(table.case_no).where(here)).first() is not None


def note_trial(tx: Connection, case_no: str, case: Case, after: CaseState, now: datetime) -> None:
    """Remember a trial case that reaches the applicant's hand, or is closed when nothing was to be printed.

    One that was denied is closed, too; it has shown nothing of licenses and printing.
    """
    if case.trial and after in _WHOLE and case.state is not CaseState.DENIED:
        insert_new(
            tx,
            tables.trials,
            window_county=case.parties.window,
            issuing_county=case.parties.issuing,
            service_item=case.service_item,
            case_no=case_no,
            done_at=to_millis(now),
        )


def take_back(tx: Connection, case_no: str, stands: CaseState | None) -> None:
    """The destination refused a step of this case for good; if that undid its end, it has not gone the whole road."""
    if stands not in _WHOLE:
        tx.execute(delete(tables.trials).where(tables.trials.c.case_no == case_no))
