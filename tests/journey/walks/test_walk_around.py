"""What two counties say to each other beside an application: a question, a rating, papers in a parcel."""

import pytest
from playwright.sync_api import expect

from tests.county_begun import begin_at
from tests.county_records import ITEM
from tests.county_world import ISSUING, World
from tests.hall_world import Hall
from tests.journey.walks.test_walk_taking import typed
from tests.journey.walks.test_walk_visits import step
from tests.pages.walking import Walker, Walkers
from tests.unit.adapters.stating.test_answers import GUIDE, publish

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def to_question(clerk: Walker) -> None:
    """From what waits to the form of a question about an item of the other county."""
    clerk.go("/around")
    clerk.arrives("等本县办")
    clerk.enter("新的往来")
    clerk.arrives("新的往来")
    clerk.enter(css="[href$='/question']", within="#main")
    clerk.arrives("云咨询")
    clerk.to(css="#q")
    clerk.type(ITEM)
    expect(clerk.page.locator(f"#hits a[href$='/{ISSUING}/{ITEM}']")).to_be_visible()
    clerk.looks("found")
    clerk.press("ArrowDown", "Enter")
    clerk.arrives("提问")


def test_a_question_and_its_answer_for_everybody(hall: Hall, walkers: Walkers) -> None:
    """Asked, looked at for a purpose, answered, put into the guide without a name: who asks next reads it before."""
    world: World = hall.world
    deciding = Hall(world, ISSUING)
    with hall.open() as here, deciding.open() as there:
        clerk = walkers.at(here.origin, cookies=here.cookies(hall.people.enrolled("zhang.san")))
        to_question(clerk)
        typed(clerk, {"topic": "住所证明", "text": "租赁合同没有备案，可以吗？"})
        clerk.looks("asked")
        clerk.enter("提交")
        clerk.arrives("云咨询")
        clerk.page.wait_for_url("**/around/*-*")
        number = clerk.page.url.rpartition("/")[2]
        clerk.enter("登记回执")
        clerk.arrives("登记回执")
        clerk.finds(number)
        world.settle()

        approver = walkers.at(there.origin, cookies=there.cookies(deciding.people.enrolled("zhao.liu", "approver")))
        approver.go("/around")
        approver.arrives("等本县办")
        approver.enter(css=f"[href='/around/{number}']")
        approver.arrives("云咨询")
        approver.fill("查看的目的", "examine")
        approver.enter("查看全部")
        approver.finds("租赁合同没有备案", "#thread")
        said = {"text": "可以，带产权证复印件。", "for_guide": "yes"}
        step(approver, number, "答复", said, kind="云咨询")
        world.settle()
        world.later(minutes=1)
        approver.enter("放进办事指南")
        approver.arrives("放进办事指南")
        approver.fill("查看的目的", "examine")
        approver.enter("带入原来的问答")
        expect(approver.page.locator("#f-question")).to_have_value("租赁合同没有备案，可以吗？")
        typed(approver, GUIDE)
        approver.looks("for the guide")
        approver.enter("提交")
        approver.arrives("办事指南问答")
        approver.reads("已提交，等待目录更新")
        publish(world)
        approver.go("/stating/answers")
        approver.arrives("办事指南问答")
        approver.reads("在办事指南里")

        step(clerk, number, "结束咨询", {"helpful": "yes"}, kind="云咨询")
        to_question(clerk)
        clerk.reads("常见问答")
        clerk.enter(GUIDE["question"], css="summary")
        clerk.finds(GUIDE["answer"], "#answers")
        clerk.looks("read before asking")


def test_a_bad_rating_is_called_back_about(hall: Hall, walkers: Walkers) -> None:
    """Two stars at the window stand with the county that decided until its approver has called back."""
    world: World = hall.world
    case_no = begin_at(world, "application.accepted")
    deciding = Hall(world, ISSUING)
    with hall.open() as here, deciding.open() as there:
        clerk = walkers.at(here.origin, cookies=here.cookies(hall.people.enrolled("zhang.san")))
        rated = {"target": "issuing", "stars": "2", "text": "等得太久。", "contact_phone": "13900000000"}
        step(clerk, case_no, "登记评价", rated)
        world.settle()
        approver = walkers.at(there.origin, cookies=there.cookies(deciding.people.enrolled("zhao.liu", "approver")))
        approver.go("/around")
        approver.arrives("等本县办")
        approver.enter(css=f"[href='/around/{case_no}']")
        approver.arrives("办件往来")
        called = {"verified": "yes", "result": "rectified", "measures": "已增派人员，当日办结。"}
        step(approver, case_no, "差评回访", called)
        world.settle()
        approver.go("/around/report")
        approver.arrives("往来月报")
        clerk.go(f"/around/{case_no}")
        clerk.reads("差评回访", "#thread")


def test_papers_go_in_a_parcel_with_a_label_and_a_list(hall: Hall, walkers: Walkers) -> None:
    """Sealed, listed, labelled, sent; opened by two at the other county, and the window sees what was missing."""
    world: World = hall.world
    case_no = begin_at(world, "application.accepted")
    deciding = Hall(world, ISSUING)
    with hall.open() as here, deciding.open() as there:
        clerk = walkers.at(here.origin, cookies=here.cookies(hall.people.enrolled("zhang.san")))
        parcel = {
            "direction": "materials_out", "carrier": "邮政EMS", "waybill": "1127333445566", "payer": "sender",
            "seal_no": "F20261126-01", "recipient_name": "李审批", "recipient_phone": "13800000000",
            "manifest.1.name": "公司章程", "manifest.1.note": "原件", "manifest.2.name": "住所证明",
            "manifest.2.copies": "2",
        }  # fmt: skip
        step(clerk, case_no, "寄出纸件", parcel)
        world.settle()
        clerk.enter("打印封面与清单")
        clerk.arrives("寄递封面")
        label = clerk.page.locator(".parcel")
        expect(label).not_to_contain_text(parcel["recipient_name"])
        assert label.evaluate("label => label.scrollWidth <= label.clientWidth"), "nothing of it stands over its edge"
        clerk.page.evaluate("window.print = () => { window.printed = true; }")
        clerk.enter("打印")
        assert clerk.page.evaluate("window.printed === true")
        receiver = walkers.at(there.origin, cookies=there.cookies(deciding.people.enrolled("qian.qi")))
        opened = {
            "seal_intact": "yes", "witnessed_by": "赵在场", "mismatches.1.name": "住所证明",
            "mismatches.1.problem": "missing", "mismatches.1.note": "只有一份",
        }  # fmt: skip
        step(receiver, case_no, "签收纸件", opened)
        world.settle()
        clerk.go(f"/around/{case_no}/parcels/1")
        clerk.arrives("对方签收")
