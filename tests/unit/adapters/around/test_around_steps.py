"""Each step around a case and beside the cases by its form: what the program knows is filled in, the rest is asked."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from adapters.case import around, casebook
from adapters.hall.around import pasting
from adapters.hall.around.forms import paper
from adapters.hall.around.known import Known
from adapters.store import tables
from pages.people.person import Person, Role
from schemas.errors import YunhuobanError
from schemas.messages import Parties
from schemas.workdays.calendars import Calendar
from tests.around_pages import WANG, ZHANG, Browser, told
from tests.county_begun import begin_at
from tests.county_records import ITEM, NAME, START
from tests.county_world import ISSUING, OWN_ITEM, WINDOW, World

IDENTITY_NO = "130928199003074511"
BOTH = Person(account="both", name="钱二", roles=frozenset({Role.CLERK, Role.APPROVER}))


def newest(world: World, code: str, number: str) -> Any:
    """The record that a county said last."""
    county = world.counties[code]
    with county.store.read() as tx:
        case = casebook.find(tx, number)
        assert case is not None
        return [each for each in around.said(tx, county.identity, case) if each.source == code][-1].record


def sitting(world: World) -> tuple[Browser, Browser]:
    """Somebody with both roles in each county."""
    return Browser(world, WINDOW, BOTH), Browser(world, ISSUING, BOTH)


def test_papers_travel_by_forms(world: World) -> None:
    """The next number and the times are the program's; what does not match is listed, and so said; opened once."""
    case_no = begin_at(world, "application.submitted")
    window, issuing = sitting(world)
    page = f"/around/{case_no}"
    assert "寄出纸件" in window.get(page)
    said = {
        "direction": "materials_out", "carrier": "邮政EMS", "waybill": "1127333445566", "payer": "sender",
        "seal_no": "F1", "recipient_name": "李审批", "recipient_phone": "13800000000",
        "manifest__1__name": "公司章程", "manifest__1__copies": "1", "manifest__3__name": "住所证明",
        "manifest__3__copies": "2", "manifest__4__copies": "1",
    }  # fmt: skip
    answer = window.post(f"{page}/parcel.sent", **said | {"manifest__1__copies": "一"})
    assert answer.status_code == 422
    assert 'id="e-manifest-1-copies"' in answer.text
    assert "住所证明" in answer.text
    answer = window.post(f"{page}/parcel.sent", **said | {"manifest__3__copies": "0"})
    assert "E-DOC-011" in answer.text
    assert 'id="e-manifest-3"' in answer.text, "the third row, which is the second of the record"
    window.done(f"{page}/parcel.sent", **said)
    record = newest(world, WINDOW, case_no)
    assert record["parcel"] == 1
    assert [each["copies"] for each in record["manifest"]] == [1, 2]
    assert (record["clerk"], record["sent_at"]) == ("钱二", world.now)
    world.settle()
    shown = issuing.get(page)
    assert "138****0000" in shown
    assert "李审批" not in shown
    same = {"seal_intact": "yes", "witnessed_by": "钱二"}
    assert "E-DOC-013" in issuing.post(f"{page}/parcel.received", **same).text
    torn = same | {"witnessed_by": "赵", "mismatches__1__name": "住所证明", "mismatches__1__problem": "missing"}
    issuing.done(f"{page}/parcel.received", **torn)
    assert newest(world, ISSUING, case_no)["matches"] is False
    assert "E-AROUND-020" in issuing.post(f"{page}/parcel.received", **same).text
    world.settle()
    assert "缺少" in window.get(page)


@pytest.mark.long
def test_an_inspection_is_offered_booked_and_done_by_forms(world: World) -> None:
    """Slots get their numbers by their hour and are chosen from; every point of the offer is asked for."""
    case_no = begin_at(world, "application.accepted")
    window, issuing = sitting(world)
    page = f"/around/{case_no}"
    offer = {
        "means": "video", "visit_place": "河东大道", "pauses": "no", "slots__1__begins_at": "2026-12-01T09:00",
        "slots__1__ends_at": "2026-12-01T10:00", "checklist__1__text": "场所一致", "checklist__2__text": "设施一致",
    }  # fmt: skip
    wrong = issuing.post(f"{page}/visit.offered", **offer | {"slots__1__ends_at": "2026-12-01T08:00"})
    assert "E-DOC-005" in wrong.text
    assert 'id="e-slots-1-ends_at"' in wrong.text
    issuing.done(f"{page}/visit.offered", **offer)
    world.settle()
    form = window.get(f"{page}/visit.booked")
    assert "2026-12-01 09:00–10:00" in form
    window.done(f"{page}/visit.booked", slot_no="S20261201-0900", contact_name=NAME, contact_phone="13900000000")
    world.settle()
    form = issuing.get(f"{page}/visit.done")
    assert "2 设施一致" in form
    said = {"inspector": "张", "second_inspector": "李", "results__1__passed": "yes", "results__2__passed": "no"}
    assert "E-DOC-016" in issuing.post(f"{page}/visit.done", **said).text
    issuing.done(f"{page}/visit.done", **said | {"results__2__note": "缺灭火器"})
    record = newest(world, ISSUING, case_no)
    assert (record["visit"], record["passed"], [each["point"] for each in record["results"]]) == (1, False, [1, 2])


