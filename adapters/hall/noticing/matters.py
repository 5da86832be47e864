"""What another county has asked of this one and nobody has answered: told to those who may, and again when it is late.

A matter is told once for each message that asks something, so that a further question, an escalation or a return is
told, too. Read from clear facts alone: nothing is decrypted for a notice.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.hall.around.kinds import DUE, WHOSE
from adapters.hall.noticing.waiting import Waiting
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.lifecycle import CaseState

MOST: Final = 500
_ANSWERS: Final[Mapping[CaseState, str]] = {
    CaseState.ASKED: "question.answered",
    CaseState.APPEALED: "appeal.answered",
    CaseState.CHECKING: "alive.answered",
    CaseState.LISTED: "list.reconciled",
    CaseState.REVIEWING: "opinion.given",
}
"""What a matter waits for in each state, of the county that was asked."""


def found(tx: Connection, county: str, elsewhere: Collection[str], today: date) -> list[Waiting]:
    """Everything that this county owes an answer to; what its own system answers (`elsewhere`) is not told here."""
    cases, box = tables.cases.c, tables.inbox.c
    asked = (
        select(cases.case_no, cases.state, box.message_id, box.type, box.body)
        .select_from(tables.cases.join(tables.inbox, cases.case_no == box.case_no))
        .where(cases.state.in_(sorted(_ANSWERS)), cases.issuing_county == county)
        .where(box.type.in_(sorted(DUE)), box.state == "applied")
        .order_by(box.seq.desc())
        .limit(MOST)
    )
    newest: dict[str, Any] = {}
    for row in tx.execute(asked):
        newest.setdefault(row.case_no, row)
    return [each for row in newest.values() for each in _of(row, elsewhere, today)]


def _of(row: Any, elsewhere: Collection[str], today: date) -> Iterator[Waiting]:
    answer = _ANSWERS[CaseState(row.state)]
    if answer in elsewhere:
        return
    until = (Envelope.parse(row.body).facts or {})[DUE[row.type]]
    about = f"{row.case_no}/{row.message_id}"
    for role in sorted(WHOSE[answer]):
        yield Waiting(role, about, matter=True)
        if until < today:
            yield Waiting(role, f"{about}/late", urgent=True, matter=True)
