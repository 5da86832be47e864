"""The slip of a question or complaint: one number, a code that leads to its progress, and nothing of what was said."""

import pytest

from tests.around_pages import WANG, ZHANG, Browser
from tests.county_records import ITEM
from tests.county_world import ISSUING, WINDOW, World
from tests.unit.adapters.around.test_around_page import NEW, QUESTION

APPEAL = f"/around/new/appeal/{ISSUING}/{ITEM}"
RAISED = {
    "kind": "overdue", "channel": "hotline", "text": "等了一个月没有人理", "person_name": "赵反映",
    "person_phone": "13900000000", "answer_until": "2026-12-01",
}  # fmt: skip


def test_whoever_asks_takes_the_number_along(world: World) -> None:
    """Both counties and the day stand on it, a picture of the code beside; what was asked does not."""
    clerk = Browser(world, WINDOW, WANG)
    thread = clerk.done(NEW, **QUESTION)
    assert f"{thread}/slip" in clerk.get(thread)
    paper = clerk.get(f"{thread}/slip")
    number = thread.rpartition("/")[2]
    for said in (number, "云咨询", "2026-12-01", f"{thread}/progress.svg"):
        assert said in paper
    assert "租赁合同" not in paper
    picture = clerk.client.get(f"{thread}/progress.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")


@pytest.mark.long
def test_only_the_county_that_passed_it_on_has_it(world: World) -> None:
    """The county that answers has no slip to hand out; an unknown number has none either."""
    clerk = Browser(world, WINDOW, WANG)
    thread = clerk.done(NEW, **QUESTION)
    world.settle()
    other = Browser(world, ISSUING, WANG)
    for place in (f"{thread}/slip", f"{thread}/progress.svg", "/around/140881-20261126-000999-1/slip"):
        assert "E-PAGE-005" in other.client.get(place).text
    assert "slip" not in other.get(thread)


@pytest.mark.long
def test_a_complaint_has_its_code_whatever_channel_it_came_by(world: World) -> None:
    """From the telephone as from the window; an approver does not print it."""
    clerk = Browser(world, WINDOW, WANG)
    form = clerk.get(APPEAL)
    thread = clerk.done(APPEAL, **{name: value for name, value in RAISED.items() if f'name="{name}"' in form})
    assert "办不成事" in clerk.get(f"{thread}/slip")
    assert "E-PAGE-060" in Browser(world, WINDOW, ZHANG).client.get(f"{thread}/slip").text
