"""Taking an application at the county's own pages, over HTTP, through a scripted hub to the issuing county."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from adapters.hall.taking.fields import OPENING
from adapters.hall.taking.tables import scans, takings
from adapters.licenses import particulars
from adapters.store import tables
from pages.people.person import Role
from schemas import releases
from schemas.envelope import Envelope
from tests.county_records import COMPANY, ITEM, NAME, refusal
from tests.county_world import ISSUING, WINDOW, World
from tests.taking_world import (
    CLERK,
    IDENTITY_NO,
    PDF,
    WHOLE,
    Counter,
    catalogue,
    publish,
    told_at,
    wiper_of,
)
from tests.unit.adapters.core.test_older_contracts import reading


@pytest.fixture
def counter(world: World) -> Counter:
    """A window whose node has the catalogue."""
    publish(world)
    return Counter(world=world)


def sent(world: World) -> list[tuple[str, str, str | None]]:
    """Case, state and predecessor of each application in the window's outbox, the oldest first."""
    columns = tables.outbox.c
    query = select(columns.case_no, columns.state, columns.supersedes).where(columns.type == OPENING)
    return [tuple(row) for row in world.window.rows(query.order_by(columns.seq))]


def refuse(world: World, **said: str) -> None:
    """The hub refuses the newest application."""
    row = max(world.window.due(), key=lambda each: each.seq)
    record = refusal(row.message_id, **said)
    world.window.arrive_receipt(
        world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=record)
    )
    while world.window.handle():
        pass


def test_an_application_typed_at_the_window_reaches_the_issuing_county(counter, world):
    """Found by initials and county, typed field by field, pressed: one case, and 永济 reads what was typed."""
    assert f'href="/take/items/{ISSUING}/{ITEM}"' in counter.get("/take/search?q=gsdj 县140881")
    draft = counter.begin()
    for path, text in WHOLE.items():
        counter.type(draft, {path: text})
    assert counter.press(draft).headers["HX-Redirect"] == f"/take/cases/{draft}"
    case_no = counter.taker.standing(draft)[0].case_no
    assert "等待送出" in counter.get(f"/take/cases/{draft}"), "taken, though nothing has been sent yet"
    world.settle()
    assert "属地已签收" in counter.get(f"/take/cases/{draft}")
    assert sent(world) == [(case_no, "received", None)]
    (row,) = world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == OPENING))
    assert Envelope.parse(row.body).facts["material_codes"] == ["SQB"]
    (write,) = world.issuing.rows(select(tables.local_writes))
    assert write.case_no == case_no
    said = counter.taker.taken_record(draft)[2]
    assert said["applicant"] == {
        "kind": "natural_person", "name": NAME, "document_kind": "111", "document_no": IDENTITY_NO, "mobile": "",
    }  # fmt: skip
    assert said["registration"]["registered_capital_fen"] == 100_000_000
    assert (said["contact_name"], said["clerk"], said["mode"]) == (NAME, "李窗口", "relayed")
    assert said["project_name"] == "公司登记注册（公司设立登记）"
    (material,) = said["materials"]
    assert (material["code"], material["copies"], material["taken_as"]) == ("SQB", 2, "原件")
    assert (material["trust"], material["compared_by"], material["note"]) == ("B", "li", "")
    assert material["compared_at"] == world.now
    assert said["intake"] == {
        "channel": "window", "intake_place": "", "agent": "self", "organisation": "", "identity_method": "card_reader",
        "identity_checker_no": "li", "identity_checked_at": world.now, "origin_code": None, "authority": None,
    }  # fmt: skip


def test_a_county_that_reads_an_older_contract_finds_the_checks_in_the_notes(counter, world):
    """Nothing waits for its upgrade: who checked what is said as every version can say it."""
    publish(world, **reading(world, ISSUING, "1.1"))
    draft, _case_no = counter.take()
    world.settle()
    assert "属地已签收" in counter.get(f"/take/cases/{draft}")
    (row,) = world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == OPENING))
    assert Envelope.parse(row.body).dataschema == releases.dataschema("Application", "1.1")
    said = counter.taker.taken_record(draft)[2]
    assert said["intake"] is None
    material, identity = said["materials"]
    assert (material["trust"], material["compared_by"], material["compared_at"]) == (None, None, None)
    assert "可信等级B" in material["note"]
    assert "由li与原件核对" in material["note"]
    assert "读卡器核验；核验人li" in identity["note"]
    assert "县政务服务大厅" in identity["note"]


FOOD = {
    "food.operator_name": "永济市𠮷祥小吃店",
    "food.credit_code": "91140881MA00000745",
    "food.representative": NAME,
    "food.domicile": "永济市城东街道舜都大道18号",
    "food.premises": "永济市城西街道舜都大道20号",
    "food.business_form": "餐饮服务经营者",
    "food.business_items": "热食类食品制售",
}


