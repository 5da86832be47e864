"""A supplement at the window: asked for by the issuing county, taken with scans and checks, sent once per press."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.boxes import inbox
from adapters.hall.taking.tables import scans, takings
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.workdays.hours import beijing_day
from tests.county_records import COMPANY, START, acceptance, refusal, supplement, supplement_request
from tests.county_world import ISSUING, World
from tests.taking_world import CLERK, PDF, WHOLE, Counter, publish, told_at

PROVIDED = "supplement.provided"
UNTIL = (START + timedelta(days=30)).date()
SUPPLIED = {
    "m.d1.taken_as": "electronic",
    "m.d1.trust": "B",
    "m.d2.taken_as": "copy",
    "m.d2.trust": "C",
    "note": "股东已补签",
}
"""Both things that the notice asks for; the first with a scan."""


@pytest.fixture
def counter(world: World) -> Counter:
    """A window whose node has the catalogue."""
    publish(world)
    return Counter(world=world)


def asked_for(counter: Counter, **changes: object) -> tuple[str, str]:
    """A taken application to which the issuing county asked for a supplement; its draft and its number."""
    draft, case_no = counter.take()
    counter.world.settle()
    counter.world.issuing.source.add("supplement.requested", case_no, supplement_request(**changes))
    counter.world.settle()
    return draft, case_no


def begin(counter: Counter, draft: str) -> str:
    """办理补正; returns the supplement's draft."""
    answer = counter.browser.post(f"/take/cases/{draft}/supplement")
    assert answer.status_code == 200, answer.text
    return answer.headers["HX-Redirect"].rpartition("/")[2]


def fill(counter: Counter, begun: str) -> None:
    """Everything that is asked for."""
    place = f"/take/drafts/{begun}/scans/d1"
    assert "1" in counter.browser.post(place, files={"file": ("x.pdf", PDF)}).text
    counter.type(begun, SUPPLIED)


def supply(counter: Counter, begun: str, attempt: int = 1):
    """提交补正."""
    return counter.browser.post(f"/take/drafts/{begun}/supply", data={"attempt": str(attempt)})


def provided(world: World) -> list[tuple[str, str | None]]:
    """State and predecessor of each supplement in the window's outbox."""
    columns = tables.outbox.c
    query = select(columns.state, columns.supersedes).where(columns.type == PROVIDED).order_by(columns.seq)
    return [tuple(row) for row in world.window.rows(query)]


def test_what_is_asked_for_is_seen_taken_and_sent_once(counter, world):
    """On the first page and at the case, with the day; scan, copy and note reach 永济; pressed twice, sent once."""
    draft, _case = asked_for(counter)
    home = counter.get("/take")
    assert "需要补正" in home
    assert f"{UNTIL} 前" in home
    page = counter.get(f"/take/cases/{draft}")
    for word in (f"请在 {UNTIL} 前补正", "第三页没有签名。", "请提交复印件一份。", "永补〔2026〕1号", "办理补正"):
        assert word in page
    begun = begin(counter, draft)
    assert begin(counter, draft) == begun
    assert "第三页没有签名。" in counter.get(f"/take/drafts/{begun}")
    fill(counter, begun)
    for _ in range(2):
        assert supply(counter, begun).headers["HX-Redirect"] == f"/take/cases/{draft}"
    assert "补正已收，等待送出" in counter.get(f"/take/cases/{draft}")
    world.settle()
    assert "属地已签收补正" in counter.get(f"/take/cases/{draft}")
    assert provided(world) == [("received", None)]
    (row,) = world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == PROVIDED))
    (asked,) = world.window.rows(select(tables.inbox.c.message_id).where(tables.inbox.c.type == "supplement.requested"))
    assert Envelope.parse(row.body).in_reply_to == asked[0]
    with world.issuing.store.read() as tx:
        said = inbox.record_of(tx, world.issuing.identity, row.seq)
    assert (said["notice_no"], said["clerk"], said["note"]) == ("永补〔2026〕1号", "李窗口", "股东已补签")
    first, second = said["materials"]
    assert (first["name"], first["code"], first["taken_as"]) == ("公司章程", "01", "电子")
    assert "扫描件" not in first["note"]
    assert [(each["material"], each["name"]) for each in said["files"]] == [(0, "公司章程-1.pdf")]
    assert (second["name"], second["code"], second["taken_as"]) == ("住所证明", None, "复印件")
    assert "需要补正" not in counter.get("/take")
    assert "E-TAKE-024" in counter.browser.post(f"/take/cases/{draft}/supplement").text


@pytest.mark.long
def test_a_corrected_field_is_checked_as_it_was_asked(counter, world):
    """By the same functions, beside the kind of document of the application; said in the note under its name."""
    draft, _case = asked_for(counter)
    begun = begin(counter, draft)
    answer = counter.type(begun, {"applicant.document_no": "130928198807169410"})
    assert "末位校验字符" in told_at(answer, "applicant.document_no")
    assert "E-TAKE-020" in supply(counter, begun).text
    answer = counter.type(
        begun, {"applicant.document_no": "", "registration.address": "永济市河东大道 20 号", "note": "长" * 660}
    )
    assert "E-TAKE-020" in supply(counter, begun).text, "the note with the correction is longer than the contract's"
    counter.type(begun, {"note": "门牌改过"})
    assert supply(counter, begun).headers["HX-Redirect"]
    ((message_id,),) = world.window.rows(select(tables.outbox.c.message_id).where(tables.outbox.c.type == PROVIDED))
    with world.window.store.read() as tx:
        said = world.window.box.record(tx, message_id)
    assert said["note"] == "更正：住所：永济市河东大道 20 号。门牌改过"
    assert said["materials"] == []


