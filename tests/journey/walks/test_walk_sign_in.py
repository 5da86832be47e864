"""Signing in with both factors, and whoever keeps accounts and units: by keyboard alone."""

import re

import pyotp
import pytest
from playwright.sync_api import expect

from tests.hall_world import OWN, Hall
from tests.pages.walking import Walker, Walkers
from tests.people_world import PASSWORD

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def signed_in(walker: Walker, hall: Hall, account: str) -> None:
    """Somebody who has done so before; the form begins in its first field."""
    walker.arrives("登录")
    walker.fill("账号", account)
    walker.fill("密码", OWN)
    walker.press("Enter")
    walker.arrives("手机上的验证码")
    walker.fill("验证器显示的六位数字，或一个恢复码", hall.people.code(account))
    walker.press("Enter")


def test_the_first_day_of_a_clerk(hall: Hall, walkers: Walkers) -> None:
    """First password, telephone set up, recovery codes, own password; timed out, as the open page finds by itself.

    Wrong, then right; after the sign-out the browser's way back leads to the form and nowhere else.
    """
    people = hall.people
    people.add()
    with hall.open() as desk:
        clerk = walkers.at(desk.origin)
        clerk.go("/")
        clerk.arrives("登录")
        clerk.fill("账号", "zhang.san")
        clerk.fill("密码", PASSWORD)
        clerk.press("Enter")
        clerk.arrives("绑定手机验证器")
        people.secrets["zhang.san"] = secret = re.sub(r"\s", "", clerk.page.locator(".enrol code").inner_text())
        clerk.fill("验证器显示的六位数字", pyotp.TOTP(secret).at(people.at))
        clerk.press("Enter")
        clerk.arrives("恢复码：只显示这一次")
        expect(clerk.page.locator(".recovery li")).to_have_count(10)
        clerk.enter("已经抄好，继续")
        clerk.arrives("修改密码")
        clerk.fill("原来的密码", PASSWORD)
        clerk.fill("新密码，至少 10 个字符", OWN)
        clerk.fill("再填一遍新密码", OWN)
        clerk.enter("修改密码", css="button")
        clerk.arrives("打印授权")
        people.later(minutes=16)
        clerk.arrives("登录")
        clerk.fill("账号", "zhang.san")
        clerk.fill("密码", "not the one")
        clerk.press("Enter")
        clerk.finds("E-PAGE-061", "#notice")
        clerk.looks("refused")
        clerk.fill("密码", OWN)
        clerk.press("Enter")
        clerk.arrives("手机上的验证码")
        clerk.fill("验证器显示的六位数字，或一个恢复码", people.code())
        clerk.press("Enter")
        clerk.arrives("打印授权")
        clerk.enter("退出登录")
        clerk.arrives("登录")
        clerk.page.go_back()
        clerk.arrives("登录")


def test_accounts_and_units_are_kept(hall: Hall, walkers: Walkers) -> None:
    """County IT makes a hall and an account in it, locks and unlocks it; the auditor reads who did so."""
    people = hall.people
    people.enrolled("it.one", "county_it")
    people.enrolled("wang.wu", "auditor")
    with hall.open() as desk:
        keeper = walkers.at(desk.origin)
        keeper.go("/people")
        signed_in(keeper, hall, "it.one")
        keeper.arrives("账号")
        keeper.enter("单位", css="a")
        keeper.arrives("增加一个单位")
        keeper.fill("名称", "吴桥县政务服务中心")
        keeper.fill("代码（小写字母、数字、横线，例如 town-3）", "hall-1")
        keeper.fill("类别", "hall")
        keeper.enter("增加")
        keeper.finds("hall-1", "tbody")
        keeper.looks("units")
        keeper.enter("账号", css="a")
        keeper.arrives("账号")
        keeper.enter("新建账号")
        keeper.arrives("新建账号")
        keeper.fill("姓名", "李四")
        keeper.fill("账号名（小写字母开头，姓名拼音就好）", "li.si")
        keeper.tick("窗口人员")
        keeper.fill("单位", "hall-1")
        keeper.enter("建立账号")
        keeper.arrives("首次密码：只显示这一次")
        keeper.enter("已经交给本人，继续")
        keeper.arrives("密码与手机")
        keeper.enter("账号", css="a")
        row = "#account-li\\.si"
        keeper.enter(css="button.danger", within=row)
        keeper.reads("已锁定", row)
        keeper.looks("locked")
        keeper.enter(css="button", within=row)
        keeper.reads("在用", row)

        auditor = walkers.at(desk.origin)
        auditor.go("/people/events")
        signed_in(auditor, hall, "wang.wu")
        auditor.arrives("账号记录")
        expect(auditor.page.locator("tbody tr").filter(has_text="it.one").filter(has_text="li.si")).not_to_have_count(0)
        auditor.reads("锁定", "tbody")
