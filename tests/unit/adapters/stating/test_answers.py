"""An answer that helps others: into the guide, without personal data, changed, taken down, and read before one asks."""

import uuid
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from adapters.directory import guideanswers
from adapters.hall.revealing.tables import reveals
from adapters.hall.stating.answers import AnswersDesk
from adapters.hall.stating.answerspage import router
from adapters.store import tables
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person
from schemas.stating import STATEMENTS
from tests.around_pages import PORT, WANG, ZHANG, Browser, desk_of, place_of, told
from tests.county_records import ITEM, NAME
from tests.county_world import ISSUING, WINDOW, World
from tests.taking_world import Counter
from tests.unit.adapters.around.saying import begin, say

NEW = f"/around/new/question/{ISSUING}/{ITEM}"
GUIDE = {"question": "租赁合同没有备案，可以吗？", "answer": "可以，带产权证复印件。"}


class Approver:
    """Somebody in front of the issuing county's pages of answers."""

    def __init__(self, world: World, person: Person = ZHANG) -> None:
        """Opened with a one-time address."""
        access = Access()
        access.person = person
        app = Frame(name="t", access=access, packages=[], now=world.clock).application()
        desk = AnswersDesk(place_of(world, ISSUING), desk_of(world, ISSUING))
        app.include_router(router(desk, access))
        self.client = TestClient(app, base_url=f"http://{LOOPBACK}:{PORT}", follow_redirects=False)
        self.client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"))
        self.client.headers[CSRF_HEADER] = access.csrf(self.client.cookies[cookie_name(PORT)])

    def get(self, path: str) -> str:
        """A page's words."""
        return unescape(self.client.get(path).text)

    def post(self, path: str, **said: str) -> str:
        """A press; where it leads, or what is said."""
        answer = self.client.post(path, data={"action_id": str(uuid.uuid4()), **said})
        return answer.headers.get("HX-Redirect") or told(answer)


def publish(world: World) -> None:
    """The hub puts what the issuing county has said into the directory, and everybody reads it."""
    box, place = tables.outbox, place_of(world, ISSUING)
    state = dict(world.issuing.view().entries)
    with place.store.read() as tx:
        for row in tx.execute(select(box).where(box.c.type == "answer.stated").order_by(box.c.seq)):
            record = place.box.record(tx, row.message_id)
            key = STATEMENTS["answer.stated"].key(record)
            state.pop(key, None)
            if not record["withdrawn"]:
                state[key] = place.identity.storage.open(row.record_sealed, place=f"outbox/{row.message_id}")
    world.hub.serial += 1
    record = world.hub.published(state, now=world.now)
    for each in (world.window, world.issuing):
        each.arrive_directory(*record)
        each.handle()


@pytest.fixture
def number(world: World) -> str:
    """A question that was asked and answered."""
    made = begin(world, "question.asked")
    world.settle()
    world.later(minutes=1)
    say(world, ISSUING, made, "question.answered")
    world.settle()
    world.later(minutes=1)
    return made


def test_an_answer_goes_into_the_guide_and_out_of_it(world: World, number: str) -> None:
    """By its question's number: put in, changed, taken down; every window reads it before it asks, found by words."""
    approver, place = Approver(world), f"/stating/answers/{number}"
    assert place in Browser(world, ISSUING, ZHANG).get(f"/around/{number}")
    assert approver.post(place, **GUIDE) == "/stating/answers"
    assert "已提交，等待目录更新" in approver.get("/stating/answers")
    publish(world)
    page = approver.get("/stating/answers")
    assert "在办事指南里" in page
    clerk = Browser(world, WINDOW, WANG)
    assert GUIDE["answer"] in clerk.get(NEW)
    assert GUIDE["answer"] in Counter(world=world).get(f"/take/items/{ISSUING}/{ITEM}"), "the guide of the item"
    assert GUIDE["question"] in clerk.get(f"{NEW}/answers?q=没有备案怎么办")
    assert GUIDE["question"] not in clerk.get(f"{NEW}/answers?q=注销")
    world.later(minutes=1)
    approver.post(place, question=GUIDE["question"], answer="可以，由房东签字。")
    publish(world)
    assert "由房东签字" in clerk.get(NEW)
    world.later(minutes=1)
    assert approver.post(f"{place}/withdraw") == "/stating/answers"
    assert "已撤下，等待目录更新" in approver.get("/stating/answers")
    publish(world)
    assert "由房东签字" not in clerk.get(NEW)
    assert "还没有" in approver.get("/stating/answers")


def test_nothing_personal_gets_out(world: World, number: str) -> None:
    """The original comes only for a purpose that is written down; a number of a person is refused by E-STATE-006."""
    approver, place = Approver(world), f"/stating/answers/{number}"
    assert "租赁" not in approver.get(place), "the form is empty until somebody says what for"
    assert "E-LOOK-001" in approver.post(f"{place}/original")
    shown = approver.client.post(f"{place}/original", data={"purpose": "examine"}).text
    assert "住所" in shown
    assert len(world.issuing.rows(select(reveals))) == 1
    refused = approver.post(place, question="请问", answer="请拨 13800000000 找他")
    assert "E-STATE-006" in refused
    assert "E-STATE-003" in approver.post(place, question=" ", answer="可以")
    assert world.issuing.rows(select(tables.outbox).where(tables.outbox.c.type == "answer.stated")) == []
    assert NAME not in approver.get("/stating/answers")


@pytest.mark.long
def test_only_an_answered_question_to_this_county_can_be_put_in(world: World, number: str) -> None:
    """By an approver; not one without an answer, no other matter, no unknown number."""
    asked = begin(world, "question.asked")
    appeal = begin(world, "appeal.raised")
    world.settle()
    approver = Approver(world)
    for each in (asked, appeal, "140881-20261126-000999-1"):
        assert "E-PAGE-005" in approver.get(f"/stating/answers/{each}")
        assert "E-PAGE-005" in approver.post(f"/stating/answers/{each}", **GUIDE)
    assert "E-PAGE-005" in approver.post(f"/stating/answers/{number}/withdraw")
    assert "E-PAGE-060" in Approver(world, WANG).get("/stating/answers")
    assert "/stating/answers" not in Browser(world, ISSUING, ZHANG).get(f"/around/{asked}").partition("<main")[2]


@pytest.mark.long
def test_words_find_the_nearest_answer_first(world: World) -> None:
    """What shares more of what was typed stands before; nothing typed is everything."""
    place, desk = place_of(world, ISSUING), Approver(world)
    for text in ("营业执照遗失了怎么补领？", "营业执照可以邮寄吗？", "要带什么材料？"):
        number = begin(world, "question.asked")
        world.settle()
        say(world, ISSUING, number, "question.answered")
        desk.post(f"/stating/answers/{number}", question=text, answer="见办事指南。")
    publish(world)
    with place.store.read() as tx:
        directory = place.directory(tx)
    found = guideanswers.of_item(directory, ISSUING, ITEM, "营业执照 遗失")
    assert [each["question"][:6] for each in found] == ["营业执照遗失", "营业执照可以"]
    assert len(guideanswers.of_item(directory, ISSUING, ITEM)) == 3
    assert guideanswers.of_item(None, ISSUING, ITEM) == ()
