"""Who may answer what another county asks is told: once for each asking, again when it is late, and nothing of what."""

from datetime import timedelta

import pytest

from adapters.hall.noticing import matters, waiting
from adapters.hall.noticing.waiting import Waiting
from pages.people.person import Role
from schemas.workdays.hours import beijing_day
from tests import around_records as of
from tests import review_records
from tests.county_records import ITEM, NAME
from tests.county_world import ISSUING, OWN_ITEM, WINDOW, World
from tests.unit.adapters.around.saying import begin, say

ASKED = {"question.asked": ITEM, "appeal.raised": ITEM, "alive.requested": OWN_ITEM, "list.published": OWN_ITEM}


def found(world: World, county: str = ISSUING, *elsewhere: str, days: int = 0) -> list[Waiting]:
    """What a county's watch finds, so many days from now."""
    with world.counties[county].store.read() as tx:
        return matters.found(tx, county, elsewhere, beijing_day(world.now + timedelta(days=days)))


def test_each_asking_is_told_once_to_those_who_may_answer(world: World) -> None:
    """By role; a further question is another asking; what was answered, or is answered elsewhere, is told no more."""
    numbers = {kind: begin(world, kind, service_item=item) for kind, item in ASKED.items()}
    world.settle()
    told = found(world)
    assert {each.role for each in told if numbers["alive.requested"] in each.about} == {Role.CLERK, Role.APPROVER}
    assert sum(each.role is Role.APPROVER for each in told) == len(ASKED)
    assert found(world, WINDOW) == [], "who asked is owed an answer"
    assert len(found(world, ISSUING, "question.answered")) == len(told) - 1
    question = numbers["question.asked"]
    world.later(minutes=1)
    say(world, ISSUING, question, "question.answered")
    world.settle()
    assert not [each for each in found(world) if question in each.about]
    world.later(minutes=1)
    say(world, WINDOW, question, "question.continued")
    world.settle()
    (again,) = [each for each in found(world) if question in each.about]
    assert again.about not in {each.about for each in told}


def test_what_is_overdue_is_told_again(world: World) -> None:
    """From the day after the one that was asked for; nobody's name or words stand in what is sent."""
    begin(world, "appeal.raised")
    world.settle()
    until = (of.appeal()["answer_until"] - of.TODAY).days
    assert not any(each.urgent for each in found(world, days=until))
    late = found(world, days=until + 1)
    assert [each.urgent for each in late] == [False, True]
    said = waiting.sentence(late, "永济市")
    assert "有 1 件县际往来等待本县答复。有 1 件县际往来逾期没有答复。" in said["text"]
    assert "办件" not in said["text"]
    assert NAME not in said["text"]
    assert of.appeal()["text"] not in said["text"]


@pytest.mark.long
def test_an_expert_s_opinion_is_told_to_whoever_may_pass_it_on(world: World) -> None:
    """In the county of the expert who was drawn: a clerk or an approver is with the expert."""
    begin(world, "opinion.asked", service_item=OWN_ITEM, record=review_records.REVIEWS["opinion.asked"])
    world.settle()
    assert [(each.role, each.matter) for each in found(world)] == [(Role.APPROVER, True), (Role.CLERK, True)]