@pytest.mark.long
def test_an_empty_supplement_is_not_sent(counter, world):
    """Nothing was brought and nothing corrected: the contract's own words, and the draft stays."""
    draft, _case = asked_for(counter)
    begun = begin(counter, draft)
    assert "E-DOC-" in supply(counter, begun).text
    assert provided(world) == []
    assert "提交补正" in counter.get(f"/take/drafts/{begun}")


@pytest.mark.long
def test_it_is_taken_while_the_line_is_down(counter, world):
    """No key to encrypt to: the supplement is taken, the page says that it waits, and it goes when there is a key."""
    draft, _case = asked_for(counter)
    begun = begin(counter, draft)
    counter.type(begun, {"note": "已补签"})
    world.later(days=8)
    assert supply(counter, begun).headers["HX-Redirect"]
    assert provided(world) == [("draft", None)]
    assert "等待送出" in counter.get(f"/take/cases/{draft}")
    publish(world)
    world.settle()
    assert provided(world) == [("received", None)]


@pytest.mark.long
def test_a_refused_supplement_is_corrected_and_sent_anew(counter, world):
    """The reason in words at the case; the next press is another message that names the one that was refused."""
    draft, _case = asked_for(counter)
    begun = begin(counter, draft)
    counter.type(begun, {"note": "已补签"})
    supply(counter, begun)
    row = max(world.window.due(), key=lambda each: each.seq)
    record = refusal(row.message_id, code="E-ADM-104", field="type")
    world.window.arrive_receipt(
        world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=record)
    )
    while world.window.handle():
        pass
    page = counter.get(f"/take/cases/{draft}")
    assert "补正被退回" in page
    assert "E-ADM-104" in page
    assert begin(counter, draft) == begun
    assert "E-TAKE-023" in supply(counter, begun).text
    assert supply(counter, begun, attempt=2).headers["HX-Redirect"]
    world.settle()
    assert provided(world) == [("refused", None), ("received", row.message_id)]
    assert "E-ADM-104" not in counter.get(f"/take/cases/{draft}")


@pytest.mark.long
def test_another_clerk_goes_on_with_it(counter, world):
    """Whoever presses at the case takes it over; the page that the first still has open sends nothing."""
    draft, _case = asked_for(counter)
    begun = begin(counter, draft)
    counter.type(begun, {"note": "已补签"})
    other = counter.sat_down(type(CLERK)(account="wang", name="王窗口", roles=CLERK.roles))
    assert other.post(f"/take/cases/{draft}/supplement").headers["HX-Redirect"].endswith(begun)
    assert "E-TAKE-023" in supply(counter, begun).text
    assert "E-TAKE-001" in counter.browser.get(f"/take/drafts/{begun}").text
    assert other.post(f"/take/drafts/{begun}/supply", data={"attempt": "2"}).headers["HX-Redirect"]
    assert len(provided(world)) == 1


@pytest.mark.long
def test_what_is_not_asked_for_or_is_over_is_not_taken(counter, world):
    """Before a notice, after acceptance without it, and after the county's own system has said it."""
    draft, case_no = counter.take()
    assert "E-TAKE-024" in counter.browser.post(f"/take/cases/{draft}/supplement").text
    world.settle()
    world.issuing.source.add("supplement.requested", case_no, supplement_request())
    world.settle()
    begun = begin(counter, draft)
    counter.type(begun, {"note": "已补签"})
    world.window.source.add(PROVIDED, case_no, supplement())
    world.settle()
    assert "E-TAKE-024" in supply(counter, begun).text
    world.issuing.source.add("application.accepted", case_no, acceptance(promised_on=beijing_day(START)))
    world.settle()
    assert "办理补正" not in counter.get(f"/take/cases/{draft}")
    assert len(provided(world)) == 1


@pytest.mark.long
def test_drafts_of_applications_and_of_supplements_are_told_apart(counter, world):
    """Each has its own press and its own page; a supplement has no receipt, is no case, and is thrown away alone."""
    draft, case_no = asked_for(counter)
    begun = begin(counter, draft)
    home = counter.get("/take")
    assert home.count(f"/take/drafts/{begun}") == 1
    assert COMPANY not in counter.get(f"/take/drafts/{begun}")
    assert "E-TAKE-001" in counter.press(begun).text
    fresh = counter.begin()
    assert "E-TAKE-001" in supply(counter, fresh).text
    for place in (f"/take/cases/{begun}", f"/take/cases/{begun}/receipt"):
        assert "E-" in counter.browser.get(place).text
    assert "E-TAKE-001" in counter.browser.post(f"/take/cases/{begun}/correct").text
    fill(counter, begun)
    assert counter.browser.post(f"/take/drafts/{begun}/discard").headers["HX-Redirect"] == "/take"
    assert world.window.rows(select(scans.c.scan_id)) == []
    kept = {row[0] for row in world.window.rows(select(takings.c.draft_id))}
    assert kept == {draft, fresh}
    assert case_no in counter.get("/take")
    assert WHOLE["applicant.name"] not in counter.get(f"/take/cases/{draft}")
    assert ISSUING in counter.get(f"/take/cases/{draft}")
