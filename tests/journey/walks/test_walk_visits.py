"""云踏勘: hours offered by the county that decides, one booked and moved at the window, each point looked at there."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import expect

from schemas.lifecycle import CaseState
from schemas.workdays.hours import BEIJING
from tests.county_begun import begin_at
from tests.county_records import NAME, START
from tests.county_world import ISSUING, World
from tests.hall_world import Hall
from tests.journey.walks.test_walk_taking import typed
from tests.pages.walking import Walker, Walkers
from tests.taking_world import publish
from tests.unit.adapters.around.test_visits import state, stated

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

FIRST = (START + timedelta(days=3)).astimezone(BEIJING).replace(hour=9, minute=0)
LATER = FIRST.replace(hour=15)
HOUR_PIXELS = 220
"""A field of a day and an hour in which both are seen."""
POINTS = ("经营场所与申请一致", "设施与布局图一致")


def numbered(hour: object) -> str:
    """What a slot is called that nobody named."""
    return f"S{hour:%Y%m%d-%H%M}"


def offer() -> Mapping[str, str]:
    """The form of an offer, by the names of its fields."""
    hours = {
        f"slots.{row}.{name}": f"{begins + after:%Y-%m-%dT%H:%M}"
        for row, begins in enumerate((FIRST, LATER), 1)
        for name, after in (("begins_at", timedelta()), ("ends_at", timedelta(hours=1)))
    }
    points = {f"checklist.{row}.text": text for row, text in enumerate(POINTS, 1)}
    return {"means": "visiting_county", "visit_place": "吴桥县桑园镇长江路 18 号", **hours, **points}


def step(
    walker: Walker,
    number: str,
    name: str,
    said: Mapping[str, str],
    *,
    kind: str = "办件往来",
    evidence: Mapping[str, Path] | None = None,
) -> None:
    """From the page of a case, or of a matter of a kind, to the form of one step, and back.

    `evidence` are files by the fields that get their digests.
    """
    walker.go(f"/around/{number}")
    walker.arrives(kind)
    walker.enter(name, within=".offered")
    walker.arrives(name)
    typed(walker, said)
    for field, file in (evidence or {}).items():
        walker.offer(file, css=f"[data-hashed='{field}']")
        expect(walker.page.locator(f"[name='{field}']")).to_have_value(sha256(file.read_bytes()).hexdigest())
    walker.looks(f"{name} typed")
    walker.enter("提交")
    walker.page.wait_for_url(f"**/around/{number}")
    walker.arrives(kind)


def test_an_inspection_from_its_offer_to_its_result(hall: Hall, walkers: Walkers, tmp_path: Path) -> None:
    """Offered, booked, moved: the limit stands still; looked at by the visiting county, point by point: it runs on.

    A picture that was taken there stays on the machine: the page computes its digest.
    """
    world: World = hall.world
    picture = tmp_path / "洗手池.jpg"
    picture.write_bytes(b"\xff\xd8\xff" + bytes(range(256)) * 40_000)  # in three pieces
    case_no = begin_at(world, "application.accepted")
    publish(world, stated=stated())
    deciding = Hall(world, ISSUING)
    clerks, inspectors = hall.people.enrolled("zhang.san"), hall.people.enrolled("li.si", "approver")
    with hall.open() as here, deciding.open() as there:
        approver = walkers.at(there.origin, cookies=there.cookies(deciding.people.enrolled("zhao.liu", "approver")))
        step(approver, case_no, "提出云踏勘", offer())
        approver.go(f"/around/{case_no}/visit.offered")
        hours = "[...document.querySelectorAll('[type=datetime-local]')].map(each => each.offsetWidth)"
        assert min(approver.page.evaluate(hours)) >= HOUR_PIXELS
        world.settle()
        clerk = walkers.at(here.origin, cookies=here.cookies(clerks))
        booking = {"slot_no": numbered(FIRST), "contact_name": NAME, "contact_phone": "13900000000"}
        step(clerk, case_no, "预约或改期", booking)
        world.settle()
        assert state(world, case_no) is CaseState.SPECIAL
        step(clerk, case_no, "预约或改期", booking | {"slot_no": numbered(LATER)})
        world.settle()
        clerk.go(f"/around/{case_no}")
        clerk.finds(numbered(LATER), "#thread")
        inspector = walkers.at(here.origin, cookies=here.cookies(inspectors))
        checks = {
            "second_inspector": "李四", "results.1.passed": "yes",
            "results.2.passed": "no", "results.2.note": "缺一处洗手池",
        }  # fmt: skip
        step(inspector, case_no, "登记踏勘结果", checks, evidence={"results.1.evidence_sha256": picture})
        world.settle()
        assert state(world, case_no) is CaseState.ACCEPTED
        approver.go(f"/around/{case_no}")
        approver.arrives("办件往来")
        approver.finds(sha256(picture.read_bytes()).hexdigest(), "#thread")
        approver.fill("查看的目的", "examine")
        approver.enter("查看全部")
        approver.finds("缺一处洗手池", "#thread")
        approver.looks("result")
