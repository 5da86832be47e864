"""A step of an open case: judged here before it is signed, then put into the outbox.

The same whether the county's own system says it or a person at a page: whose turn it is, what the time limits allow,
what may be done to a license, and which message it answers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.authority import ownlicenses, windowpowers
from adapters.boxes import inbox
from adapters.boxes.outbox import Draft, Outbox
from adapters.case import casebook, groupbook, papers, results, timelimits
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.store import tables
from schemas import itemdetail
from schemas.errors import YunhuobanError
from schemas.messages import APPLICATION, TYPES, party_problem

# What a step answers, if not the application; of several the newest of the first kind that came.
_ANSWERS: Final[Mapping[str, Sequence[str]]] = {
    "supplement.provided": ("supplement.requested",),
    "parcel.received": ("parcel.sent",),
    "visit.booked": ("visit.offered",),
    "visit.done": ("visit.booked", "visit.offered"),
    "rating.followed_up": ("rating.given",),
    "question.answered": ("question.continued", "question.asked"),
    "question.continued": ("question.answered",),
    "question.closed": ("question.answered",),
    "appeal.answered": ("appeal.returned", "appeal.raised"),
    "appeal.returned": ("appeal.answered",),
    "case.undo_requested": ("license.issued", "decision.made"),
    "case.undone": ("case.undo_requested",),
    "appeal.closed": ("appeal.answered",),
    "alive.answered": ("alive.requested",),
    "list.reconciled": ("list.published",),
    "opinion.given": ("opinion.asked",),
    "opinion.declined": ("opinion.asked",),
}


def demand_party(case: Case, county: str, message_type: str) -> None:
    """Raises E-ADM-101 when this step is not the county's to take."""
    kind = TYPES[message_type]
    problem = party_problem(kind, county, case.other(county), case.parties)
    if problem is not None:
        raise YunhuobanError(problem, place="type", found=kind.name)


def take(
    tx: Connection, case: Case, message_type: str, record: Mapping[str, Any], directory: DirectoryView, now: datetime
) -> None:
    """Move the case.

    Raises E-ADM-102 out of turn, E-ADM-111 or -112, E-POWER-003, and what `timelimits.check` and `ownlicenses.check`
    raise.
    """
    casebook.move(tx, case, message_type, record)
    windowpowers.demand_said(directory, case.parties, case.service_item, message_type, record)
    timelimits.check(tx, case, message_type, record, directory, now)
    if message_type in itemdetail.JUDGED:
        itemdetail.check(message_type, record, directory.stated.detail(case.parties.issuing, case.service_item))
    ownlicenses.check(tx, case, message_type, record, now)


def put(
    tx: Connection,
    outbox: Outbox,
    case: Case,
    message_type: str,
    record: Mapping[str, Any],
    directory: DirectoryView,
    now: datetime,
    *,
    county: str,
    supersedes: str | None = None,
    message_id: str | None = None,
    patient: bool = False,
    attachments: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the step's message to the other county; returns its id.

    Raises E-POWER-009 for a decision before the papers, E-POWER-010 for an end before the result, and what
    `Outbox.put` raises.
    A patient one is kept as a draft while there is nobody to encrypt to.
    """
    papers.demand_received(tx, outbox.identity, case, message_type, directory, now)
    results.demand_arrived(tx, case, message_type, directory, now)
    if message_type == groupbook.JOINED:
        groupbook.joined(tx, case, record, now)
    opens = TYPES[message_type].opens
    draft = Draft(
        type=message_type,
        case_no=case.case_no,
        destination=case.other(county),
        service_item=case.service_item,
        trial=case.trial,
        record=record,
        in_reply_to=None if opens else _answered(tx, case, message_type),
        supersedes=supersedes,
        message_id=message_id,
        patient=patient,
        attachments=attachments,
    )
    return outbox.put(tx, draft, directory, now)


def _answered(tx: Connection, case: Case, message_type: str) -> str | None:
    """The message that this step answers, if it came from the other party."""
    for kind in _ANSWERS.get(message_type, (APPLICATION,)):
        seqs = inbox.newest_applied(tx, case.case_no, kind)
        if seqs:
            return tx.execute(select(tables.inbox.c.message_id).where(tables.inbox.c.seq == seqs[0])).scalar()
    return None
