"""An expert review over three counties: convened, drawn, asked, declined, given, concluded; each step at its page."""

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from html import unescape

import pytest
from sqlalchemy import select

from adapters.case import around, casebook, steps
from adapters.hall.around.desk import AroundDesk
from adapters.hall.around.page import router as around_router
from adapters.hall.revealing import book
from adapters.hall.reviewing.concluding import Conclusions
from adapters.hall.reviewing.desk import ReviewDesk
from adapters.hall.reviewing.drawer import Drawer
from adapters.hall.reviewing.page import router
from adapters.hall.reviewing.tables import review_asks
from adapters.store import tables
from schemas import drawing
from schemas.envelope import derived_id
from schemas.workdays.hours import beijing_day
from tests.around_pages import linked, place_of
from tests.county_begun import begin_at
from tests.county_world import FOREIGN, ISSUING, WINDOW, World
from tests.review_world import (
    AWAY,
    CONVENED,
    QUESTION,
    TODAY,
    WANG,
    ZHANG,
    Browser,
    experts,
    publish_experts,
)

OPINION = {
    "expert_name": "钱教授", "expert_post": "教授", "result": "passed", "text": "措施可行。", "results.1.passed": "yes",
    "results.2.passed": "no", "results.2.note": "缺夜间监测",
}  # fmt: skip


def picture() -> str:
    """A small signature, as the pad sends it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x10\x14\x18" * 4 for _ in range(4)))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def at(world: World, code: str, person=ZHANG) -> Browser:
    """Somebody in front of a county's pages of reviews and of what is said between counties."""
    place = place_of(world, code)
    conclusions = Conclusions(place, county=f"县{code}", kept=timedelta(days=3650))

    def attach(app, access) -> None:
        app.include_router(router(ReviewDesk(place), conclusions, AroundDesk(place), access))
        app.include_router(around_router(AroundDesk(place), access, partial(linked, world, code)))

    return Browser(world, person, attach)


def drawn(world: World) -> int:
    """The loop of the issuing county's node, once; then everything travels."""
    done = Drawer(place_of(world, ISSUING)).run_once()
    world.settle()
    return done


def asked(world: World) -> dict[str, str]:
    """Matter numbers by expert."""
    return {row.expert: row.matter_no for row in world.issuing.rows(select(review_asks))}


def convened(world: World) -> tuple[str, Browser]:
    """A review of two, out of six experts of three counties of whom one must stay away."""
    case_no = begin_at(world, "application.accepted")
    some = [each for code in (WINDOW, ISSUING, FOREIGN) for each in experts(code, 2)]
    some[0]["employer_code"] = AWAY
    publish_experts(world, some)
    approver = at(world, ISSUING)
    approver.done(f"/reviews/{case_no}/convene", **CONVENED)
    return case_no, approver


def told(world: World, code: str, case_no: str) -> list[str]:
    """What a county has of the case beside its course."""
    county = world.counties[code]
    with county.store.read() as tx:
        case = casebook.find(tx, case_no)
        assert case is not None
        return [each.type for each in around.said(tx, county.identity, case)]


def test_the_pool_is_shown_and_whoever_works_for_the_applicant_is_out_of_it(world: World) -> None:
    """By employer code, with the code as the reason; a wish that nobody fits cannot be convened."""
    case_no = begin_at(world, "application.accepted")
    some = [each for code in (WINDOW, FOREIGN) for each in experts(code, 2)]
    some[0]["employer_code"] = AWAY
    publish_experts(world, some)
    approver = at(world, ISSUING)
    shown = unescape(approver.post(f"/reviews/{case_no}/pool", **CONVENED).text)
    assert "可以抽取的专家：3 人" in shown
    assert AWAY in shown
    near = unescape(approver.post(f"/reviews/{case_no}/pool", **CONVENED | {"regions": "34"}).text)
    assert f"{FOREIGN}-E001、{FOREIGN}-E002" in near
    assert "E-DOC-025" in approver.post(f"/reviews/{case_no}/convene", **CONVENED | {"profession": "天文"}).text
    assert "E-AROUND-030" in approver.post(f"/reviews/{case_no}/convene", **CONVENED | {"excluded": "某公司"}).text
    assert "E-PAGE-060" in at(world, ISSUING, WANG).post(f"/reviews/{case_no}/convene", **CONVENED).text


