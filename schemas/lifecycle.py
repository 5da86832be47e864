"""The states of a case and the only legal moves between them, as far as the hub can judge from clear fields.

Lawful order: 受理 before 审查 and 决定, 决定 before 制证, 制证 before 打印 and 送达 (行政许可法 ch. IV); what is
missing is told at once and once (art. 32), a special procedure ends before the decision (art. 45), an applicant may
withdraw until the decision is made. What its document must say stands in `schemas.documents`, who may take a step in
`schemas.messages`. Pure.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from schemas.errors import YunhuobanError, declare

OUT_OF_TURN: Final = declare(
    "E-ADM-102", "办件的当前状态下不能进行这一步。", "请核对办件现在的状态；“应为”一栏是现在可以进行的步骤。"
)


class CaseState(StrEnum):
    """Where a case stands; the number is that of the counter's practice (收件 20, 补正 40, 受理 50, …)."""

    SUBMITTED = "submitted"
    """20–35: received at the window and on its way to the authority, not yet accepted."""
    SUPPLEMENT_REQUESTED = "supplement_requested"
    """40: everything that is missing was told, once."""
    SUPPLEMENTED = "supplemented"
    """The applicant has added it; nothing more may be asked for before acceptance."""
    NOT_ACCEPTED = "not_accepted"
    """45, the end."""
    ACCEPTED = "accepted"
    """50–60: accepted and under examination; the time limit runs."""
    SPECIAL = "special"
    """65: a special procedure is open; the time limit stands still."""
    GRANTED = "granted"
    """70."""
    DENIED = "denied"
    """75, the end but for closing."""
    LICENSED = "licensed"
    """80."""
    PRINTED = "printed"
    """86."""
    HANDED_OVER = "handed_over"
    """90: done, for the applicant."""
    CLOSED = "closed"
    """95: closed by the authority."""
    WITHDRAWN = "withdrawn"
    """97: by the applicant, before the decision."""
    TERMINATED = "terminated"
    """98: ended by the authority without a decision."""
    UNDONE = "undone"
    """Granted, and taken back by the authority because another part of its group failed."""
    ASKED = "asked"
    """A question (云咨询) waits for its answer."""
    ANSWERED = "answered"
    """It was answered; who asked may ask further."""
    APPEALED = "appealed"
    """What would not go (办不成事) waits for whoever is responsible."""
    APPEAL_ANSWERED = "appeal_answered"
    """They have said what they did; the person has not said yet whether that will do."""
    SETTLED = "settled"
    """A question or an appeal is over."""
    CHECKING = "checking"
    """A county is asked whether somebody is alive (异地资格认证)."""
    CHECKED = "checked"
    LISTED = "listed"
    """A monthly list waits to be gone through."""
    RECONCILED = "reconciled"
    REVIEWING = "reviewing"
    """An expert is asked for an opinion (云评审)."""
    REVIEWED = "reviewed"
    REVIEW_DECLINED = "review_declined"
    """The expert may not or cannot give one: the next one that was drawn is asked."""


_S = CaseState
_UNDECIDED: Final = (_S.SUBMITTED, _S.SUPPLEMENT_REQUESTED, _S.SUPPLEMENTED, _S.ACCEPTED, _S.SPECIAL)
_LICENSED: Final = (_S.LICENSED, _S.PRINTED, _S.HANDED_OVER)
_UNDOABLE: Final = (_S.GRANTED, _S.LICENSED, _S.PRINTED)
"""Until the applicant holds the paper."""
MATTERS: Final = frozenset(
    {_S.ASKED, _S.ANSWERED, _S.APPEALED, _S.APPEAL_ANSWERED, _S.SETTLED, _S.CHECKING, _S.CHECKED, _S.LISTED,
     _S.RECONCILED, _S.REVIEWING, _S.REVIEWED, _S.REVIEW_DECLINED}
)  # fmt: skip
"""Where a matter beside the cases can stand; no case ever stands there."""
OF_A_CASE: Final = tuple(each for each in CaseState if each not in MATTERS)
"""Where a case can stand."""


def _stay(kind: str, *states: CaseState) -> dict[tuple[CaseState | None, str], CaseState]:
    return {(state, kind): state for state in states}


def _to(after: CaseState, kind: str, *states: CaseState) -> dict[tuple[CaseState | None, str], CaseState]:
    return {(state, kind): after for state in states}


