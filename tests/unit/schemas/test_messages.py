"""The party table: for every type, who may send it to whom, and nobody else."""

import itertools

import pytest

from schemas.lifecycle import MATTERS, CaseState, advance
from schemas.messages import APPLICATION, HUB, HUB_TYPES, NOT_A_PARTY, TYPES, Parties, Party, party_problem
from schemas.stating import STATEMENTS

WINDOW, ISSUING, THIRD = "130928", "140881", "370800"
PARTIES = Parties(window=WINDOW, issuing=ISSUING)

W_TO_I, I_TO_W, W_TO_HUB = (WINDOW, ISSUING), (ISSUING, WINDOW), (WINDOW, HUB)
ALLOWED = {
    "application.submitted": {W_TO_I},
    "supplement.requested": {I_TO_W},
    "supplement.provided": {W_TO_I},
    "application.not_accepted": {I_TO_W},
    "application.accepted": {I_TO_W},
    "review.advanced": {I_TO_W},
    "procedure.opened": {I_TO_W},
    "procedure.closed": {I_TO_W},
    "deadline.extended": {I_TO_W},
    "decision.made": {I_TO_W},
    "case.withdrawn": {W_TO_I},
    "case.terminated": {I_TO_W},
    "license.issued": {I_TO_W},
    "license.state_changed": {I_TO_W},
    "print.authorised": {I_TO_W},
    "print.revoked": {I_TO_W},
    "print.claimed": {W_TO_HUB},
    "print.settled": {W_TO_I},
    "case.handed_over": {W_TO_I},
    "case.closed": {I_TO_W},
    "parcel.sent": {W_TO_I, I_TO_W},
    "parcel.received": {W_TO_I, I_TO_W},
    "visit.offered": {I_TO_W},
    "visit.booked": {W_TO_I},
    "visit.done": {W_TO_I, I_TO_W},
    "rating.given": {W_TO_I},
    "rating.followed_up": {W_TO_I, I_TO_W},
    "license.expiring": {I_TO_W},
    "group.joined": {W_TO_I},
    "case.undo_requested": {W_TO_I},
    "case.undone": {I_TO_W},
    "question.asked": {W_TO_I},
    "question.answered": {I_TO_W},
    "question.continued": {W_TO_I},
    "question.closed": {W_TO_I},
    "appeal.raised": {W_TO_I},
    "appeal.escalated": {W_TO_I},
    "appeal.returned": {W_TO_I},
    "appeal.answered": {I_TO_W},
    "appeal.closed": {W_TO_I},
    "alive.requested": {W_TO_I},
    "alive.answered": {I_TO_W},
    "list.published": {W_TO_I},
    "list.reconciled": {I_TO_W},
    "review.convened": {I_TO_W},
    "review.drawn": {I_TO_W},
    "review.concluded": {I_TO_W},
    "opinion.asked": {W_TO_I},
    "opinion.given": {I_TO_W},
    "opinion.declined": {I_TO_W},
    **{each: set() for each in STATEMENTS},  # a county's word about itself, for all
    "message.received": {W_TO_I, I_TO_W},
    "message.refused": {W_TO_I, I_TO_W},
    "checkpoint.countersigned": set(),  # it belongs to no case, so no case has a party that may say it
    "epoch.reported": set(),  # a county's word about itself: it has no place in a case
    "license.scannable": set(),  # it names no case, so that the hub learns nothing of one
}
ENDS = (WINDOW, ISSUING, THIRD, HUB, "", "HUB", f"{WINDOW} ")


def test_the_table_names_every_type():
    """No type without a row here, and none of the hub's own words is a type of envelope."""
    assert set(ALLOWED) == set(TYPES)
    assert not set(TYPES) & set(HUB_TYPES)
    assert all(kind.name == name for name, kind in TYPES.items())


@pytest.mark.parametrize("type_", TYPES)
def test_who_may_send_to_whom(type_):
    """Of the window county, the issuing county, a third one and the hub, only the stated pairs may speak."""
    for source, destination in itertools.product(ENDS, ENDS):
        expected = None if (source, destination) in ALLOWED[type_] else NOT_A_PARTY
        assert party_problem(TYPES[type_], source, destination, PARTIES) is expected, (source, destination)


@pytest.mark.parametrize("type_", TYPES)
def test_a_case_within_one_county(type_):
    """One county may be both parties: it then speaks to itself and to the hub, and nobody else speaks at all."""
    both = Parties(window=WINDOW, issuing=WINDOW)
    pair = (WINDOW, HUB) if type_ == "print.claimed" else (WINDOW, WINDOW) if TYPES[type_].cased else None
    for ends in itertools.product(ENDS, ENDS):
        assert (party_problem(TYPES[type_], *ends, both) is None) is (ends == pair), ends


def test_roles():
    """Each county has its role, a stranger and the hub have none; in a case within one county it is the window."""
    assert [PARTIES.role(each) for each in (WINDOW, ISSUING, THIRD, HUB)] == [Party.WINDOW, Party.ISSUING, None, None]
    assert Parties(window=WINDOW, issuing=WINDOW).role(WINDOW) is Party.WINDOW


def test_what_opens_what_is_chained_and_what_is_express():
    """One type opens a case, five begin a matter; notices are outside the order, and only claims overtake cases."""
    assert [name for name, kind in TYPES.items() if kind.opens] == [
        "application.submitted",
        "question.asked",
        "appeal.raised",
        "alive.requested",
        "list.published",
        "opinion.asked",
    ]
    own = ["checkpoint.countersigned", "epoch.reported", "license.scannable", *STATEMENTS]
    assert [name for name, kind in TYPES.items() if not kind.chained] == ["message.received", "message.refused", *own]
    assert [name for name, kind in TYPES.items() if kind.express] == ["print.claimed"]
    assert [name for name, kind in TYPES.items() if kind.receiver is Party.HUB] == ["print.claimed", *own]
    assert [name for name, kind in TYPES.items() if not kind.cased] == own


def test_only_an_opening_message_starts_a_case():
    """The lifecycle takes without a case what opens and nothing else; only an application leads to a case's state."""
    for name, kind in TYPES.items():
        if kind.opens:
            first = advance(None, name, None)
            assert (first is CaseState.SUBMITTED) == (name == APPLICATION)
            assert (first in MATTERS) == (name != APPLICATION)
        elif kind.chained:
            with pytest.raises(Exception, match="E-ADM-102"):
                advance(None, name, None)
