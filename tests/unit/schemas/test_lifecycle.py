"""The life of a case: every state with every message, and no history leads anywhere else."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import YunhuobanError
from schemas.lifecycle import CLOSED, CaseState, advance
from schemas.messages import TYPES

S = CaseState
GRANTED, DENIED = {"outcome": "granted"}, {"outcome": "denied"}
PRINTED, SPOILED = {"result": "printed"}, {"result": "spoiled"}

# Every legal move: before, message, what its facts say, after.
MOVES = [
    (None, "application.submitted", None, S.SUBMITTED),
    (S.SUBMITTED, "application.accepted", {}, S.ACCEPTED),
    (S.ACCEPTED, "decision.made", GRANTED, S.GRANTED),
    (S.ACCEPTED, "decision.made", DENIED, S.DENIED),
    (S.GRANTED, "license.issued", {}, S.LICENSED),
    (S.LICENSED, "print.authorised", {}, S.LICENSED),
    (S.LICENSED, "print.claimed", {}, S.LICENSED),
    (S.LICENSED, "print.settled", SPOILED, S.LICENSED),
    (S.LICENSED, "print.settled", PRINTED, S.PRINTED),
    (S.PRINTED, "print.authorised", {}, S.PRINTED),
    (S.PRINTED, "print.claimed", {}, S.PRINTED),
    (S.PRINTED, "print.settled", SPOILED, S.PRINTED),
    (S.PRINTED, "print.settled", PRINTED, S.PRINTED),
    (S.PRINTED, "case.handed_over", {}, S.HANDED_OVER),
    (S.HANDED_OVER, "print.authorised", {}, S.HANDED_OVER),
    (S.HANDED_OVER, "print.claimed", {}, S.HANDED_OVER),
    (S.HANDED_OVER, "print.settled", SPOILED, S.HANDED_OVER),
    (S.HANDED_OVER, "print.settled", PRINTED, S.HANDED_OVER),
]
NOTICES = ("message.received", "message.refused")
LEGAL = {(before, kind) for before, kind, _, _ in MOVES}
STATES = (None, *CaseState)
ROAD = (None, S.SUBMITTED, S.ACCEPTED, S.GRANTED, S.LICENSED, S.PRINTED, S.HANDED_OVER)
RANK = {state: rank for rank, state in enumerate(ROAD)}
RANK[S.DENIED] = RANK[S.HANDED_OVER]


@pytest.mark.parametrize(("before", "kind", "facts", "after"), MOVES)
def test_legal_moves(before, kind, facts, after):
    """Each lawful step leads to its state."""
    assert advance(before, kind, facts) is after


@pytest.mark.parametrize(("before", "kind"), list(itertools.product(STATES, [*TYPES, "print.granted", "", "no.such"])))
def test_every_other_move_is_out_of_turn(before, kind):
    """What is not listed is refused, with what would have been lawful; notices change nothing."""
    if kind in NOTICES:
        assert advance(before, kind, {"code": "E-ADM-001"}) is before
        return
    if (before, kind) in LEGAL:
        return
    with pytest.raises(YunhuobanError, match="E-ADM-102") as caught:
        advance(before, kind, {"outcome": "granted", "result": "printed"})
    lawful = {each for state, each in LEGAL if state is before}
    assert set(filter(None, caught.value.expected.split(", "))) == lawful
    assert caught.value.place == "type"
    assert str(before or "no case") in caught.value.found


OUTCOMES, RESULTS = st.sampled_from([GRANTED, DENIED]), st.sampled_from([PRINTED, SPOILED])


@given(st.lists(st.tuples(st.sampled_from(sorted(TYPES)), OUTCOMES, RESULTS)))
def test_any_history_only_goes_forward(steps):
    """Whatever arrives in whatever order: a case never goes back, never skips a step, and ends where it is closed."""
    state, taken = None, []
    for kind, outcome, result in steps:
        facts = {**outcome, **result}
        try:
            after = advance(state, kind, facts)
        except YunhuobanError:
            continue
        assert RANK[after] >= RANK[state]
        assert kind in NOTICES or state not in CLOSED or after is state
        if kind not in NOTICES:
            taken.append(kind)
        state = after
    order = ["application.submitted", "application.accepted", "decision.made", "license.issued"]
    assert [kind for kind in taken if kind in order] == order[: sum(kind in order for kind in taken)]
    if "case.handed_over" in taken:
        assert taken.count("case.handed_over") == 1
        assert "print.settled" in taken[: taken.index("case.handed_over")]


def test_closed_states_have_no_way_out():
    """A closed case goes nowhere: what it still takes accounts for sheets; every other state has a next step."""
    leads_on = {before for before, _, _, after in MOVES if after is not before}
    assert {state for state in CaseState if state not in leads_on} == set(CLOSED)
