"""Blank stock from the box to the last sheet: keeper, clerk and a second person, each with a keyboard alone."""

import pytest
from playwright.sync_api import expect

from adapters.hall.stock import looking
from adapters.hall.stock.states import StockState
from tests.hall_world import OWN, Hall
from tests.pages.walking import Walker, Walkers
from tests.stock_world import BODY, KIND, serial

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

RECEIVE, ISSUE, LOAD = "form[hx-post='/stock/receive']", "form[hx-post='/stock/issue']", "form[hx-post$='/load']"
VOID, GIVE_BACK, TAKE_BACK = "form[hx-post$='/void']", "form[hx-post$='/return']", "form[hx-post$='/take-back']"
DESTROY, COUNT = "form[hx-post='/stock/destroy']", "form[hx-post='/stock/count']"


def span(walker: Walker, within: str, first: int, last: int) -> None:
    """First and last number, and Enter; what was entered is told."""
    walker.fill("起号", serial(first), within=within)
    walker.fill("止号", serial(last), within=within)
    walker.press("Enter")
    walker.reads(
        "已登记 {serials}，{count} 张。",
        "p[role=status]",
        serials=serial(first) if first == last else f"{serial(first)}–{serial(last)}",
        count=last - first + 1,
    )


def test_a_box_to_its_last_sheet(hall: Hall, walkers: Walkers) -> None:
    """Receive, issue, load, spoil, return and take back, destroy by two, count, the month's list: the book balances."""
    keepers, clerks = hall.people.enrolled("k.one", "stock_keeper"), hall.people.enrolled("zhang.san")
    hall.people.enrolled("li.si")
    with hall.open() as desk:
        keeper = walkers.at(desk.origin, cookies=desk.cookies(keepers))
        keeper.go("/stock")
        keeper.arrives("各种空白证照")
        keeper.fill("种类代码", KIND, within=RECEIVE)
        keeper.fill("发放机关", BODY, within=RECEIVE)
        keeper.fill("送货单号", "SH-2026-17", within=RECEIVE)
        keeper.fill("来处", "省市场监督管理局", within=RECEIVE)
        keeper.fill("起号", serial(1), within=RECEIVE)
        keeper.fill("止号", serial(100), within=RECEIVE)
        keeper.fill("清点张数", "100", within=RECEIVE)
        keeper.press("Enter")
        keeper.finds(serial(100), "p[role=status]")
        keeper.enter("领用：发给窗口")
        keeper.fill("领用账号", "zhang.san", within=ISSUE)
        span(keeper, ISSUE, 1, 20)
        keeper.looks("issued")

        clerk = walkers.at(desk.origin, cookies=desk.cookies(clerks))
        clerk.go("/stock/mine")
        clerk.arrives("我手里的空白证照")
        span(clerk, LOAD, 1, 10)
        clerk.enter("作废、报遗失")
        clerk.fill("原因", "jam", within=VOID)
        span(clerk, VOID, 3, 3)
        clerk.enter("退回保管人", css="summary")
        span(clerk, GIVE_BACK, 11, 20)
        clerk.looks("returned")

        keeper.go("/stock")
        keeper.reads("窗口说退回了，保管人还没有收回", "#unexplained")
        keeper.enter("收回：窗口退回的")
        span(keeper, TAKE_BACK, 11, 20)
        keeper.reads("账平：每一张都有去处。", "#unexplained")
        keeper.enter("销毁：两个人")
        keeper.fill("销毁清单号", "XH-2026-1", within=DESTROY)
        keeper.fill("起号", serial(3), within=DESTROY)
        keeper.fill("第二人的账号", "li.si", within=DESTROY)
        keeper.fill("密码", OWN, within=DESTROY)
        keeper.fill("验证码", hall.people.code("li.si"), within=DESTROY)
        keeper.enter("登记销毁")
        keeper.finds(serial(3), "p[role=status]")
        keeper.enter("盘点：柜里有什么")
        keeper.fill("种类代码", KIND, within=COUNT)
        keeper.fill(
            "实有编号，每行一个或一段（起号 空格 止号）；一张也没有的写 0", f"{serial(11)} {serial(100)}", within=COUNT
        )
        keeper.enter("登记盘点")
        keeper.reads("相符", "#counts-made")
        keeper.looks("counted")
        with keeper.page.expect_download() as loading:
            keeper.enter("XLSX", within="#months")
        assert loading.value.suggested_filename.startswith("stock-")
        keeper.fill("扫一张纸的编号，看它的经过", serial(3))
        keeper.press("Enter")
        keeper.arrives("空白证照")
        keeper.reads("已销毁", "#sheet")
        expect(keeper.page.locator("#sheet")).to_contain_text("li.si")
    with hall.county.store.read() as tx:
        lying = {(each.state, each.span.count) for each in looking.holdings(tx)}
    assert lying == {(StockState.LOADED, 2), (StockState.LOADED, 7), (StockState.IN_STOCK, 90)}
