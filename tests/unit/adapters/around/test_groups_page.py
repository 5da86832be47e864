"""A group opened at the window's pages: one form, one set of materials, one press; what waits goes once, in turn."""

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from adapters.case import casebook, groupbook
from adapters.case.grouptables import group_parts, groups
from adapters.hall.grouping.sending import PartSender
from adapters.hall.taking.tables import scans, takings
from adapters.store import tables
from pages import labels
from pages.people.person import Role
from schemas.casegroup import GroupState
from schemas.envelope import Envelope
from tests.county_doubles import PowerCut
from tests.county_world import ISSUING, ITEM, World
from tests.grouping_world import OTHER_ITEM, Window, publish
from tests.taking_world import CLERK, place_of, told_at
from tests.unit.adapters.approving.test_approval_desk import desk_of
from tests.unit.adapters.approving.test_approval_page import browser_of

DENIED = {"outcome": "denied", "reasons": "不符合法定条件。", "remedies": "可以申请行政复议。"}


@pytest.fixture
def window(world: World) -> Window:
    """A window whose node knows the bundle."""
    publish(world)
    return Window(world=world)


def sent(world: World, kind: str) -> list[Envelope]:
    """What lies in the window's outbox of a type."""
    box = tables.outbox.c
    return [Envelope.parse(row.body) for row in world.window.rows(select(box.body).where(box.type == kind))]


def test_one_form_and_one_press_make_the_parts_and_what_waits_goes_once(window: Window, world: World) -> None:
    """Each thing is asked once; the second part goes when the first is granted, with the scan that was taken once."""
    assert "开餐馆一件事" in window.get("/groups/bundles?q=开餐馆")
    number = window.begin_bundle()
    form = window.get(f"/groups/{number}/form")
    assert form.count('name="applicant.name"') == 1
    assert form.count(">身份证明</b>") == 1
    assert "正在填写" in window.get("/groups")
    draft = window.fill(number)
    assert window.browser.get(f"/take/drafts/{draft}", follow_redirects=False).headers["location"].endswith("/form")
    assert "E-TAKE-001" in window.press(draft).text, "the form of a group is no application"
    for _ in range(2):
        assert window.send(number).headers["HX-Redirect"] == f"/groups/{number}"
    world.settle()
    assert len(sent(world, "application.submitted")) == 1
    assert window.world.window.rows(select(scans.c.draft_id).where(scans.c.draft_id == draft)) == []
    page = window.get(f"/groups/{number}")
    assert "等第 1 部分" in page
    assert "还没有全部送出" in page
    assert window.turn() == (0, 0)
    window.decide(window.case(number, 1))
    assert window.turn() == (0, 1)
    assert window.turn() == (0, 0)
    joined = sent(world, "group.joined")
    assert [(each.facts or {})["part"] for each in joined] == [1, 2]
    assert {(each.facts or {})["group_no"] for each in joined} == {number}
    for part in (1, 2):
        record = window.taker.taken_record(_draft(window, number, part))[2]
        assert [each["media_type"] for each in record["files"]] == ["application/pdf"]
        assert record["applicant"]["name"]
    second = window.taker.taken_record(_draft(window, number, 2))[2]
    assert {each["name"] for each in second["materials"]} == {"食品经营许可申请书", "身份证明"}
    assert second["project_name"].startswith("食品经营许可")
    window.decide(window.case(number, 2))
    assert window.desk.open(number).group.state is GroupState.WHOLE
    assert window.desk.open(number).stages == (6, 8)


def _draft(window: Window, number: str, part: int) -> str:
    return next(each.entry.draft_id for each in window.desk.open(number).lines if each.entry.part == part)


@pytest.mark.long
def test_what_is_missing_is_told_at_its_field_and_nothing_is_sent(window: Window, world: World) -> None:
    """E-TAKE-020 above the form, each problem where it belongs, and the group stays a form."""
    number = window.begin_bundle()
    draft = window.desk.sheet(number, CLERK).draft.draft_id
    answer = window.send(number)
    assert "E-TAKE-020" in answer.text
    assert "还没有收" in told_at(answer.text, "m.SFZ.taken_as")
    assert "还没有填" in told_at(answer.text, "matter.handling.2")
    assert sent(world, "application.submitted") == []
    window.fill(number)
    window.browser.post(f"/take/drafts/{draft}/discard")
    assert number not in window.get("/groups")
    window.turn()
    assert world.window.rows(select(groups.c.number)) == []