def test_nobody_draws_before_the_checkpoint_and_nobody_has_to_press(world: World) -> None:
    """The page waits for all of it; the loop draws once, as the seed commands, and both counties have the same."""
    case_no, approver = convened(world)
    waiting = approver.get(f"/reviews/{case_no}")
    assert "正在等待开始评审之后的第一个检查点" in waiting
    assert 'hx-target="#review-1"' in waiting, "the account of the draw and the form for asking come with it"
    assert drawn(world) == 0, "before the receipt"
    assert drawn(world) == 1
    assert drawn(world) == 0, "once"
    page = approver.get(f"/reviews/{case_no}")
    assert "结论：这次抽取是唯一可能的结果。" in page
    assert 'hx-select-oob="#ending-1"' in page, "what is typed into the question is left alone"
    assert f"{WINDOW}-E001" not in page
    assert told(world, WINDOW, case_no) == ["review.convened", "review.drawn"]
    assert "E-AROUND-031" in approver.post(f"/reviews/{case_no}/convene", **CONVENED).text


def plainly(world: World) -> None:
    """Everything arrives once."""
    world.settle()


def twice_and_backwards(world: World) -> None:
    """Everything arrives, and once more in the other order."""
    for county in world.counties.values():
        county.read(), county.handle(), county.issue(), county.write()
        world.carry(county, deliver=False)
    copies = list(reversed(world.held))
    world.deliver()
    world.held = copies
    world.settle()


@pytest.mark.long
@pytest.mark.parametrize("settle", [plainly, twice_and_backwards])
def test_a_review_runs_to_its_report_and_a_decline_calls_the_next(
    world: World, settle: Callable[[World], None]
) -> None:
    """Each asked at the own county, in order; the report has the signed opinions, and the window its digest."""
    case_no, approver = convened(world)
    drawn(world)
    drawn(world)
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION)
    settle(world)
    matters = asked(world)
    assert len(matters) == 2
    first, second = matters
    county = drawing.parts(first)[0]
    sitting = at(world, county, WANG)
    assert matters[first] in sitting.get("/around")
    sitting.done(f"/around/{matters[first]}/opinion.declined", decline_ground="conflict", text="曾任顾问。")
    settle(world)
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION)
    settle(world)
    third = next(each for each in asked(world) if each not in matters)
    assert "E-AROUND-031" in approver.post(f"/reviews/{case_no}/1/conclude", review_result="passed", text="同意").text
    for expert in (second, third):
        number = asked(world)[expert]
        browser = at(world, drawing.parts(expert)[0], WANG)
        assert "措施是否可行" in browser.get(f"/reviews/opinions/{number}")
        assert "E-HAND-001" in browser.post(f"/reviews/opinions/{number}", **OPINION, signature="").text
        browser.done(f"/reviews/opinions/{number}", **OPINION, signature=picture())
        settle(world)
        assert "钱教授" not in browser.get(f"/around/{number}")
    approver.done(
        f"/reviews/{case_no}/1/recordings", name="评审会录像", sha256="ab" * 32, size_bytes="734003200",
        duration_minutes="58", kept_at="档案室",
    )  # fmt: skip
    approver.done(f"/reviews/{case_no}/1/conclude", review_result="passed", text="原则同意。")
    settle(world)
    assert told(world, WINDOW, case_no)[-1] == "review.concluded"
    assert "E-LOOK-001" in approver.post(f"/reviews/{case_no}/1/report", purpose="").text
    pdf = approver.post(f"/reviews/{case_no}/1/report", purpose="examine").content
    archive = json.loads(approver.client.get(f"/reviews/{case_no}/1/archive.json").text)
    assert archive["report_sha256"] == hashlib.sha256(pdf).hexdigest()
    assert [each["answer"] for each in archive["asked"]] == ["declined", "given", "given"]
    assert archive["recordings"][0]["kept_until"] == f"{beijing_day(world.now) + timedelta(days=3650)}"
    with world.issuing.store.read() as tx:
        assert [each.what for each in book.looks(tx, case_no)] == ["around"]
    assert world.issuing.rows(select(tables.troubles)) == []
    assert "开始一次评审" in approver.get(f"/reviews/{case_no}")


