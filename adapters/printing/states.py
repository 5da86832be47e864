"""The states of one print authorisation and the only ways between them: a pure table.

Source: the design's section on licenses and paper, with the job states of RFC 8011 section 5.3.7 extended to
what happens to the sheet. `ledger` takes every WHERE clause from this table, so it cannot allow more than this.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class PrintState(StrEnum):
    """Where one authorisation, and so one sheet, stands."""

    AUTHORISED = "authorised"
    CLAIMED = "claimed"
    PRINTING = "printing"
    PRINTED = "printed"
    SPOILED = "spoiled"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to an authorisation."""

    CLAIM = "claim"
    CLAIM_REFUSED = "claim_refused"
    GRANT = "grant"
    START = "start"
    NOT_PRINTED = "not_printed"
    SHEET_OUT = "sheet_out"
    CONFIRM = "confirm"
    SPOIL = "spoil"
    LOSE = "lose"
    SETTLE_PRINTED = "settle_printed"
    SETTLE_SPOILED = "settle_spoiled"
    REVOKE = "revoke"
    EXPIRE = "expire"
    HAND_BACK = "hand_back"


FINAL: Final = frozenset({PrintState.PRINTED, PrintState.SPOILED, PrintState.REVOKED, PrintState.EXPIRED})
HELD: Final = frozenset({PrintState.CLAIMED, PrintState.PRINTING, PrintState.UNKNOWN})
"""Asked for, and its outcome not said: somebody answers for the sheet."""

_AUTHORISED, _CLAIMED, _PRINTING, _UNKNOWN = (
    PrintState.AUTHORISED,
    PrintState.CLAIMED,
    PrintState.PRINTING,
    PrintState.UNKNOWN,
)

# For each event the states it may find and the one it leaves. `unknown` has only the two ways a person opens:
# nothing leads from it back to paper. Only a claim without a grant may run out of time (`expire`); a granted one
# is handed back by the station that holds it, which alone knows that it never started.
TRANSITIONS: Final[Mapping[Event, tuple[frozenset[PrintState], PrintState]]] = MappingProxyType(
    {
        Event.CLAIM: (frozenset({_AUTHORISED}), _CLAIMED),
        Event.CLAIM_REFUSED: (frozenset({_CLAIMED}), _AUTHORISED),
        Event.GRANT: (frozenset({_CLAIMED}), _CLAIMED),
        Event.START: (frozenset({_CLAIMED}), _PRINTING),
        Event.NOT_PRINTED: (frozenset({_PRINTING}), _CLAIMED),
        Event.SHEET_OUT: (frozenset({_PRINTING}), _PRINTING),
        Event.CONFIRM: (frozenset({_PRINTING}), PrintState.PRINTED),
        Event.SPOIL: (frozenset({_PRINTING}), PrintState.SPOILED),
        Event.LOSE: (frozenset({_PRINTING}), _UNKNOWN),
        Event.SETTLE_PRINTED: (frozenset({_UNKNOWN}), PrintState.PRINTED),
        Event.SETTLE_SPOILED: (frozenset({_UNKNOWN}), PrintState.SPOILED),
        Event.REVOKE: (frozenset({_AUTHORISED, _CLAIMED}), PrintState.REVOKED),
        Event.EXPIRE: (frozenset({_AUTHORISED, _CLAIMED}), PrintState.EXPIRED),
        Event.HAND_BACK: (frozenset({_CLAIMED}), PrintState.EXPIRED),
    }
)


def next_state(state: PrintState, event: Event) -> PrintState | None:
    """Return the state after an event, or None when the event may not happen in this state."""
    before, after = TRANSITIONS[event]
    return after if state in before else None
