"""The states of one sheet of blank stock and the only ways between them: a pure table.

Source: domain.md 6.2. `book` takes what it allows from this table, so that it cannot allow more.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class StockState(StrEnum):
    """Where one sheet is. RETURNED: a clerk has put it back, and the keeper has not counted it yet."""

    IN_STOCK = "in_stock"
    ISSUED = "issued"
    LOADED = "loaded"
    RETURNED = "returned"
    PRINTED = "printed"
    SPOILED = "spoiled"
    LOST = "lost"
    DESTROYED = "destroyed"


class StockEvent(StrEnum):
    """What can happen to a sheet."""

    RECEIVE = "receive"
    ISSUE = "issue"
    LOAD = "load"
    TAKE_OVER = "take_over"
    GIVE_BACK = "return"
    TAKE_BACK = "take_back"
    PRINT = "print"
    SPOIL = "spoil"
    LOSE = "lose"
    DECLARE_VOID = "declare_void"
    DESTROY = "destroy"


_S = StockState
NOWHERE: Final[frozenset[StockState]] = frozenset()

# For each event the states it may find and the one it leaves. A number is received once, from nowhere; nothing leads
# out of printed and destroyed, and a lost sheet stays lost: should it turn up, it is void and its number is not used.
TRANSITIONS: Final[Mapping[StockEvent, tuple[frozenset[StockState], StockState]]] = MappingProxyType(
    {
        StockEvent.RECEIVE: (NOWHERE, _S.IN_STOCK),
        StockEvent.ISSUE: (frozenset({_S.IN_STOCK}), _S.ISSUED),
        StockEvent.LOAD: (frozenset({_S.ISSUED}), _S.LOADED),
        StockEvent.TAKE_OVER: (frozenset({_S.LOADED}), _S.LOADED),
        StockEvent.GIVE_BACK: (frozenset({_S.ISSUED, _S.LOADED}), _S.RETURNED),
        StockEvent.TAKE_BACK: (frozenset({_S.RETURNED}), _S.IN_STOCK),
        StockEvent.PRINT: (frozenset({_S.LOADED}), _S.PRINTED),
        StockEvent.SPOIL: (frozenset({_S.IN_STOCK, _S.ISSUED, _S.LOADED}), _S.SPOILED),
        StockEvent.LOSE: (frozenset({_S.IN_STOCK, _S.ISSUED, _S.LOADED, _S.RETURNED, _S.SPOILED}), _S.LOST),
        StockEvent.DECLARE_VOID: (frozenset({_S.LOST}), _S.LOST),
        StockEvent.DESTROY: (frozenset({_S.SPOILED}), _S.DESTROYED),
    }
)
FINAL: Final = frozenset({StockState.PRINTED, StockState.LOST, StockState.DESTROYED})
HELD: Final = frozenset({StockState.ISSUED, StockState.LOADED})
"""With a clerk."""


def next_state(state: StockState | None, event: StockEvent) -> StockState | None:
    """Return the state after an event, or None when it may not happen; a sheet nobody received has no state."""
    before, after = TRANSITIONS[event]
    if state is None:
        return after if before == NOWHERE else None
    return after if state in before else None