def test_a_permit_is_asked_for_in_its_own_words(counter, world):
    """The item's license decides what is asked; a county of 1.1 cannot be told it: the message waits, told as such."""
    offer = catalogue()[f"implementation/{ISSUING}/{ITEM}"]
    permit = {offer.key: replace(offer, license_template="food-license")}
    publish(world, permit)
    draft = counter.begin()
    counter.type(draft, {**WHOLE, **FOOD, "food.premises": ""})
    assert "还没有填" in told_at(counter.press(draft).text, "food.premises")
    counter.type(draft, FOOD)
    pressed = counter.press(draft)
    assert pressed.headers.get("HX-Redirect"), pressed.text
    world.settle()
    said = counter.taker.taken_record(draft)[2]
    assert said["food"] == {path.removeprefix("food."): text for path, text in FOOD.items()}
    assert [said[part] for part in particulars.PARTS if part != "food"] == [None] * 4
    publish(world, permit, **reading(world, ISSUING, "1.1"))
    counter.take(**FOOD)
    world.settle()
    assert [state for _, state, _ in sent(world)] == ["received", "draft"]
    assert ("E-CODEC-010",) in world.window.rows(select(tables.troubles.c.code))


def test_a_press_repeated_makes_no_second_case(counter, world):
    """A double click, and a browser that was closed before the answer came: the same case, one message."""
    draft, case_no = counter.take()
    again = counter.press(draft)
    assert again.headers["HX-Redirect"] == f"/take/cases/{draft}"
    assert sent(world) == [(case_no, "waiting", None)]
    assert "E-TAKE-023" in counter.press(draft, attempt=2).text
    assert "E-TAKE-002" in counter.browser.post(f"/take/drafts/{draft}/fields", data={"applicant.name": "x"}).text
    assert "E-TAKE-022" in counter.browser.post(f"/take/cases/{draft}/correct").text


def test_every_keystroke_is_kept_sealed_and_found_again(counter, world):
    """Another browser after a crash of the node finds what was typed; the store does not show it; nobody else does."""
    draft = counter.begin()
    counter.type(draft, {"applicant.name": NAME, "applicant.document_no": IDENTITY_NO, "no.such.field": "x"})
    world.window.start()
    anew = Counter(world=world)
    text = anew.get(f"/take/drafts/{draft}")
    assert NAME in text
    assert IDENTITY_NO in text
    home = anew.get("/take")
    assert f"/take/drafts/{draft}" in home
    assert NAME not in home
    ((sealed, account),) = world.window.rows(select(takings.c.typed_sealed, takings.c.account))
    assert account == CLERK.account
    assert NAME.encode() not in sealed
    assert IDENTITY_NO.encode() not in sealed
    other = anew.sat_down(type(CLERK)(account="wang", name="王", roles=CLERK.roles))
    assert "E-TAKE-001" in other.get(f"/take/drafts/{draft}").text
    assert NAME not in other.get("/take").text
    unknown = "00000000-0000-4000-8000-000000000000"
    assert "E-TAKE-001" in anew.browser.get(f"/take/drafts/{unknown}").text


def test_a_failed_press_puts_each_problem_to_its_field_and_loses_nothing(counter, world):
    """What is not filled is told at the press and not before; what is wrong is told while it is typed."""
    draft = counter.begin()
    wrong = IDENTITY_NO[:-1] + ("0" if IDENTITY_NO[-1] != "0" else "1")
    answer = counter.type(draft, {"applicant.document_no": wrong})
    assert "末位校验字符" in told_at(answer, "applicant.document_no")
    assert told_at(answer, "applicant.name") == ""
    pressed = counter.press(draft)
    text = pressed.text
    assert "HX-Redirect" not in pressed.headers
    assert "E-TAKE-020" in text
    assert "还没有填" in told_at(text, "applicant.name")
    assert "还没有收" in told_at(text, "m.SQB.taken_as")
    assert told_at(text, "m.SFZ.taken_as") == ""
    assert wrong in counter.get(f"/take/drafts/{draft}")
    assert sent(world) == []


def test_a_refusal_comes_back_in_words_and_is_corrected_and_sent_anew(counter, world):
    """As with a record of the local system: a new case whose message names the one that was refused."""
    draft, first = counter.take()
    refuse(world, code="E-CAT-107", field="mode")
    page = counter.get(f"/take/cases/{draft}")
    assert "被退回" in page
    assert refusal("", code="E-CAT-107")["sentence_zh"] in page
    assert "E-CAT-107" in page
    counter.browser.post(f"/take/cases/{draft}/correct")
    counter.browser.post(f"/take/cases/{draft}/correct")
    assert NAME in counter.get(f"/take/drafts/{draft}")
    counter.type(draft, {"mode": "online"})
    assert counter.press(draft, attempt=2).headers["HX-Redirect"] == f"/take/cases/{draft}"
    world.settle()
    (refused, old, none), (again, state, supersedes) = [(r[0], r[1], r[2]) for r in sent(world)]
    assert (refused, old, none, state) == (first, "refused", None, "received")
    assert again != first
    assert supersedes is not None
    assert "E-CAT-107" not in counter.get(f"/take/cases/{draft}")


