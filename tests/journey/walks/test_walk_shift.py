"""The change of shift with two browsers: both clerks are signed in, each before the own page."""

import pytest
from playwright.sync_api import expect

from adapters.hall.shifts import book
from adapters.printing.ledger import WRONG_STATE
from tests import stock_world
from tests.county_begun import begin_at
from tests.hall_world import OWN, Hall
from tests.pages.walking import Walkers
from tests.stock_world import serial

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

PAPER, STATION = "specimen-a4", "130928-01-1"
SHEETS = 20


def stocked(hall: Hall, clerk: str) -> None:
    """The county keeps a book of the paper that the case is printed on, and the clerk has loaded twenty sheets."""
    now = hall.world.now
    with hall.county.store.write() as tx:
        stock_world.receive(tx, hall.county.identity.storage, 1, 50, kind=PAPER)
        numbers = stock_world.span(serial(1), serial(SHEETS))
        stock_world.book.issue(tx, PAPER, numbers, by=stock_world.KEEPER, to=clerk, now=now)
        stock_world.book.load(tx, PAPER, numbers, by=clerk, station=STATION, tray="1", now=now)


def test_the_next_clerk_takes_over_what_the_last_one_answered_for(hall: Hall, walkers: Walkers) -> None:
    """An open print and the loaded sheets pass with a signature; the count is the same before both.

    On a page that stayed open with the first one the print that passed on cannot be printed again; the second one
    says what became of its sheet.
    """
    world = hall.world
    number = f"{begin_at(world, 'print.authorised', sealed=True)}-D1-1"
    leaves, comes = hall.people.enrolled("zhang.san"), hall.people.enrolled("li.si")
    stocked(hall, "zhang.san")
    with hall.open() as desk:
        leaving = walkers.at(desk.origin, cookies=desk.cookies(leaves))
        coming = walkers.at(desk.origin, cookies=desk.cookies(comes))
        forgotten = walkers.at(desk.origin, cookies=desk.cookies(leaves))
        for each in (leaving, forgotten):
            each.go(f"/authorisations/{number}")
            each.reads("下一张 {serial}", "#job", serial=serial(1))
        leaving.enter("打印", within=".decide")
        leaving.reads("正在向中枢申请放行", "#progress")
        world.settle()
        leaving.reads("打印机报告已出纸，请检查并确认", "#progress")
        assert world.window.printer.sheets == [number]

        coming.go("/shift")
        coming.reads("您名下没有没办完的打印，也没有装入打印机的空白证照，不用交接。", "#held")
        leaving.enter("交接班")
        leaving.arrives("交给下一班")
        counted = "请两个人一起清点：没有办完的打印 {claims} 份，装入打印机的空白证照 {sheets} 张。"
        leaving.reads(counted, "#held", claims=1, sheets=SHEETS)
        leaving.fill("接班人账号", "li.si")
        leaving.fill("接班人密码", OWN)
        leaving.fill("接班人验证码", hall.people.code("li.si"))
        leaving.enter("交给接班人")
        leaving.arrives("交接班记录")
        for word in (number, "zhang.san", "li.si", f"{serial(1)}–{serial(SHEETS)}"):
            leaving.finds(word, "#change")

        forgotten.enter("打印", within=".decide")
        forgotten.finds(WRONG_STATE.code, "#notice")
        leaving.go(f"/authorisations/{number}")
        leaving.reads("经手 {account}", "#job", account="li.si")
        expect(leaving.page.locator("#job form[hx-post$='/print']")).to_have_count(0)
        leaving.go("/shift")
        leaving.reads("您名下没有没办完的打印，也没有装入打印机的空白证照，不用交接。", "#held")
        world.settle()
        assert world.window.printer.sheets == [number], "one sheet, whoever answers for it"

        coming.go("/shift")
        coming.reads(counted, "#held", claims=1, sheets=SHEETS)
        coming.looks("taken over")
        coming.enter(css=f"#held a[href='/authorisations/{number}']")
        coming.fill("纸上的空白证照编号", serial(1))
        coming.enter("确认合格")
        coming.reads("已确认合格，空白证照编号 {serial}。", "#job", serial=serial(1))
        coming.go("/shift")
        coming.reads(counted, "#held", claims=0, sheets=SHEETS - 1)
        for each, sheets in ((leaving, 0), (coming, SHEETS - 1)):
            each.go("/stock/mine")
            each.arrives("我手里的空白证照")
            expect(each.page.locator("#held tbody")).to_contain_text(str(sheets) if sheets else each.word("没有。"))
    with hall.county.store.read() as tx:
        assert [book.held(tx, each).count for each in ("zhang.san", "li.si")] == [0, SHEETS - 1]