@pytest.mark.long
def test_a_bad_rating_is_called_back_about_by_whom_it_concerns(world: World) -> None:
    """Once for each county; only the rated one, only when it was bad."""
    case_no = begin_at(world, "application.submitted")
    window, issuing = sitting(world)
    page = f"/around/{case_no}"
    window.done(f"{page}/rating.given", target="issuing", stars="2", text="慢", contact_phone="13900000000")
    window.done(f"{page}/rating.given", target="window", stars="5")
    world.settle()
    assert "rating.given" not in window.get(page)
    assert "rating.followed_up" not in window.get(page)
    issuing.done(f"{page}/rating.followed_up", verified="yes", result="rectified", measures="增派人员", owner="张")
    assert newest(world, ISSUING, case_no)["target"] == "issuing"


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "opening", "steps"),
    [
        ("appeal", {"kind": "overdue", "channel": "hotline", "text": "超期", "answer_until": "2026-12-05"},
         [(0, "appeal.escalated", {"to_name": "钱", "to_post": "局长", "reasons": "没有答复",
                                   "answer_until": "2026-12-05"}),
          (1, "appeal.answered", {"appeal_result": "solved", "measures": "已办"}),
          (0, "appeal.closed", {"confirmed": "yes"})]),
        ("alive", {"other": ISSUING, "person_name": NAME, "identity_no": IDENTITY_NO, "residence": "永济市",
                                "benefit": "养老", "reasons": "年度", "verify_until": "2026-12-15"},
         [(1, "alive.answered", {"result": "alive", "method": "at_home", "verifier": "孙"})]),
        ("list", {"other": ISSUING, "title": "名单", "year": "2026", "month": "11",
                              "answer_until": "2026-12-10",
                  "lines": f"{NAME}\t{IDENTITY_NO}\t100 元\n\n{NAME}\t{IDENTITY_NO}\n"},
         [(1, "list.reconciled", {"outcomes__1__result": "matches", "outcomes__2__result": "unknown",
                                  "outcomes__2__note": "已迁出"})]),
    ],
)  # fmt: skip
def test_a_matter_of_each_kind_runs_to_its_end_by_forms(world: World, kind: str, opening: Any, steps: Any) -> None:
    """Begun with an item and a county, each step once its turn has come; then it is over at both."""
    sides = sitting(world)
    where = f"{WINDOW}/{OWN_ITEM}" if "other" in opening else f"{ISSUING}/{ITEM}"
    thread = sides[0].done(f"/around/new/{kind}/{where}", **opening)
    world.settle()
    for side, step, said in steps:
        assert step in sides[side].get(thread)
        sides[side].get(f"{thread}/{step}")
        sides[side].done(f"{thread}/{step}", **said)
        world.settle()
    for side in sides:
        page = side.get("/around")
        assert thread in page[page.index("已了结") :]
        assert IDENTITY_NO not in side.get(thread)
    assert world.issuing.rows(select(tables.troubles)) == []


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (f"{NAME}\t{IDENTITY_NO}\n{NAME}\t130928199003074512", pasting.CELL_ODD, ("2", "2")),
        (f"\t{IDENTITY_NO}", pasting.CELL_ODD, ("1", "1")),
        (f"{NAME} {IDENTITY_NO}", pasting.COLUMNS_ODD, ("1", "")),
        ("\n".join([f"{NAME}\t{IDENTITY_NO}"] * 501), pasting.TOO_MANY, ("", "")),
    ],
)
def test_what_is_wrong_in_a_pasted_list_is_named_by_line_and_column(text: str, code: Any, words: Any) -> None:
    """And what was pasted is not repeated: it is somebody's number."""
    known = Known(
        now=START, county=WINDOW, name="王", parties=Parties(window=WINDOW, issuing=ISSUING),
        calendar=Calendar(complete=False).of(ISSUING),
    )  # fmt: skip
    with pytest.raises(YunhuobanError) as caught:
        pasting.lines_of(paper("list.published", known).rows[0], text)
    assert caught.value.code is code
    assert (caught.value.params.get("line", ""), caught.value.params.get("column", "")) == words
    assert not re.search("[0-9]{15}", str(vars(caught.value)))


@pytest.mark.long
def test_what_was_refused_says_why_in_the_thread(world: World) -> None:
    """A slot that another case took first: code, words and remedy stand at the booking, and another can be booked."""
    first = begin_at(world, "application.accepted")
    second = world.up_to("application.accepted", "WQ2")
    window, issuing = Browser(world, WINDOW, WANG), Browser(world, ISSUING, ZHANG)
    for number in (first, second):
        issuing.done(
            f"/around/{number}/visit.offered", means="video", visit_place="河东", pauses="no",
            slots__1__begins_at="2026-12-01T09:00", slots__1__ends_at="2026-12-01T10:00", checklist__1__text="场所",
        )  # fmt: skip
    world.settle()
    for number in (first, second):
        window.done(
            f"/around/{number}/visit.booked", slot_no="S20261201-0900", contact_name="赵", contact_phone="13900000000"
        )
    world.settle()
    page = told(window.client.get(f"/around/{second}"))
    assert "被退回，没有生效" in page
    assert "E-AROUND-009" in page
    assert "请改约另一个时段" in page
    assert "E-AROUND-009" not in window.get(f"/around/{first}")
    assert "/visit.booked" in window.get(f"/around/{second}")
