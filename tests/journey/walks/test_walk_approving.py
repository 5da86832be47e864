"""The county that decides: two approvers before two browsers, from the application to a license that is suspended."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from adapters.store import tables
from tests.county_begun import begin_at
from tests.county_world import ISSUING, World
from tests.hall_world import Hall
from tests.pages.walking import Walker, Walkers
from tests.unit.adapters.approving.test_approval_desk import CREDIT_CODE

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def day(after: int) -> str:
    """A day from the browser's today."""
    return str(date.today() + timedelta(days=after))  # noqa: DTZ011 -- the browser's own day


def act(approver: Walker, name: str, answers: dict[str, str], *, signed: bool = False, proposed: bool = False) -> None:
    """From the page of a case to the paper of one act, its answers, a signature where one is asked for, and away."""
    approver.enter(name, within=".offered")
    approver.arrives(name)
    for label, answer in answers.items():
        approver.fill(label, answer)
    if signed:
        approver.tick("已在纸质审批表上签字")
    approver.looks(f"{name} answered")
    approver.enter("提出，等待批准" if proposed else "提交")
    approver.arrives("申请内容")


def test_from_the_application_to_a_suspended_license(world: World, walkers: Walkers) -> None:
    """Open for a purpose, notice, accept, a hearing, decide with a preview, issue; a suspension takes both of them."""
    case_no = begin_at(world, "application.submitted")
    hall = Hall(world, ISSUING)
    first, second = (hall.people.enrolled(each, "approver") for each in ("zhao.liu", "qian.qi"))
    with hall.open() as desk:
        approver = walkers.at(desk.origin, cookies=desk.cookies(first))
        approver.go("/")
        approver.arrives("待本县办理")
        approver.enter(css=f"#case-{case_no} a")
        approver.arrives("申请内容")
        approver.fill("查看的目的", "examine")
        approver.enter("查看全部")
        expect(approver.page.locator("#application form")).to_have_count(0)
        approver.looks("opened for a purpose")
        act(approver, "一次性补正告知", {"材料": "公司章程", "缺什么或错在哪里": "没有签名", "应当怎样补正": "补签"})
        act(approver, "予以受理", {"承诺办结日": day(10)})
        hearing = {"种类": "hearing", "预计结束日": day(20), "原因": "利害关系人要求听证。"}
        act(approver, "开始特别程序", hearing)
        act(approver, "结束特别程序", {"结果": "听证会认为符合条件。"})
        approver.enter("决定准予许可", within=".offered")
        approver.arrives("决定准予许可")
        approver.fill("", CREDIT_CODE, css="[name='license_number']")
        approver.enter("预览证照")
        expect(approver.page.locator("#specimen img")).to_be_visible()
        approver.looks("preview")
        approver.tick("已在纸质审批表上签字")
        approver.enter("提交")
        approver.arrives("申请内容")
        world.settle()
        approver.go(f"/approvals/{case_no}")
        reasons = {"变更后的状态": "suspended", "原因": "登记材料待核。"}
        act(approver, "提请变更证照状态", reasons, proposed=True)
        approver.reads("等待批准")

        other = walkers.at(desk.origin, cookies=desk.cookies(second))
        other.go(f"/approvals/{case_no}")
        other.enter("等待批准")
        other.arrives("提请变更证照状态")
        other.finds("登记材料待核。")
        other.tick("已在纸质审批表上签字")
        other.enter("同意并批准")
        other.arrives("申请内容")
    said = select(tables.outbox.c.type).where(tables.outbox.c.chained).order_by(tables.outbox.c.seq)
    kinds = [kind for (kind,) in world.issuing.rows(said) if kind not in ("print.authorised", "license.issued")]
    assert kinds == ["supplement.requested", "application.accepted", "procedure.opened", "procedure.closed",
                     "decision.made", "license.state_changed"]  # fmt: skip
