"""Several cases that are one thing to the applicant: where the group stands, and what is due for its sake.

多地联办 (国办发〔2020〕35号) joins parts in several counties, 一件事 (国办发〔2022〕32号) parts of several authorities
of one county; both are tracked and end as one. When the applicant chose all or none and a part fails, the parts that
are not decided are withdrawn and for those that were granted the authority is asked to take them back; it answers, and
may keep one with its reasons. Pure: the window county works out each step from where its cases stand, so the same step
is due however often it is asked, until it was taken.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.lifecycle import CaseState


class GroupState(StrEnum):
    """Where a group stands as a whole."""

    GATHERING = "gathering"
    """Not all parts have been sent yet."""
    UNDER_WAY = "under_way"
    COMPENSATING = "compensating"
    """A part failed, and the others are being taken back."""
    WHOLE = "whole"
    """Every part was granted."""
    PARTLY = "partly"
    """Some were granted and stay so."""
    NONE = "none"
    """No part is granted any more, or none ever was."""


class Turn(StrEnum):
    """Whether a part that has to wait for others may be sent."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"
    """What it waits for failed, or the applicant chose all or none and any part did."""


class Step(StrEnum):
    """What is due for one part because another one failed."""

    WITHDRAW = "case.withdrawn"
    REQUEST_UNDO = "case.undo_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One case of a group, as the window county sees it."""

    case_no: str
    part: int
    state: CaseState
    """Of a closed case where its decision left it: a denied one is denied, and any other counts as granted."""
    undo_requested: bool = False
    undo_answered: bool = False
    """The authority has answered, whichever way."""


_S = CaseState
FAILED: Final = frozenset({_S.NOT_ACCEPTED, _S.DENIED, _S.WITHDRAWN, _S.TERMINATED, _S.UNDONE})
"""A part that ended without what was applied for."""
_UNDECIDED: Final = frozenset({_S.SUBMITTED, _S.SUPPLEMENT_REQUESTED, _S.SUPPLEMENTED, _S.ACCEPTED, _S.SPECIAL})
_UNDOABLE: Final = frozenset({_S.GRANTED, _S.LICENSED, _S.PRINTED})
_GRANTED: Final = _UNDOABLE | {_S.HANDED_OVER, _S.CLOSED}


def failed(parts: Sequence[Part]) -> Part | None:
    """The first part that failed, if any."""
    return next((each for each in sorted(parts, key=lambda part: part.part) if each.state in FAILED), None)


def due(parts: Sequence[Part], *, all_or_none: bool) -> list[tuple[Part, Step]]:
    """What has to be said now, in the order of the parts; nothing for a group whose parts do not hang together."""
    if not all_or_none or failed(parts) is None:
        return []
    found = []
    for each in sorted(parts, key=lambda part: part.part):
        if each.state in _UNDECIDED:
            found.append((each, Step.WITHDRAW))
        elif each.state in _UNDOABLE and not each.undo_requested:
            found.append((each, Step.REQUEST_UNDO))
    return found


_STAGES: Final = {
    **dict.fromkeys((_S.SUBMITTED, _S.SUPPLEMENT_REQUESTED, _S.SUPPLEMENTED), 1),
    **dict.fromkeys((_S.ACCEPTED, _S.SPECIAL), 2),
    **dict.fromkeys(_UNDOABLE, 3),
}
STAGES: Final = 4
"""Of each part on the bar of its group: sent, accepted, granted, over."""


def progress(parts: Sequence[Part], *, given_up: int = 0) -> int:
    """How many stages all parts have behind them together."""
    return sum(_STAGES.get(each.state, STAGES) for each in parts) + STAGES * given_up


def turn(after: Collection[int], parts: Sequence[Part], *, all_or_none: bool) -> Turn:
    """Whether a part may be sent that these have to be granted before; `parts` are those that were sent."""
    states = {each.part: each.state for each in parts}
    if any(states.get(each) in FAILED for each in after) or (all_or_none and failed(parts) is not None):
        return Turn.NEVER
    return Turn.NOW if all(states.get(each) in _GRANTED for each in after) else Turn.LATER


def standing(parts: Sequence[Part], *, count: int, all_or_none: bool, given_up: int = 0) -> GroupState:
    """Where the group of `count` parts stands; `parts` are those that were sent, `given_up` will never be."""
    undecided = [each for each in parts if each.state in _UNDECIDED]
    if all_or_none and failed(parts) is not None:
        waiting = [each for each in parts if each.state in _UNDOABLE and not each.undo_answered]
        if undecided or waiting:
            return GroupState.COMPENSATING
    elif len({each.part for each in parts}) + given_up < count:
        return GroupState.GATHERING
    elif undecided:
        return GroupState.UNDER_WAY
    bad = sum(each.state in FAILED for each in parts)
    if not bad and len({each.part for each in parts}) == count:
        return GroupState.WHOLE
    return GroupState.NONE if bad == len(parts) else GroupState.PARTLY
