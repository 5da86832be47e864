"""云评审: convened and drawn at the county that decides, signed at the experts' own, concluded in a report."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from adapters.hall.reviewing.drawer import Drawer
from tests.around_pages import place_of
from tests.county_begun import begin_at
from tests.county_world import ISSUING, WINDOW, World
from tests.hall_world import Hall
from tests.journey.walks.test_walk_taking import typed
from tests.pages.walking import Walker, Walkers
from tests.review_world import AWAY, CONVENED, QUESTION, experts, publish_experts
from tests.unit.adapters.reviewing.test_reviews import OPINION, asked

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
LEGIBLE = 120
"""Pixels of a list of which the chosen words are seen."""


def convene(approver: Walker) -> None:
    """From the case to a review, with a look at who could be drawn."""
    approver.enter("云评审")
    approver.arrives("开始一次评审")
    for label, name in (("评审事由", "subject"), ("专业", "profession"), ("评审类别", "category")):
        approver.fill(label, CONVENED[name])
    approver.fill("回避的单位", AWAY)
    approver.fill("抽取人数", CONVENED["wanted"])
    approver.enter("看可以抽取的专家")
    approver.reads("可以抽取的专家：{count} 人", "#pool", count=3)
    approver.finds(AWAY, "#pool")
    approver.looks("pool")
    approver.enter("开始评审")
    approver.reads("正在等待开始评审之后的第一个检查点；到达后由程序自动抽取。", "#progress-1")
    approver.looks("convened")


def ask(approver: Walker) -> None:
    """The draw shows itself, can be done again step by step, and those who were drawn are asked."""
    approver.reads("待请", "#progress-1")
    approver.enter("重抽一遍，逐步核对")
    approver.reads("结论：这次抽取是唯一可能的结果。", "#review-1")
    approver.looks("drawn")
    for name, text in QUESTION.items():
        approver.fill("", text, css=f"[name='{name}']")
    approver.looks("question")
    approver.enter("请这些专家评审")
    approver.reads("等待意见", "#progress-1")


def sign(clerk: Walker, number: str, *, by_hand: bool) -> None:
    """An expert's form at the own county; signed on the pad, or by who cannot draw on paper."""
    clerk.go(f"/around/{number}")
    clerk.arrives("专家意见")
    clerk.enter("出具专家意见", within=".offered")
    clerk.arrives("出具专家意见")
    typed(clerk, OPINION)
    if by_hand:
        pad = clerk.page.locator(".pad canvas")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse = clerk.page.mouse  # a name is written with a hand: the one thing of all walks that is no key
        mouse.move(box["x"] + 20, box["y"] + 20)
        mouse.down()
        mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] - 20, steps=5)
        mouse.up()
        expect(clerk.page.locator(".pad.signed")).to_be_visible()
    else:
        clerk.tick("已在纸质意见上签字")
    clerk.looks("signed by hand" if by_hand else "signed on paper")
    clerk.enter("提交")
    clerk.page.wait_for_url(f"**/around/{number}")
    clerk.arrives("专家意见")


def conclude(approver: Walker, recording: Path) -> None:
    """A recording by its digest, the result, and the report as it was kept."""
    approver.enter("登记一份录音录像", css="summary")
    approver.offer(recording, css="#f-media")
    expect(approver.page.locator("[name=size_bytes]")).to_have_value(str(recording.stat().st_size))
    approver.fill("时长（分钟）", "58")
    approver.fill("保存地点", "县档案室")
    approver.looks("recording")
    approver.enter("登记录音录像")
    approver.finds(recording.name)
    approver.fill("综合结论", "passed")
    approver.fill("综合意见", "原则同意。")
    approver.looks("concluding")
    approver.enter("生成报告并结束评审")
    approver.reads("报告的摘要", "#review-1")
    approver.looks("concluded")
    approver.fill("查看的目的", "examine", within="#review-1")
    purposes = approver.page.locator("#purpose-1").bounding_box()
    assert purposes is not None
    assert purposes["width"] >= LEGIBLE, "the words of the choice can be read beside the button"
    section = approver.page.locator("#review-1")
    assert section.evaluate("section => section.scrollWidth <= section.clientWidth"), "a digest breaks at the edge"
    with approver.page.expect_download() as loading:
        approver.enter("下载报告")
    assert loading.value.path().read_bytes().startswith(b"%PDF-")


def test_a_review_from_its_pool_to_its_report(hall: Hall, walkers: Walkers, tmp_path: Path) -> None:
    """Nobody chooses and nobody reloads: draw, opinions and end come to the approver's page by themselves."""
    world: World = hall.world
    case_no = begin_at(world, "application.accepted")
    known = experts(WINDOW, 4)
    known[0]["employer_code"] = AWAY
    publish_experts(world, known)
    recording = tmp_path / "评审会录像.mp4"
    recording.write_bytes(b"film" * 1000)
    deciding = Hall(world, ISSUING)
    with hall.open() as here, deciding.open() as there:
        approver = walkers.at(there.origin, cookies=there.cookies(deciding.people.enrolled("zhao.liu", "approver")))
        approver.go(f"/approvals/{case_no}")
        convene(approver)
        world.settle()
        assert Drawer(place_of(world, ISSUING)).run_once() == 1
        world.settle()
        ask(approver)
        world.settle()
        clerk = walkers.at(here.origin, cookies=here.cookies(hall.people.enrolled("zhang.san")))
        clerk.go("/around")
        clerk.arrives("等本县办")
        for at, number in enumerate(asked(world).values()):
            sign(clerk, number, by_hand=at == 0)
        world.settle()
        approver.reads("已出具意见", "#progress-1")
        conclude(approver, recording)