def test_without_a_key_to_encrypt_to_it_is_taken_all_the_same(counter, world):
    """The directory has run out because the line is down: a case number now, the message when there is a key again."""
    world.later(days=8)
    draft, case_no = counter.take()
    assert sent(world) == [(case_no, "draft", None)]
    assert "等待送出" in counter.get(f"/take/cases/{draft}")
    publish(world)
    world.settle()
    assert sent(world) == [(case_no, "received", None)]


def test_what_would_be_refused_is_not_taken_and_says_why(counter, world):
    """The county stopped the item while the form was open; a county of the directory that does not offer it at all."""
    draft = counter.begin()
    counter.type(draft, WHOLE)
    offer: Any = catalogue()[f"implementation/{ISSUING}/{ITEM}"]
    publish(world, {offer.key: replace(offer, valid_to=date(2021, 1, 1))})
    answer = counter.press(draft)
    assert "E-CAT-103" in answer.text
    assert sent(world) == []
    assert COMPANY in counter.get(f"/take/drafts/{draft}")
    assert "E-TAKE-021" in counter.browser.post(f"/take/items/{ISSUING}/{ITEM}/start").text
    assert "不能收件" in counter.get("/take/search?q=gsdj")
    assert "E-TAKE-003" in counter.browser.get(f"/take/items/999999/{ITEM}").text


def test_the_receipt_names_what_was_taken_and_is_no_acceptance(counter, world):
    """On the page and as PDF: number, item, both counties, materials, limits; a code for progress when there is one."""
    draft, case_no = counter.take()
    text = counter.get(f"/take/cases/{draft}/receipt")
    for word in (case_no, "公司登记注册", "吴桥县", "县140881", "公司登记申请书", "原件", "2 个工作日", "不是受理通知"):
        assert word in text
    assert NAME not in text
    assert "progress.svg" not in text
    assert counter.browser.get(f"/take/cases/{draft}/receipt.pdf").content.startswith(b"%PDF")
    linked = Counter(world=world, link="https://hub.example/p#token")
    assert "progress.svg" in linked.get(f"/take/cases/{draft}/receipt")
    assert "<svg" in linked.get(f"/take/cases/{draft}/progress.svg")
    assert linked.browser.get(f"/take/cases/{draft}/receipt.pdf").content.startswith(b"%PDF")
    linked.browser.cookies.set("yhb-language", "en")
    english = linked.get(f"/take/cases/{draft}/receipt")
    assert "Receipt of application" in english
    assert "2 working days" in english


def test_old_drafts_go_with_their_scans_and_a_discarded_one_at_once(counter, world):
    """What nobody has touched for a month; one opened for correction and left lying is a refused case again."""
    kept, _case = counter.take()
    refuse(world, code="E-CAT-107", field="mode")
    counter.browser.post(f"/take/cases/{kept}/correct")
    assert "E-TAKE-002" in counter.browser.post(f"/take/drafts/{kept}/discard").text
    old = counter.begin()
    counter.browser.post(f"/take/drafts/{old}/scans/SQB", files={"file": ("x.pdf", PDF)})
    gone = counter.begin()
    assert counter.browser.post(f"/take/drafts/{gone}/discard").headers["HX-Redirect"] == "/take"
    assert wiper_of(world).run_once() == 0
    world.later(days=31)
    assert wiper_of(world).run_once() == 1
    assert "E-TAKE-002" in counter.browser.get(f"/take/drafts/{kept}").text
    assert "被退回" in counter.get(f"/take/cases/{kept}")
    assert counter.get("/take").count("/take/drafts/") == 0
    assert [row[0] for row in world.window.rows(select(takings.c.draft_id))] == [kept]
    assert world.window.rows(select(scans.c.scan_id)) == []


def test_the_window_is_remembered_by_the_browser(counter):
    """Its number goes into the draft and the record; a name in its place is refused."""
    assert "E-TAKE-030" in counter.browser.post("/take/window", data={"window_no": "王小明"}).text
    assert counter.browser.post("/take/window", data={"window_no": "07"}).headers["HX-Refresh"]
    draft, _case = counter.take()
    assert counter.taker.taken_record(draft)[2]["window_no"] == "07"
    assert WINDOW in counter.taker.standing(draft)[0].case_no


def test_the_pages_are_the_clerks(counter):
    """Whoever has another role is refused at every page and every press of them."""
    stranger = counter.sat_down(type(CLERK)(account="it", name="信息中心", roles=frozenset({Role.COUNTY_IT})))
    draft, _case = counter.take()
    item = f"/take/items/{ISSUING}/{ITEM}"
    for place in ("/take", "/take/search?q=gsdj", item, f"/take/drafts/{draft}", f"/take/cases/{draft}/receipt"):
        assert "E-PAGE-060" in stranger.get(place).text, place
    for place in (f"{item}/start", f"/take/drafts/{draft}/submit", f"/take/cases/{draft}/correct"):
        assert "E-PAGE-060" in stranger.post(place, data={"attempt": "1"}).text, place
