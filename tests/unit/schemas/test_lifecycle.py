"""The life of a case: every state with every message, and no history leads anywhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.errors import YunhuobanError
from schemas.lifecycle import ENDED, TURN, CaseState, advance, begun, crossed, may_still_come
from schemas.messages import TYPES, Party
from tests.sampling import examples

S = CaseState
GRANTED, DENIED = {"outcome": "granted"}, {"outcome": "denied"}
PRINTED, SPOILED, REVOKED = {"result": "printed"}, {"result": "spoiled"}, {"result": "revoked"}
BEFORE_ACCEPTANCE = (S.SUBMITTED, S.SUPPLEMENT_REQUESTED, S.SUPPLEMENTED)
UNDECIDED = (*BEFORE_ACCEPTANCE, S.ACCEPTED, S.SPECIAL)
LICENSED = (S.LICENSED, S.PRINTED, S.HANDED_OVER)
UNDOABLE = (S.GRANTED, S.LICENSED, S.PRINTED)
MATTERS = (S.ASKED, S.ANSWERED, S.APPEALED, S.APPEAL_ANSWERED, S.SETTLED, S.CHECKING, S.CHECKED, S.LISTED, S.RECONCILED,
           S.REVIEWING, S.REVIEWED, S.REVIEW_DECLINED)  # fmt: skip
CASES = [each for each in S if each not in MATTERS]
ALWAYS = ("parcel.sent", "parcel.received", "rating.given", "rating.followed_up")

REVIEW = ("convened", "drawn", "concluded")

# Every legal move: before, message, what its facts say, after.
MOVES = [
    (None, "application.submitted", None, S.SUBMITTED),
    (S.SUBMITTED, "supplement.requested", {}, S.SUPPLEMENT_REQUESTED),
    (S.SUPPLEMENT_REQUESTED, "supplement.provided", None, S.SUPPLEMENTED),
    *((each, "application.not_accepted", {}, S.NOT_ACCEPTED) for each in BEFORE_ACCEPTANCE),
    *((each, "application.accepted", {}, S.ACCEPTED) for each in BEFORE_ACCEPTANCE),
    (S.ACCEPTED, "review.advanced", {}, S.ACCEPTED),
    (S.ACCEPTED, "procedure.opened", {}, S.SPECIAL),
    (S.SPECIAL, "procedure.closed", {}, S.ACCEPTED),
    (S.ACCEPTED, "deadline.extended", {}, S.ACCEPTED),
    (S.ACCEPTED, "decision.made", GRANTED, S.GRANTED),
    (S.ACCEPTED, "decision.made", DENIED, S.DENIED),
    *((each, "case.withdrawn", None, S.WITHDRAWN) for each in UNDECIDED),
    *((each, "case.terminated", {}, S.TERMINATED) for each in UNDECIDED),
    (S.GRANTED, "license.issued", {}, S.LICENSED),
    *((each, "license.state_changed", {}, each) for each in (*LICENSED, S.CLOSED, S.UNDONE)),
    *((each, "print.authorised", {}, each) for each in LICENSED),
    *((each, "print.revoked", {}, each) for each in LICENSED),
    *((each, "print.claimed", {}, each) for each in LICENSED),
    *((each, "print.settled", facts, each) for each in LICENSED for facts in (SPOILED, REVOKED)),
    (S.LICENSED, "print.settled", PRINTED, S.PRINTED),
    (S.PRINTED, "print.settled", PRINTED, S.PRINTED),
    (S.HANDED_OVER, "print.settled", PRINTED, S.HANDED_OVER),
    (S.PRINTED, "case.handed_over", {}, S.HANDED_OVER),
    *((each, "case.closed", {}, S.CLOSED) for each in (S.DENIED, S.GRANTED, S.LICENSED, S.HANDED_OVER)),
    *((each, kind, {}, each) for each in CASES for kind in ALWAYS),
    *((each, f"visit.{kind}", {}, each) for each in (S.ACCEPTED, S.SPECIAL) for kind in ("offered", "booked", "done")),
    *((each, "license.expiring", {}, each) for each in (*LICENSED, S.CLOSED)),
    *((each, "group.joined", {}, each) for each in UNDECIDED),
    *((each, "case.undo_requested", None, each) for each in UNDOABLE),
    *((each, "case.undone", {"undo_outcome": "kept"}, each) for each in UNDOABLE),
    *((each, "case.undone", {"undo_outcome": "undone"}, S.UNDONE) for each in UNDOABLE),
    (None, "question.asked", {}, S.ASKED),
    (S.ASKED, "question.answered", {}, S.ANSWERED),
    (S.ANSWERED, "question.continued", {}, S.ASKED),
    *((each, "question.closed", {}, S.SETTLED) for each in (S.ASKED, S.ANSWERED)),
    (None, "appeal.raised", {}, S.APPEALED),
    (S.APPEALED, "appeal.escalated", {}, S.APPEALED),
    (S.APPEAL_ANSWERED, "appeal.returned", {}, S.APPEALED),
    (S.APPEALED, "appeal.answered", {}, S.APPEAL_ANSWERED),
    *((each, "appeal.closed", {}, S.SETTLED) for each in (S.APPEALED, S.APPEAL_ANSWERED)),
    (None, "alive.requested", {}, S.CHECKING),
    (S.CHECKING, "alive.answered", None, S.CHECKED),
    (None, "list.published", {}, S.LISTED),
    (S.LISTED, "list.reconciled", {}, S.RECONCILED),
    *((each, f"review.{kind}", {}, each) for each in (S.ACCEPTED, S.SPECIAL) for kind in REVIEW),
    (None, "opinion.asked", {}, S.REVIEWING),
    (S.REVIEWING, "opinion.given", None, S.REVIEWED),
    (S.REVIEWING, "opinion.declined", {}, S.REVIEW_DECLINED),
]
NOTICES = ("message.received", "message.refused")
LEGAL = {(before, kind) for before, kind, _, _ in MOVES}
STATES = (None, *CaseState)
MAIN_ROAD = ["application.submitted", "application.accepted", "decision.made", "license.issued"]


def test_legal_moves():
    """Each lawful step leads to its state."""
    for before, kind, facts, after in MOVES:
        assert advance(before, kind, facts) is after, (before, kind)


@pytest.mark.parametrize("before", STATES)
def test_every_other_move_is_out_of_turn(before):
    """What is not listed is refused, with what would have been lawful; notices change nothing."""
    lawful = {each for state, each in LEGAL if state is before}
    for kind in (*TYPES, "print.granted", "", "no.such"):
        if kind in NOTICES:
            assert advance(before, kind, {"code": "E-ADM-001"}) is before
        elif (before, kind) not in LEGAL:
            with pytest.raises(YunhuobanError, match="E-ADM-102") as caught:
                advance(before, kind, {"outcome": "granted", "result": "printed"})
            assert set(filter(None, caught.value.expected.split(", "))) == lawful, kind
            assert caught.value.place == "type"
            assert str(before or "no case") in caught.value.found


def test_every_step_of_a_case_has_its_turn():
    """Whatever takes part in the order of a case is somewhere lawful, and stands in the order of its law."""
    assert set(TURN) == {name for name, kind in TYPES.items() if kind.chained}
    assert [kind for kind in TURN if kind in MAIN_ROAD] == MAIN_ROAD


def test_ended_states_have_no_way_out_but_closing():
    """Where nobody waits any more the case goes nowhere, unless the authority closes it; all others lead on."""
    leads_on = {before for before, kind, _, after in MOVES if after is not before and kind != "case.closed"}
    assert {state for state in CaseState if state not in leads_on} == set(ENDED)


class History(RuleBasedStateMachine):
    """Random messages, duplicated and out of order, against what the law says of the ones that were taken."""

    def __init__(self) -> None:
        super().__init__()
        self.state = None
        self.taken: list[tuple[str, dict[str, str]]] = []

    @rule(kind=st.sampled_from(sorted(TYPES)), outcome=st.sampled_from([GRANTED, DENIED]),
          result=st.sampled_from([PRINTED, SPOILED, REVOKED]), twice=st.booleans())  # fmt: skip
    def message(self, kind, outcome, result, twice):
        """One message, perhaps delivered twice."""
        for _ in range(1 + twice):
            try:
                self.state = advance(self.state, kind, {**outcome, **result})
            except YunhuobanError:
                continue
            if kind not in NOTICES:
                self.taken.append((kind, {**outcome, **result}))

    @invariant()
    def lawful(self):
        """One of each document; acceptance before review, decision, license, print; no decision in a pause."""
        kinds = [kind for kind, _ in self.taken]
        for once in (*MAIN_ROAD, "supplement.requested", "supplement.provided", "application.not_accepted",
                     "case.withdrawn", "case.terminated", "case.handed_over", "case.closed"):  # fmt: skip
            assert kinds.count(once) <= 1, once
        road = [kind for kind in kinds if kind in MAIN_ROAD]
        assert road == MAIN_ROAD[: len(road)]
        decided = kinds.index("decision.made") if "decision.made" in kinds else len(kinds)
        before = kinds[:decided]
        paused = before.count("procedure.opened") - before.count("procedure.closed")
        assert paused == (self.state is S.SPECIAL) or self.state in (S.WITHDRAWN, S.TERMINATED)
        assert decided == len(kinds) or not paused
        for late in ("review.advanced", "procedure.opened", "procedure.closed", "deadline.extended",
                     "supplement.requested", "case.withdrawn", "case.terminated"):  # fmt: skip
            assert late not in kinds[decided:]
        if "case.handed_over" in kinds:
            handed = kinds.index("case.handed_over")
            assert any(kind == "print.settled" and facts["result"] == "printed" for kind, facts in self.taken[:handed])

    @invariant()
    def ended_is_ended(self):
        """After the end only closing, sheets of paper and the license's state are spoken of."""
        state = None
        for kind, facts in self.taken:
            after = advance(state, kind, facts)
            if state in ENDED:
                assert after is state or after is S.CLOSED
            state = after


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=examples(200, 60), stateful_step_count=40)