@pytest.mark.long
def test_an_expert_of_an_employer_that_must_stay_away_gives_no_opinion(world: World) -> None:
    """Seen at the expert's county when the employer became known only after the draw; declining is open."""
    case_no, approver = convened(world)
    drawn(world)
    drawn(world)
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION)
    world.settle()
    expert, number = next(iter(asked(world).items()))
    changed = [each for code in (WINDOW, ISSUING, FOREIGN) for each in experts(code, 2, employer_code=AWAY)]
    publish_experts(world, changed)
    browser = at(world, drawing.parts(expert)[0], WANG)
    assert "E-AROUND-018" in browser.post(f"/reviews/opinions/{number}", **OPINION, signature=picture()).text
    browser.done(f"/around/{number}/opinion.declined", decline_ground="conflict", text="单位须回避。")


@pytest.mark.long
def test_silence_frees_a_place_only_when_the_day_is_over(world: World) -> None:
    """Until then nobody is passed over; afterwards the next in reserve is asked."""
    case_no, approver = convened(world)
    drawn(world)
    drawn(world)
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION)
    world.settle()
    silent = next(iter(asked(world)))
    assert "E-AROUND-032" in approver.post(f"/reviews/{case_no}/1/give-up", expert=silent).text
    assert "E-AROUND-031" in approver.post(f"/reviews/{case_no}/1/ask", **QUESTION).text
    world.later(days=3)
    approver.done(f"/reviews/{case_no}/1/give-up", expert=silent)
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION | {"opine_until": f"{TODAY + timedelta(days=6)}"})
    assert len(asked(world)) == 3
    assert "E-AROUND-031" in approver.post(f"/reviews/{case_no}/1/give-up", expert=silent).text


@pytest.mark.long
def test_experts_of_the_own_county_are_asked_the_same_way(world: World) -> None:
    """The county is both sides of the matter: the question waits at its own desk, and the answer counts."""
    case_no = begin_at(world, "application.accepted")
    publish_experts(world, experts(ISSUING, 2))
    approver = at(world, ISSUING)
    approver.done(f"/reviews/{case_no}/convene", **CONVENED | {"wanted": "1"})
    drawn(world)
    drawn(world)
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION)
    world.settle()
    ((expert, number),) = asked(world).items()
    browser = at(world, ISSUING, WANG)
    browser.done(f"/around/{number}/opinion.declined", decline_ground="unavailable", text="出差。")
    world.settle()
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION)
    world.settle()
    other = next(each for each in asked(world) if each != expert)
    browser.done(f"/reviews/opinions/{asked(world)[other]}", **OPINION, signed_on_paper="1")
    world.settle()
    approver.done(f"/reviews/{case_no}/1/conclude", review_result="after_changes", text="修改后同意。")
    world.settle()
    assert told(world, WINDOW, case_no)[-1] == "review.concluded"
    assert world.issuing.rows(select(tables.troubles)) == []


@pytest.mark.long
def test_a_pool_that_no_message_holds_is_not_cut(world: World) -> None:
    """Whoever has a small number would have better chances: the approver names regions instead."""
    case_no = begin_at(world, "application.accepted")
    publish_experts(world, [*experts(FOREIGN, 501), *experts(WINDOW, 2)])
    approver = at(world, ISSUING)
    refused = approver.post(f"/reviews/{case_no}/convene", **CONVENED).text
    assert "E-AROUND-030" in refused
    assert "503" in refused
    approver.done(f"/reviews/{case_no}/convene", **CONVENED | {"regions": "13"})


@pytest.mark.long
def test_a_draw_that_the_window_refuses_ends_the_review(world: World) -> None:
    """Even when experts were asked before the refusal came: the page says so, and another review can begin."""
    case_no, approver = convened(world)
    world.settle()
    county = world.issuing
    with county.store.write() as tx:
        case, directory = casebook.find(tx, case_no), county.directory(tx)
        assert case is not None
        assert directory is not None
        (said,) = around.said(tx, county.identity, case)
        root = bytes(32)
        order = drawing.order(root, said.message_id, said.record["pool"])
        record = {
            "review": 1, "seed_size": 1, "seed_root": root, "drawn": order, "drawn_at": world.now, "clerk": "张批准",
        }  # fmt: skip
        name = derived_id(said.message_id, "review.drawn")
        steps.put(tx, county.box, case, "review.drawn", record, directory, world.now, county=ISSUING, message_id=name)
    approver.done(f"/reviews/{case_no}/1/ask", **QUESTION)
    assert "不是种子所决定的结果" in approver.get(f"/reviews/{case_no}")
    world.settle()
    assert "收件地没有接受抽取结果" in approver.get(f"/reviews/{case_no}")
    approver.done(f"/reviews/{case_no}/convene", **CONVENED)