MOVES: Final[Mapping[tuple[CaseState | None, str], CaseState]] = {
    (None, "application.submitted"): _S.SUBMITTED,
    **_to(_S.SUPPLEMENT_REQUESTED, "supplement.requested", _S.SUBMITTED),
    **_to(_S.SUPPLEMENTED, "supplement.provided", _S.SUPPLEMENT_REQUESTED),
    **_to(_S.NOT_ACCEPTED, "application.not_accepted", _S.SUBMITTED, _S.SUPPLEMENT_REQUESTED, _S.SUPPLEMENTED),
    # Of what was asked for the authority may do without: then it accepts, and what still comes is late.
    **_to(_S.ACCEPTED, "application.accepted", _S.SUBMITTED, _S.SUPPLEMENT_REQUESTED, _S.SUPPLEMENTED),
    **_stay("review.advanced", _S.ACCEPTED),
    **_to(_S.SPECIAL, "procedure.opened", _S.ACCEPTED),
    **_to(_S.ACCEPTED, "procedure.closed", _S.SPECIAL),
    **_stay("deadline.extended", _S.ACCEPTED),
    **_to(_S.GRANTED, "decision.made", _S.ACCEPTED),
    **_to(_S.WITHDRAWN, "case.withdrawn", *_UNDECIDED),
    **_to(_S.TERMINATED, "case.terminated", *_UNDECIDED),
    **_to(_S.LICENSED, "license.issued", _S.GRANTED),
    # The authority may change a license's state at any time after it was issued.
    **_stay("license.state_changed", *_LICENSED, _S.CLOSED, _S.UNDONE),
    # A second copy may still lie at the printer when the first is handed over: every sheet is accounted for.
    # What is taken back may be authorised anew.
    **_stay("print.revoked", *_LICENSED),
    **_stay("print.authorised", *_LICENSED),
    **_stay("print.claimed", *_LICENSED),
    **_stay("print.settled", *_LICENSED),
    **_to(_S.HANDED_OVER, "case.handed_over", _S.PRINTED),
    # A decision without a license, a license that stays electronic: they are closed as they are.
    **_to(_S.CLOSED, "case.closed", _S.DENIED, _S.GRANTED, _S.LICENSED, _S.HANDED_OVER),
    # Around a case: papers go back from one that ended, too, and people are asked when it is over.
    **_stay("parcel.sent", *OF_A_CASE),
    **_stay("parcel.received", *OF_A_CASE),
    **_stay("visit.offered", _S.ACCEPTED, _S.SPECIAL),
    **_stay("visit.booked", _S.ACCEPTED, _S.SPECIAL),
    **_stay("visit.done", _S.ACCEPTED, _S.SPECIAL),
    **_stay("rating.given", *OF_A_CASE),
    **_stay("rating.followed_up", *OF_A_CASE),
    **_stay("license.expiring", *_LICENSED, _S.CLOSED),
    # A group (多地联办, 一件事): the authority answers each request to undo what it has granted, and may keep it.
    **_stay("group.joined", *_UNDECIDED),
    **_stay("case.undo_requested", *_UNDOABLE),
    **_stay("case.undone", *_UNDOABLE),
    # An expert review goes with a special procedure, or without one where the item names none.
    **_stay("review.convened", _S.ACCEPTED, _S.SPECIAL),
    **_stay("review.drawn", _S.ACCEPTED, _S.SPECIAL),
    **_stay("review.concluded", _S.ACCEPTED, _S.SPECIAL),
    # Beside the cases.
    (None, "question.asked"): _S.ASKED,
    **_to(_S.ANSWERED, "question.answered", _S.ASKED),
    **_to(_S.ASKED, "question.continued", _S.ANSWERED),
    **_to(_S.SETTLED, "question.closed", _S.ASKED, _S.ANSWERED),
    (None, "appeal.raised"): _S.APPEALED,
    # An answer may cross with an escalation: only before it, so that both orders end at the same place.
    **_stay("appeal.escalated", _S.APPEALED),
    **_to(_S.APPEAL_ANSWERED, "appeal.answered", _S.APPEALED),
    **_to(_S.APPEALED, "appeal.returned", _S.APPEAL_ANSWERED),
    **_to(_S.SETTLED, "appeal.closed", _S.APPEALED, _S.APPEAL_ANSWERED),
    (None, "alive.requested"): _S.CHECKING,
    **_to(_S.CHECKED, "alive.answered", _S.CHECKING),
    (None, "list.published"): _S.LISTED,
    **_to(_S.RECONCILED, "list.reconciled", _S.LISTED),
    (None, "opinion.asked"): _S.REVIEWING,
    **_to(_S.REVIEWED, "opinion.given", _S.REVIEWING),
    **_to(_S.REVIEW_DECLINED, "opinion.declined", _S.REVIEWING),
}
# Where what a message says leads elsewhere than the table (`advance`).
_BY_FACTS: Final = {
    _S.ACCEPTED: {_S.DENIED}, _S.GRANTED: {_S.UNDONE}, _S.LICENSED: {_S.PRINTED, _S.UNDONE}, _S.PRINTED: {_S.UNDONE},
}  # fmt: skip
ANYTIME: Final = frozenset({"message.received", "message.refused"})
ENDED: Final = frozenset(
    {_S.NOT_ACCEPTED, _S.DENIED, _S.HANDED_OVER, _S.CLOSED, _S.WITHDRAWN, _S.TERMINATED, _S.UNDONE, _S.SETTLED,
     _S.CHECKED, _S.RECONCILED, _S.REVIEWED, _S.REVIEW_DECLINED}
)  # fmt: skip
"""Nobody waits for anything any more."""
UNDER_WAY: Final = frozenset(OF_A_CASE) - ENDED
"""A case, and not over; matters are not among them."""
_BEGINNINGS: Final[Mapping[CaseState, CaseState]] = {
    **dict.fromkeys((_S.ASKED, _S.ANSWERED), _S.ASKED),
    **dict.fromkeys((_S.APPEALED, _S.APPEAL_ANSWERED), _S.APPEALED),
    **dict.fromkeys((_S.CHECKING, _S.CHECKED), _S.CHECKING),
    **dict.fromkeys((_S.LISTED, _S.RECONCILED), _S.LISTED),
    **dict.fromkeys((_S.REVIEWING, _S.REVIEWED, _S.REVIEW_DECLINED), _S.REVIEWING),
    _S.SETTLED: _S.SETTLED,
}


