"""`/around` as a browser drives it: asked at one county, answered at the other, each step by a generated form."""

import uuid
from collections.abc import Iterator

import pytest

from adapters.case import casebook
from adapters.hall.around import forms, kinds, turns, values
from adapters.hall.around.known import Known
from adapters.hall.revealing import book, showing
from pages import fieldnames
from pages.people.person import Person, Role
from schemas.lifecycle import MOVES
from schemas.messages import Parties
from schemas.workdays.calendars import Calendar
from tests import around_records as of
from tests import review_records
from tests.around_pages import WANG, ZHANG, Browser, told, typed
from tests.county_begun import begin_at
from tests.county_records import ITEM, START
from tests.county_world import ISSUING, OWN_ITEM, WINDOW, World

QUESTION = {"topic": "住所证明", "text": "租赁合同没有备案，可以吗？", "answer_until": "2026-12-01"}
NEW = f"/around/new/question/{ISSUING}/{ITEM}"


@pytest.fixture
def clerk(world: World) -> Iterator[Browser]:
    """A clerk of the window county."""
    return Browser(world, WINDOW, WANG)


@pytest.fixture
def approver(world: World) -> Browser:
    """An approver of the issuing county."""
    return Browser(world, ISSUING, ZHANG)


def test_a_question_is_asked_and_answered_by_forms_alone(world: World, clerk: Browser, approver: Browser) -> None:
    """What waits for whom, the whole thread at both, further asked and closed; one message for each press."""
    assert "云咨询" in clerk.get("/around/new")
    assert NEW in clerk.get("/around/new/question?q=营业执照") or NEW in clerk.get(f"/around/new/question?q={ITEM}")
    form = clerk.get(NEW)
    assert "asked_at" not in typed(form), "what the program knows is not asked"
    assert 'name="asked_by"' not in form
    press = str(uuid.uuid4())
    thread = clerk.done(NEW, action_id=press, **QUESTION)
    assert clerk.done(NEW, action_id=press, **QUESTION) == thread
    assert "已存，等待送出" in clerk.get(thread)
    world.settle()
    assert "对方已签收" in clerk.get(thread)
    page = approver.get("/around")
    here = page[page.index("等本县办") : page.index("等对方办")]
    assert thread in here
    assert "2026-12-01" in here
    shown = approver.get(thread)
    assert "租赁合同" not in shown, "personal until somebody says what for"
    assert "租赁合同" in told(approver.client.post(f"{thread}/reveal", data={"purpose": "examine"}))
    assert "/question.answered" in shown
    assert "/question.closed" not in shown
    world.later(minutes=1)
    assert (
        approver.done(f"{thread}/question.answered", text="可以。", telephone="0359-0000000", for_guide="yes") == thread
    )
    world.settle()
    world.later(minutes=1)
    clerk.done(f"{thread}/question.continued", text="要签字吗？", further_until="2026-12-01")
    world.settle()
    assert "E-AROUND-020" in clerk.post(f"{thread}/question.continued", text="还有？", further_until="2026-12-01").text
    world.later(minutes=1)
    approver.done(f"{thread}/question.answered", text="不用。", for_guide="no")
    world.settle()
    world.later(minutes=1)
    clerk.done(f"{thread}/question.closed", helpful="yes")
    world.settle()
    for browser in (clerk, approver):
        page = browser.get(thread)
        found = [page.index(f"<b>{each}</b>") for each in ("云咨询提问", "云咨询追问", "云咨询结束")]
        assert found == sorted(found)
        assert "已了结" in page
        assert thread in browser.get("/around")
    with world.issuing.store.read() as tx:
        assert [(each.account, each.what) for each in book.looks(tx)] == [("zhang", "around")]


def test_a_form_that_was_wrong_comes_back_as_it_was_typed(world: World, clerk: Browser) -> None:
    """Nothing is sent, everything that was typed stands there, and each problem is named at its field."""
    answer = clerk.post(NEW, topic="住所证明", text="  ", answer_until="下周")
    assert answer.status_code == 422
    assert typed(answer.text)["topic"] == "住所证明"
    assert typed(answer.text)["answer_until"] == "下周"
    assert values.EMPTY.code in answer.text
    assert values.MISFIT.code in answer.text
    assert 'id="e-text"' in answer.text
    answer = clerk.post(NEW, **QUESTION | {"answer_until": "2026-01-01"})
    assert "E-DOC-005" in answer.text
    assert 'id="e-answer_until"' in answer.text
    assert "租赁合同" in answer.text
    assert clerk.post(NEW, **QUESTION | {"about_case": "130928-1"}).status_code == 422
    assert world.window.due() == []


