"""The print desk: whoever stands there is found, checked, printed for once, and given the paper; nothing by mouse."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from adapters.hall.revealing.book import looks
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.store import tables
from tests.county_begun import begin_at
from tests.county_records import COMPANY
from tests.county_world import World
from tests.hall_world import Hall
from tests.pages.walking import Walker, Walkers

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def states(world: World) -> dict[str, PrintState]:
    """How the window's authorisations stand."""
    with world.window.store.read() as tx:
        found = ledger.entries(tx, states=set(PrintState))
    return {each.authorisation.authorisation_no.rpartition("-")[2]: each.state for each in found}


def found_and_printed(clerk: Walker, world: World, number: str) -> None:
    """By the holder's whole name, the identity for a purpose, and 打印; the node does its part."""
    clerk.fill("找持证人：全名，或收件凭证上的办件编号", COMPANY)
    clerk.press("Enter")
    if states(world).keys() > {"1"}:  # one that is found alone is opened at once
        clerk.arrives("查找结果")
        clerk.enter(css=f"#job a[href='/authorisations/{number}']")
    clerk.finds(number, "#job .facts")
    clerk.looks("checked")
    clerk.enter("核验身份，显示持证人")
    clerk.finds(COMPANY, "#holder")
    clerk.looks("identity")
    clerk.enter("打印", within=".decide")
    clerk.reads("正在向中枢申请放行", "#progress")
    world.settle()
    clerk.reads("打印机报告已出纸，请检查并确认", "#progress")
    clerk.looks("printed")


def test_from_the_holder_to_the_paper(hall: Hall, walkers: Walkers) -> None:
    """Find, verify, reveal for a purpose, print, spoil; print anew, crash, resume, confirm, hand over with a signature.

    One sheet of each press, both looks in the book, and the receipt names nobody.
    """
    world = hall.world
    case_no = begin_at(world, "print.authorised", sealed=True)
    hall.people.at = world.now
    session = hall.people.enrolled("zhang.san")
    with hall.open() as desk:
        clerk = walkers.at(desk.origin, cookies=desk.cookies(session))
        clerk.go("/")
        clerk.arrives("打印授权")
        found_and_printed(clerk, world, f"{case_no}-D1-1")
        clerk.fill("作废原因", "jam")
        clerk.fill("作废那张的编号", "S0000001")
        clerk.enter("打印作废")
        clerk.reads("需要补打时，属地会送来新的授权。", ".decide")
        clerk.looks("spoiled")
        world.settle()
        expect(clerk.page.locator(f"#row-{case_no}-D1-2")).to_be_visible()
        found_and_printed(clerk, world, f"{case_no}-D1-2")
    world.window.start()
    with hall.open() as desk:
        again = walkers.at(desk.origin, cookies=desk.cookies(session))
        again.go(f"/authorisations/{case_no}-D1-2")
        again.reads("打印机报告已出纸，请检查并确认", "#progress")
        again.fill("纸上的空白证照编号", "S0000002")
        again.enter("确认合格")
        again.reads("已确认合格，空白证照编号 {serial}。", "#job", serial="S0000002")
        world.settle()
        again.enter("交付", within="#job")
        again.arrives("交付")
        again.fill("签收人或收件人", "王小明")
        again.tick("已在纸质回执上签收")
        again.enter("登记交付")
        again.enter("出证回执")
        again.arrives("出证回执")
        expect(again.page.locator("main")).not_to_contain_text("王小明")
    assert states(world) == {"1": PrintState.SPOILED, "2": PrintState.PRINTED}
    assert world.window.printer.sheets == [f"{case_no}-D1-1", f"{case_no}-D1-2"]
    with world.window.store.read() as tx:
        assert [each.account for each in looks(tx, case_no)].count("zhang.san") >= 2
    world.settle()
    assert [state for (state,) in world.issuing.rows(select(tables.cases.c.state))] == ["handed_over"]


def test_a_license_goes_by_parcel(hall: Hall, walkers: Walkers) -> None:
    """Another way of handing over, chosen with the arrows: with a waybill and without a signature."""
    world = hall.world
    case_no = begin_at(world, "print.settled")
    with hall.open() as desk:
        clerk = walkers.at(desk.origin, cookies=desk.cookies(hall.people.enrolled("zhang.san")))
        clerk.go(f"/handing-over/{case_no}")
        clerk.arrives("交付")
        clerk.to(css="[name='method']:checked")
        while clerk.page.locator("[name='method']:checked").get_attribute("value") != "parcel":
            clerk.press("ArrowDown")
        clerk.fill("签收人或收件人", "王小明")
        clerk.fill("运单号", "SF1234567890123")
        clerk.looks("a parcel")
        clerk.enter("登记交付")
        clerk.enter("出证回执")
        clerk.arrives("出证回执")
        clerk.finds("SF1234567890123")
    world.settle()
    assert [state for (state,) in world.issuing.rows(select(tables.cases.c.state))] == ["handed_over"]