def test_a_group_that_is_sent_while_the_loop_looks_is_not_forgotten(
    world: World, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form is gone because its parts were made of it: the group stands, with both of them."""
    number = window.begin_bundle()
    window.fill(number)
    look = groupbook.unpressed

    def pressed_meanwhile(*arguments: Any) -> list[groupbook.Listed]:
        found = look(*arguments)
        assert [each.number for each in found] == [number]
        window.desk.press(number, all_or_none=True, person=CLERK)
        return found

    monkeypatch.setattr(groupbook, "unpressed", pressed_meanwhile)
    PartSender(place_of(world)).run_once(world.now)
    assert len(window.desk.open(number).lines) == 2


@pytest.mark.long
def test_a_crash_in_the_press_leaves_the_form_or_every_part(window: Window, world: World) -> None:
    """The power fails at its commit: nothing is half, and the same press afterwards makes each part once."""
    number = window.begin_bundle()
    window.fill(number)
    world.window.store.fail_before = world.window.store.commits + 1
    with pytest.raises(PowerCut):
        window.desk.press(number, all_or_none=True, person=CLERK)
    assert sent(world, "application.submitted") == []
    assert window.send(number).headers["HX-Redirect"]
    assert len(sent(world, "application.submitted")) == 1
    assert len(world.window.rows(select(takings.c.draft_id))) == 2


@pytest.mark.long
def test_all_or_none_gives_up_what_waits_when_a_part_fails(window: Window, world: World) -> None:
    """Nothing more is sent, nothing is kept for it, and the group is over."""
    number = window.opened("all")
    window.decide(window.case(number, 1), **DENIED)
    window.turn()
    assert window.desk.open(number).group.state is GroupState.NONE
    assert "不再报送" in window.get(f"/groups/{number}")
    assert len(world.window.rows(select(takings.c.draft_id))) == 1
    window.turn()
    assert window.desk.open(number).group.listed.over_at == world.now


@pytest.mark.long
def test_a_group_that_is_never_completed_is_told_and_closed_by_a_person(window: Window, world: World) -> None:
    """E-GROUP-001 stands on its page until somebody ends it as one; while a part is under way, E-GROUP-003."""
    number = window.opened("each")
    assert "E-GROUP-003" in window.browser.post(f"/groups/{number}/close").text
    window.decide(window.case(number, 1), **DENIED)
    for _ in range(2):
        assert window.turn() == (0, 0)
    page = window.get(f"/groups/{number}")
    assert page.count("E-GROUP-001") == 2
    assert "第 2 部分没有送出" in page
    assert "有一部分没有送出" in window.get("/groups")
    assert window.browser.post(f"/groups/{number}/close").headers["HX-Redirect"] == f"/groups/{number}"
    page = window.get(f"/groups/{number}")
    assert "E-GROUP-001" not in page
    assert "已结束" in page
    assert window.turn() == (0, 0)


@pytest.mark.long
def test_a_part_that_cannot_be_sent_says_why_and_goes_when_it_can(window: Window, world: World) -> None:
    """Its item has left the catalogue meanwhile: E-GROUP-001 with the cause; it is back, and the part goes."""
    number = window.opened()
    window.decide(window.case(number, 1))
    publish(world, {f"implementation/{ISSUING}/{OTHER_ITEM}": None})
    assert window.turn() == (0, 0)
    page = window.get(f"/groups/{number}")
    assert "E-GROUP-001" in page
    assert "E-TAKE-003" in page
    publish(world)
    assert window.turn() == (0, 1)
    assert "E-GROUP-001" not in window.get(f"/groups/{number}")


@pytest.mark.long
def test_several_cases_in_several_counties_are_opened_by_one_form(window: Window, world: World) -> None:
    """多地联办: both go at once, each in the mode 多地联办 and each joined to the group; a group has two parts."""
    first, second = f"{ISSUING}/{ITEM}", f"{ISSUING}/{OTHER_ITEM}"
    assert first in window.get(f"/groups/joint?q={ITEM}")
    assert "E-GROUP-002" in window.browser.post("/groups/joint", data={"chosen": [first]}).text
    number = window.begin_joint(first, second)
    window.fill(number)
    window.send(number, "each")
    world.settle()
    assert len(sent(world, "application.submitted")) == 2
    assert window.taker.taken_record(_draft(window, number, 2))[2]["mode"] == "joint", "as far as the item may be"
    assert window.desk.open(number).group.state is GroupState.UNDER_WAY
    theirs = world.issuing.rows(select(group_parts.c.part).where(group_parts.c.number == number))
    assert sorted(each.part for each in theirs) == [1, 2]


def test_a_bundle_that_is_not_offered_today_begins_nothing(window: Window) -> None:
    """E-GROUP-004 for one that the directory does not have."""
    answer = window.browser.post("/groups/bundles", data={"county": ISSUING, "bundle": "NONE"})
    assert "E-GROUP-004" in unescape(answer.text)


@pytest.mark.long
def test_a_part_that_was_refused_and_corrected_stays_the_part(window: Window, world: World) -> None:
    """The corrected application is another case: it is joined to the group in the place of the first."""
    number = window.begin_bundle()
    window.fill(number)
    window.send(number)
    before = window.case(number, 1)
    with world.window.store.write() as tx:
        tx.execute(tables.outbox.update().where(tables.outbox.c.case_no == before).values(state="refused"))
    assert "被退回" in window.get(f"/groups/{number}")
    draft = _draft(window, number, 1)
    window.taker.correct(draft, CLERK)
    window.taker.submit(draft, 2, CLERK)
    world.settle()
    after = window.case(number, 1)
    assert after != before
    with world.issuing.store.read() as tx:
        assert casebook.find(tx, after) is not None
    assert [each.case_no for each in window.desk.open(number).group.parts] == [after]


@pytest.mark.long
def test_the_approver_sees_the_group_of_a_case(window: Window, world: World) -> None:
    """Which kind, what the applicant chose, and the other parts' states as far as this county knows them."""
    number = window.opened("all")
    first = window.case(number, 1)
    desk = desk_of(world)
    before = desk.open(first).together
    assert before is not None
    assert (before.group.listed.kind, before.group.listed.all_or_none, len(before.lines)) == ("bundle", True, 1)
    window.decide(first)
    window.turn()
    with browser_of(world, Role.APPROVER) as approver:
        page = unescape(approver.get(f"/approvals/{window.case(number, 2)}").text)
    assert "一件事" in page
    assert "开餐馆一件事" in page
    assert "要么全部办成，要么全部不办" in page
    assert labels.CASE_STATES["licensed"].text in page
    assert first in page


@pytest.mark.long
@pytest.mark.parametrize("order", [[1, 0], [0, 1, 0, 1]], ids=["reordered", "twice"])
def test_parts_that_come_in_any_order_and_twice_are_one_group(window: Window, world: World, order: list[int]) -> None:
    """The issuing county hears each case and its joining in whatever order: each part stands once."""
    number = window.begin_joint(f"{ISSUING}/{ITEM}", f"{ISSUING}/{OTHER_ITEM}")
    window.fill(number)
    window.send(number, "each")
    world.carry(world.window, deliver=False)
    there = [each for each in world.held if each[0] == ISSUING]
    assert len(there) == 4
    half = (there[:2], there[2:])
    world.held = [each for each in world.held if each[0] != ISSUING]
    world.held += [each for part in order for each in reversed(half[part])]
    world.settle()
    theirs = world.issuing.rows(select(group_parts.c.part, group_parts.c.case_no))
    assert sorted(each.part for each in theirs) == [1, 2]
    assert window.desk.open(number).group.state is GroupState.UNDER_WAY


@pytest.mark.long
def test_what_was_saved_is_counted_by_county_and_month(window: Window) -> None:
    """On the group's page, in the month's report, and the same in its XLSX."""
    number = window.opened("each")
    page = " ".join(re.sub(r"<[^>]+>", " ", window.get(f"/groups/{number}")).split())
    assert "提交材料 3 → 3 ±0 %" in page
    assert "办理时限（工作日） 7 → 5 −29 %" in page
    assert "办理环节 不知道" in page
    report = " ".join(re.sub(r"<[^>]+>", " ", window.get("/groups/report")).split())
    assert f"{ISSUING} 一件事 1" in report
    assert "7 → 5 −29 %" in report
    answer = window.browser.get("/groups/report.xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][1:3] == ("一件事", 1)
    assert rows[1][-3:] == (7, 5, 29)
    assert "这个月没有开过组" in window.get("/groups/report?month=2020-01")