@pytest.mark.long
def test_each_step_is_the_work_of_one_role(world: World, clerk: Browser, approver: Browser) -> None:
    """A clerk of the county that is asked reads and cannot answer; an approver asks nothing; others see nothing."""
    thread = clerk.done(NEW, **QUESTION)
    world.settle()
    window_of_issuing = Browser(world, ISSUING, WANG)
    assert "/question.answered" not in window_of_issuing.get(thread)
    assert "E-PAGE-060" in window_of_issuing.post(f"{thread}/question.answered", text="可以。", for_guide="no").text
    assert "E-PAGE-060" in approver.client.get("/around/new").text
    auditor = Browser(world, ISSUING, Person(account="a", name="审计", roles=frozenset({Role.AUDITOR})))
    assert "E-PAGE-060" in auditor.client.get(thread).text
    assert Browser(world, "340321", WANG).client.get(thread).status_code == 404
    assert turns.NOT_NOW.code in clerk.post(f"{thread}/question.answered", text="可以。", for_guide="no").text


def test_the_question_that_was_refused_says_why(world: World, clerk: Browser) -> None:
    """An item that nobody handles is told with its code before a number is used; a stranger's county, too."""
    answer = clerk.post(f"/around/new/question/{ISSUING}/{OWN_ITEM}", **QUESTION)
    assert "E-SRC-103" in answer.text
    assert "住所证明" in answer.text
    assert clerk.client.get(f"/around/new/question/{ISSUING}/{OWN_ITEM}").status_code == 404
    assert "E-PAGE-006" in clerk.post(NEW, action_id="x").text


def test_late_is_told_by_words_and_a_sign(world: World, clerk: Browser, approver: Browser) -> None:
    """Beside the colour."""
    thread = clerk.done(NEW, **QUESTION | {"answer_until": "2026-11-30"})
    world.settle()
    world.later(days=40)
    for page in (approver.get("/around"), approver.get(thread)):
        assert "已超期" in page
    assert approver.client.get("/around", params={"q": thread.rpartition("/")[2]}).headers["location"] == thread
    assert "没有找到" in approver.get("/around?q=1")


def test_a_question_can_be_about_a_case(world: World, clerk: Browser, approver: Browser) -> None:
    """From the case's thread at its window, with the number filled in; what the own system says is not said here."""
    case_no = begin_at(world, "application.submitted")
    page = clerk.get(f"/around/{case_no}")
    link = f"/around/new/question/{ISSUING}/{ITEM}?about={case_no}"
    assert link in page
    assert typed(clerk.get(link))["about_case"] == case_no
    assert "?about=" not in approver.get(f"/around/{case_no}")
    with world.window.store.read() as tx:
        case = casebook.find(tx, case_no)
    assert case is not None
    assert "parcel.sent" in turns.offered(case, WINDOW, (), frozenset())
    assert turns.offered(case, WINDOW, (), {"parcel.sent", "rating.given"}) == ["group.joined"]


def test_the_words_of_the_contract_are_shown() -> None:
    """Yes and no, enumerations in words, telephones and dwellings masked in their own way; nothing of it by hand."""
    shown = {each.path: each.value for each in showing.fields("parcel.sent", of.parcel(), revealed=False)}
    assert (shown["direction"], shown["recipient_phone"]) == ("材料寄出", "138****0000")
    shown = {each.path: each.value for each in showing.fields("parcel.received", of.parcel_receipt(), revealed=False)}
    assert shown["seal_intact"] == showing.YES
    place = {each.path: each.value for each in showing.fields("visit.offered", of.visit_offer(), revealed=False)}
    assert "18" not in place["visit_place"]
    assert fieldnames.words({"symbols": ["a", "b"], "doc": "两种：甲 a / 乙 b"}) == {"a": "甲", "b": "乙"}
    assert fieldnames.words({"symbols": ["a", "b"], "doc": "两种：甲 a"}) == {}


def test_every_step_has_a_role_a_word_and_a_form() -> None:
    """Of all message types around and beside a case, however many the contract will have."""
    said = of.GOOD | review_records.REVIEWS
    answers = {"opinion.given", "opinion.declined"}
    assert kinds.WHOSE.keys() == kinds.STEPS.keys() == of.GOOD.keys() | answers
    assert {kind for _state, kind in MOVES if kind in said} == said.keys()
    known = Known(
        now=START, county=WINDOW, name="王", parties=Parties(window=WINDOW, issuing=ISSUING),
        calendar=Calendar(complete=False).of(ISSUING),
    )  # fmt: skip
    for kind in kinds.OPENS.values():
        paper = forms.paper(kind, known)
        assert {each.path for each in paper.asks} <= said[kind].keys()