def advance(state: CaseState | None, message_type: str, facts: Mapping[str, Any] | None) -> CaseState | None:
    """The state after this message. Notices change nothing. Raises E-ADM-102 for a move out of turn."""
    if message_type in ANYTIME:
        return state
    after = MOVES.get((state, message_type))
    if after is None:
        found = f"{message_type} ({state or 'no case'})"
        raise YunhuobanError(OUT_OF_TURN, place="type", found=found, expected=", ".join(sorted(_legal(state))))
    if message_type == "decision.made" and facts and facts["outcome"] == "denied":
        return _S.DENIED
    if message_type == "print.settled" and state is _S.LICENSED and facts and facts["result"] == "printed":
        return _S.PRINTED
    if message_type == "case.undone" and facts and facts["undo_outcome"] == "undone":
        return _S.UNDONE
    return after


def _legal(state: CaseState | None) -> list[str]:
    return [kind for (before, kind) in MOVES if before is state]


def begun(state: CaseState) -> CaseState:
    """Where what stands here once began: a case as submitted, a matter as its opening message leaves it.

    What is over and has two beginnings counts as a question's: nobody can tell any more, and it stays closed to steps.
    """
    return _BEGINNINGS.get(state, CaseState.SUBMITTED)


def may_still_come(state: CaseState, message_type: str) -> bool:
    """Whether this step can have its turn, now or after whatever else may happen; if not, it never will."""
    reached, wave = {state}, [state]
    while wave:
        here = wave.pop()
        found = {after for (before, _), after in MOVES.items() if before is here} | _BY_FACTS.get(here, set())
        wave += found - reached
        reached |= found
    return any((each, message_type) in MOVES for each in reached)


TURN: Final = tuple(dict.fromkeys(kind for _, kind in MOVES))
"""The lawful order of the steps: the order in which those of one case are taken when several come at once."""

Step = tuple[str, Mapping[str, Any] | None]
"""A message's type and facts."""


def crossed(ours: Sequence[Step], theirs: Sequence[Step]) -> CaseState | None:
    """Where a case stands after the steps of both parties, which may have crossed on their way.

    Each party's steps keep their order; between the two any order counts that lets every step be lawful, because the
    hub has admitted them in one such order. None when there is none.
    """
    reached: dict[tuple[int, int], list[CaseState | None]] = {(0, 0): [None]}
    for i in range(len(ours) + 1):
        for j in range(len(theirs) + 1):
            here = reached.setdefault((i, j), [])
            for before, step in (((i - 1, j), ours[i - 1] if i else None), ((i, j - 1), theirs[j - 1] if j else None)):
                if step is None:
                    continue
                for state in reached[before]:
                    try:
                        after = advance(state, *step)
                    except YunhuobanError:
                        continue
                    if after not in here:
                        here.append(after)
    found = reached[len(ours), len(theirs)]
    return found[0] if found else None
