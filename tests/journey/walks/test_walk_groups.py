"""Several cases that are one thing to whoever applies: one form, one press, the bar of all parts, and how it ends."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import grouping_world
from tests.county_world import ISSUING, World
from tests.grouping_world import TYPED, Window, turn
from tests.hall_world import Hall, Open
from tests.journey.walks.test_walk_taking import scan as scan  # noqa: PLC0414 -- a fixture
from tests.journey.walks.test_walk_taking import typed
from tests.pages.walking import Walker, Walkers
from tests.unit.adapters.around.test_groups_page import DENIED

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

FORM: Mapping[str, str] = {name: text for name, text in TYPED.items() if text}

UNDONE: Mapping[str, str] = {
    "undo_outcome": "undone",
    "decision_no": "永撤〔2026〕1号",
    "reasons": "应申请人的选择撤销。",
    "approver": "张批准",
}


def filled(clerk: Walker, scan: Path, choice: str) -> str:
    """The one form of a group, its scan and its press; returns the group's number."""
    clerk.page.wait_for_url("**/form")
    clerk.arrives("各部分")
    number = clerk.page.url.split("/")[-2]
    typed(clerk, FORM)
    clerk.offer(scan, css="#u-SFZ")
    clerk.reads("{count} 页", "#row-SFZ", count=2)
    clerk.reads("可以报送", "#left")
    clerk.fill("申请人的选择", choice)
    clerk.looks("typed")
    clerk.enter("收件并报送各部分")
    clerk.page.wait_for_url(f"**/groups/{number}")
    clerk.arrives("各部分")
    return number


def stages(clerk: Walker, percent: int) -> None:
    """How far the bar says that all parts are, in its picture and in words."""
    bar = clerk.page.locator("#group .bar-line")
    expect(bar).to_contain_text(f"{percent} %")
    expect(bar.locator("progress")).to_have_attribute("aria-label", clerk.word("办理进度"))


def cases(hall: Hall, number: str) -> list[str]:
    """The parts' cases, as far as they were sent."""
    desk = Window(world=hall.world).desk
    return [each.entry.case_no for each in desk.open(number).lines if each.entry.case_no]


def clerk_of(hall: Hall, desk: Open, walkers: Walkers) -> Walker:
    """A clerk before the groups of a window that opened none yet."""
    clerk = walkers.at(desk.origin, cookies=desk.cookies(hall.people.enrolled("zhang.san")))
    clerk.go("/groups")
    clerk.arrives("本窗口开的组")
    return clerk


def test_one_part_fails_and_nothing_was_done(hall: Hall, walkers: Walkers, scan: Path) -> None:
    """多地联办, all or none: one is granted, the other denied; the granted one is taken back, and 没有办成 stands."""
    world: World = hall.world
    grouping_world.publish(world)
    there = Hall(world, ISSUING)
    with hall.open() as desk, there.open() as deciding:
        clerk = clerk_of(hall, desk, walkers)
        clerk.enter("多地联办", within=".offered")
        clerk.arrives("多地联办")
        for count, name in enumerate(("公司登记注册", "食品经营许可"), 1):
            clerk.fill("添加事项", f"县{ISSUING} {name}")
            clerk.press("Enter")
            clerk.finds(name, "#hits")
            clerk.looks(f"found {count}")
            clerk.enter("添加 {name}", name=f"县{ISSUING} {name}")
            expect(clerk.page.locator("#chosen li")).to_have_count(count)
        clerk.arrives("多地联办")
        clerk.enter("填写一张表")
        number = filled(clerk, scan, "all")
        stages(clerk, 25)
        world.settle()
        clerk.reads("各部分在办", "#standing")
        first, second = cases(hall, number)
        clerk.looks("under way")
        Window(world=world).decide(first)
        Window(world=world).decide(second, **DENIED)
        clerk.reads("有一部分没有办成，正在撤回其余部分", "#standing")
        clerk.reads("即将请属地撤销决定", "#parts")
        clerk.looks("taking back")
        turn(world)
        approver = walkers.at(deciding.origin, cookies=deciding.cookies(there.people.enrolled("zhao.liu", "approver")))
        approver.go(f"/around/{first}")
        approver.arrives("办件往来")
        approver.enter("答复撤销的请求", within=".offered")
        approver.arrives("答复撤销的请求")
        typed(approver, UNDONE)
        approver.looks("undoing")
        approver.enter("提交")
        approver.page.wait_for_url(f"**/around/{first}")
        world.settle()
        turn(world)
        clerk.reads("没有办成", "#standing")
        clerk.reads("请属地撤销决定", "#done")
        clerk.looks("nothing done")
        clerk.go("/groups")
        clerk.arrives("本窗口开的组")
        clerk.reads("没有办成", "#groups")


def test_a_bundle_is_done_in_its_order(hall: Hall, walkers: Walkers, scan: Path) -> None:
    """一件事: what waits for the first part is shown as waiting, goes when that is granted, and the whole is done."""
    world: World = hall.world
    grouping_world.publish(world)
    with hall.open() as desk:
        clerk = clerk_of(hall, desk, walkers)
        clerk.enter("办一件事", within=".offered")
        clerk.arrives("办一件事")
        clerk.fill("县名或一件事名称", "开餐馆")
        clerk.press("Enter")
        clerk.page.wait_for_url("**q=*")
        clerk.arrives("办一件事")
        clerk.enter("填写一张表：{name}", name="开餐馆一件事")
        number = filled(clerk, scan, "each")
        world.settle()
        clerk.reads("等前面的部分办成", "#part-2")
        clerk.looks("the second waits")
        Window(world=world).decide(cases(hall, number)[0])
        turn(world)
        Window(world=world).decide(cases(hall, number)[1])
        clerk.reads("全部办成", "#standing")
        stages(clerk, 75)
        clerk.looks("all done")
        clerk.enter("办件往来", within="#part-2")
        clerk.arrives("办件往来")
        clerk.go(f"/groups/{number}")
        clerk.enter("减少了多少")
        clerk.arrives("减少了多少")
        clerk.finds(ISSUING, "tbody")
