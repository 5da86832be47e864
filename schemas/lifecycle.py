"""The states of a case and the only legal moves between them, as far as the hub can judge from clear fields.

Lawful order: 受理 before 决定, 决定 before 制证, 制证 before 打印 and 送达 (行政许可法 ch. IV). Pure.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from schemas.errors import YunhuobanError, declare

OUT_OF_TURN: Final = declare(
    "E-ADM-102", "办件的当前状态下不能进行这一步。", "请按受理、决定、制证、打印、送达的顺序报送。"
)


class CaseState(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    DENIED = "denied"
    LICENSED = "licensed"
    PRINTED = "printed"
    HANDED_OVER = "handed_over"


_S = CaseState
_MOVES: Final[Mapping[tuple[CaseState | None, str], CaseState]] = {
    (None, "application.submitted"): _S.SUBMITTED,
    (_S.SUBMITTED, "application.accepted"): _S.ACCEPTED,
    (_S.ACCEPTED, "decision.made"): _S.GRANTED,
    (_S.GRANTED, "license.issued"): _S.LICENSED,
    (_S.LICENSED, "print.authorised"): _S.LICENSED,
    (_S.PRINTED, "print.authorised"): _S.PRINTED,
    (_S.LICENSED, "print.claimed"): _S.LICENSED,
    (_S.PRINTED, "print.claimed"): _S.PRINTED,
    (_S.LICENSED, "print.settled"): _S.LICENSED,
    (_S.PRINTED, "print.settled"): _S.PRINTED,
    (_S.PRINTED, "case.handed_over"): _S.HANDED_OVER,
    # A second copy may still lie at the printer when the first is handed over: every sheet is accounted for.
    (_S.HANDED_OVER, "print.authorised"): _S.HANDED_OVER,
    (_S.HANDED_OVER, "print.claimed"): _S.HANDED_OVER,
    (_S.HANDED_OVER, "print.settled"): _S.HANDED_OVER,
}
_ANYTIME: Final = frozenset({"message.received", "message.refused"})
CLOSED: Final = frozenset({_S.DENIED, _S.HANDED_OVER})


def advance(state: CaseState | None, message_type: str, facts: Mapping[str, Any] | None) -> CaseState | None:
    """The state after this message. Notices change nothing. Raises E-ADM-102 for a move out of turn."""
    if message_type in _ANYTIME:
        return state
    after = _MOVES.get((state, message_type))
    if after is None:
        found = f"{message_type} ({state or 'no case'})"
        raise YunhuobanError(OUT_OF_TURN, place="type", found=found, expected=", ".join(sorted(_legal(state))))
    if message_type == "decision.made" and facts and facts["outcome"] == "denied":
        return _S.DENIED
    if message_type == "print.settled" and state is _S.LICENSED and facts and facts["result"] == "printed":
        return _S.PRINTED
    return after


def _legal(state: CaseState | None) -> list[str]:
    return [kind for (before, kind) in _MOVES if before is state]