OUTCOMES, RESULTS = st.sampled_from([GRANTED, DENIED]), st.sampled_from([PRINTED, SPOILED, REVOKED])


@given(st.lists(st.tuples(st.sampled_from(TURN), OUTCOMES, RESULTS), max_size=40), st.randoms())
def test_steps_that_cross_end_where_the_hub_saw_them(steps, chance):
    """Whatever the hub admitted, both parties find its state from the two chains alone."""
    state, chains = None, {Party.WINDOW: [], Party.ISSUING: []}
    for kind, outcome, result in steps:
        facts = {**outcome, **result}
        try:
            state = advance(state, kind, facts)
        except YunhuobanError:
            continue
        sender = TYPES[kind].sender
        chains[Party.WINDOW if sender is Party.EITHER else sender].append((kind, facts))
    if state is not None:
        assert crossed(chains[Party.WINDOW], chains[Party.ISSUING]) is state
        assert crossed(chains[Party.ISSUING], chains[Party.WINDOW]) is state


@pytest.mark.parametrize("state", list(S))
def test_what_may_still_come_is_what_some_history_reaches(state):
    """A step that can never have its turn again is told from one whose turn will come, whatever happens."""
    reached, wave = {state}, [state]
    while wave:
        here = wave.pop()
        wave += (found := {after for before, _, _, after in MOVES if before is here} - reached)
        reached |= found
    for kind in TURN:
        expected = any(before in reached and name == kind for before, name, _, _ in MOVES)
        assert may_still_come(state, kind) is expected, kind


@pytest.mark.parametrize("state", list(S))
def test_what_stands_somewhere_began_where_its_opening_left_it(state):
    """A step that is taken back leaves a question a question and a case a case."""
    first = begun(state)
    reached, wave = {first}, [first]
    while wave:
        here = wave.pop()
        wave += (found := {after for before, _, _, after in MOVES if before is here} - reached)
        reached |= found
    assert state in reached
    assert (state in MATTERS) == (first in MATTERS)


def test_chains_that_no_order_joins_have_no_state():
    """A withdrawal and a decision cannot both stand."""
    ours = [("application.submitted", None), ("case.withdrawn", None)]
    theirs = [("application.accepted", {}), ("decision.made", GRANTED)]
    assert crossed(ours, theirs) is None
    assert crossed(ours, theirs[:1]) is S.WITHDRAWN
    assert crossed(ours[:1], theirs) is S.GRANTED
