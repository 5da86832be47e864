"""What waits around cases, the licenses that end, and the counts of a month: from what was said in the clear."""

import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import select

from adapters.case import casebook
from adapters.hall.around import expiring, report
from adapters.hall.around.events import events
from adapters.hall.around.pending import pendings
from adapters.hall.around.report import Row
from adapters.store import tables
from schemas.workdays.hours import beijing_day
from tests import around_records as of
from tests.around_pages import WANG, ZHANG, Browser, desk_of, told
from tests.county_begun import begin_at
from tests.county_records import acceptance, decision
from tests.county_world import ISSUING, WINDOW, World
from tests.unit.adapters.around.saying import begin, say


def owed(world: World, code: str) -> list[tuple[str, str, date | None]]:
    """The steps around cases as one county sees them."""
    county = world.counties[code]
    with county.store.read() as tx:
        view = county.directory(tx)
        assert view is not None
        return [(each.step, each.county, each.due) for each in pendings(tx, code, view.calendar, world.now)]


def pending_after(world: World, days: int) -> list[str]:
    """The same as of some later day."""
    with world.window.store.read() as tx:
        view = world.window.directory(tx)
        assert view is not None
        return [each.step for each in pendings(tx, WINDOW, view.calendar, world.now + timedelta(days=days))]


def counted(world: World, code: str, later_days: int = 0) -> dict[str, Row]:
    """The rows of this month by whoever had to act."""
    county, today = world.counties[code], beijing_day(world.now)
    with county.store.read() as tx:
        view = county.directory(tx)
        assert view is not None
        rows = report.of_month(tx, code, today.year, today.month, view.calendar, today + timedelta(days=later_days))
    return {row.owner: row for row in rows}


def test_what_one_county_owes_around_a_case_waits_there(world: World) -> None:
    """A parcel to be opened, an hour to be booked and kept, a bad rating to be called back about within 15 days."""
    case_no = begin_at(world, "application.accepted")
    say(world, WINDOW, case_no, "parcel.sent")
    say(world, ISSUING, case_no, "visit.offered")
    say(world, WINDOW, case_no, "rating.given")
    world.settle()
    for code in (WINDOW, ISSUING):
        assert set(owed(world, code)) == {
            ("parcel.received", ISSUING, None),
            ("rating.followed_up", ISSUING, date(2026, 12, 18)),
            ("visit.booked", WINDOW, None),
        }
    page = Browser(world, ISSUING, ZHANG).get("/around")
    here = page[page.index("等本县办") : page.index("等对方办")]
    assert "差评回访" in here
    assert "签收纸件" in here
    assert "预约或改期" not in here
    rows = counted(world, ISSUING)
    assert rows[ISSUING].counts == {"stars_2": 1, "bad_open": 1}
    assert counted(world, ISSUING, later_days=60)[ISSUING].counts["bad_late"] == 1
    say(world, WINDOW, case_no, "visit.booked")
    say(world, ISSUING, case_no, "rating.followed_up")
    say(world, ISSUING, case_no, "parcel.received", of.parcel_receipt(
        matches=False, mismatches=[{"name": "住所证明", "problem": "missing", "note": "少一份"}]))  # fmt: skip
    world.settle()
    assert owed(world, WINDOW) == [("visit.done", ISSUING, None)]
    assert pending_after(world, 181) == []
    rows = counted(world, WINDOW)
    assert rows[ISSUING].counts == {"stars_2": 1, "bad_in_time": 1}
    assert rows[WINDOW].counts == {"parcels": 1, "parcels_differing": 1}
    label = told(Browser(world, WINDOW, WANG).client.get(f"/around/{case_no}/parcels/1"))
    assert "138****0000" in label
    assert "李审批" not in label
    assert "F20261126-01" in label
    assert "公司章程" in label
    assert re.search(r"邮费承担\s+寄件地", label)
    assert re.search(r"与清单相符\s+否", label)
    assert "对方签收" in label
    assert "缺少" in label
    assert "少一份" not in label, "a note may name a person: masked"
    assert Browser(world, WINDOW, WANG).client.get(f"/around/{case_no}/parcels/2").status_code == 404


def test_a_month_is_counted_for_each_side(world: World) -> None:
    """A question in time, one late, a complaint solved: on the page and in the workbook."""
    first, second = begin(world, "question.asked"), begin(world, "appeal.raised")
    begin(world, "question.asked")
    world.settle()
    world.later(minutes=1)
    say(world, ISSUING, first, "question.answered")
    say(world, ISSUING, second, "appeal.answered")
    world.settle()
    assert counted(world, WINDOW)[ISSUING].counts == {
        "question_in_time": 1, "question_open": 1, "appeal_answered": 1, "appeal_solved": 1
    }  # fmt: skip
    late = counted(world, ISSUING, later_days=3)[ISSUING]
    assert (late.counts["question_late"], late.solved_percent) == (1, 100)
    month = f"{beijing_day(world.now):%Y-%m}"
    browser = Browser(world, WINDOW, ZHANG)
    assert "咨询按时答复" in browser.get(f"/around/report?month={month}")
    assert "这个月没有往来" in browser.get("/around/report?month=2026-01")
    answer = browser.client.get(f"/around/report.xlsx?month={month}")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    head, line = list(sheet.values)
    assert dict(zip(head, line, strict=True))["咨询按时答复"] == 1
    assert browser.client.get("/around/report?month=2026-13").status_code == 422


@pytest.mark.long
def test_a_license_that_ends_is_said_to_its_window_with_one_press(world: World) -> None:
    """Listed when its end is near, reminded once, and told so; the window reads it."""
    case_no = begin_at(world, "application.submitted")
    ends = beijing_day(world.now) + timedelta(days=20)
    world.issuing.source.add("application.accepted", case_no, acceptance())
    world.settle()
    world.issuing.source.add("decision.made", case_no, decision(valid_until=ends))
    world.settle()
    desk, approver = desk_of(world, ISSUING), Browser(world, ISSUING, ZHANG)
    (row,) = desk.counting.ending(30)
    assert (row.valid_until, row.window_county, row.reminded_on) == (ends, WINDOW, None)
    assert list(desk.counting.ending(10)) == []
    assert row.identifier in approver.get("/around/expiring?days=30")
    said = {"license_identifier": row.identifier, "text": "请延续。"}
    approver.done(f"/around/{case_no}/license.expiring", **said)
    assert desk.counting.ending(30)[0].reminded_on == beijing_day(world.now)
    world.settle()
    with world.window.store.read() as tx:
        told_ = [each.said for each in events(tx, WINDOW, {"license.expiring"})[case_no]]
        assert casebook.find(tx, case_no) is not None
        assert [each.record["valid_until"] for each in told_] == [ends]
    with world.issuing.store.read() as tx:
        assert expiring.of_case(tx, world.issuing.box, "130928-20990101-000001-3") == ()
    assert world.window.rows(select(tables.troubles)) == []
