"""An application that names licenses instead of papers: the hub opens the door by its own book of licenses."""

import pytest

from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, World

CODE = "E-ADM-110"


def issued(world: World, *, trial: bool = False) -> str:
    """A license that went through the hub; returns its identifier."""
    case = Case(world, trial=trial)
    case.up_to("license.issued")
    return case.license_identifier


def test_a_license_that_the_journal_knows_as_valid_stands_for_a_paper(world: World) -> None:
    """By whichever county it was issued, twice in one application and in a second delivery of it, too."""
    known = issued(world)
    named = Case(world).application(named_licenses=[known, known])
    other = Case(world, window=FOREIGN).application(named_licenses=[known])
    world.send(named, other)
    assert world.verdicts(WINDOW)[named.envelope.id] == "admitted"
    assert world.verdicts(FOREIGN)[other.envelope.id] == "admitted"
    world.send(named)
    assert world.verdicts(WINDOW)[named.envelope.id] == "admitted"


@pytest.mark.both_stores
def test_a_license_that_nobody_issued_or_that_has_ended_is_refused(world: World) -> None:
    """Unknown, suspended, revoked: the door stays shut, names which one it is, and what was refused changes nothing."""
    good, case = issued(world), Case(world)
    unknown = Case(world).license_identifier
    case.up_to("license.issued")
    for state in ("suspended", "revoked"):
        facts = {"license_identifier": case.license_identifier, "license_state": state}
        world.send(case.message("license.state_changed", facts))
        refused = Case(world).application(named_licenses=[good, case.license_identifier])
        world.send(refused)
        assert world.refusal(refused)["code"] == CODE, state
        assert world.refusal(refused)["field"] == "facts.named_licenses[2]"
    again = Case(world)
    first = again.application(named_licenses=[unknown])
    world.send(first)
    assert world.refusal(first)["code"] == CODE
    later = again.application(named_licenses=[good], prev=None)
    world.send(later)
    assert world.verdicts(WINDOW)[later.envelope.id] == "admitted", "the case number is still free"


def test_a_trial_license_stands_for_nothing_in_earnest(world: World) -> None:
    """What was tried has no legal effect; in another trial it may be named."""
    tried = issued(world, trial=True)
    earnest, trial = Case(world), Case(world, trial=True)
    refused, admitted = earnest.application(named_licenses=[tried]), trial.application(named_licenses=[tried])
    world.send(refused, admitted)
    assert world.refusal(refused)["code"] == CODE
    assert world.verdicts(WINDOW)[admitted.envelope.id] == "admitted"


def test_a_license_that_is_issued_in_the_same_batch_counts(world: World) -> None:
    """The verdicts before it count; one that comes before its license is refused, and may be sent anew."""
    case = Case(world)
    case.up_to("decision.made")
    early = Case(world).application(named_licenses=[case.license_identifier])
    late = Case(world).application(named_licenses=[case.license_identifier])
    world.send(early, case.license(), late)
    assert world.refusal(early)["code"] == CODE
    assert world.verdicts(WINDOW)[late.envelope.id] == "admitted"
    assert world.verdicts(ISSUING)
