"""Two persons destroy void sheets at the page: the second one signs there, with password and code."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.hall.desk.printdesk import build_app
from adapters.hall.people.opening import CountyPeople
from adapters.hall.stock import book
from adapters.hall.stock.tables import EVENTS
from adapters.hall.stock.web.desk import StockDesk
from adapters.hall.stock.web.page import router
from pages.access import Access
from pages.serving import Serving
from tests.journey.pages_fakes import Desk
from tests.people_browser import Browser, enter
from tests.people_world import OWN, People, people, people_template, quick_passwords
from tests.stock_world import KIND, NOW, receive, sealing, serial, span

__all__ = ["people", "people_template", "quick_passwords"]
KEEPER_ACCOUNT, WITNESS = "zhao.keeper", "qian.keeper"


@pytest.fixture
def browser(people: People, tmp_path: Path) -> Iterator[Browser]:
    """The keeper of a county whose box has one void sheet, signed in at the book."""
    keys = sealing(tmp_path)
    with people.store.write() as tx:
        receive(tx, keys, 1, 10)
        book.spoil(tx, KIND, span(serial(1)), by=KEEPER_ACCOUNT, reason="damaged", now=NOW)
    county = CountyPeople(
        shelf=people.shelf, accounts=people.accounts, organisation=people.organisation, sign_in=people.sign_in
    )
    access = Access(people=people.sign_in)
    app = build_app(Desk(), access, None, people.sign_in)
    app.include_router(county.pages(access))
    stock = StockDesk(store=people.store, sealing=keys, county="吴桥县", station="P1", clock=lambda: NOW)
    app.include_router(router(stock, access, people.sign_in))
    people.enrolled(KEEPER_ACCOUNT, "stock_keeper")
    people.enrolled(WITNESS, "stock_keeper")
    with Serving(app) as serving:
        made = Browser(serving.port)
        enter(made, people, KEEPER_ACCOUNT, "/stock")
        yield made
        made.http.close()


def destroyed(people: People) -> list[tuple[str, str]]:
    """Who destroyed and who stood beside."""
    with people.store.read() as tx:
        rows = tx.execute(select(EVENTS.c.by, EVENTS.c.witness).where(EVENTS.c.event == "destroy"))
        return [tuple(row) for row in rows]


def test_nothing_is_destroyed_on_the_word_of_one(browser: Browser, people: People) -> None:
    """A typed witness is nobody; the own account, a wrong password, a wrong code neither; then it is done."""
    act = {"first": serial(1), "last": "", "reference": "XH-1", "witness": WITNESS}
    assert 'name="witness"' not in browser.open("/stock").text
    for signed, code in (
        ({}, "E-PAGE-061"),
        ({"second_account": KEEPER_ACCOUNT, "second_password": OWN, "second_code": "000000"}, "E-PAGE-066"),
        ({"second_account": WITNESS, "second_password": "wrong wrong wrong", "second_code": "000000"}, "E-PAGE-061"),
        ({"second_account": WITNESS, "second_password": OWN, "second_code": "000000"}, "E-PAGE-063"),
    ):
        assert code in browser.act("/stock/destroy", **act, **signed).text
    assert destroyed(people) == []
    signed = {"second_account": WITNESS, "second_password": OWN, "second_code": people.code(WITNESS)}
    assert browser.act("/stock/destroy", **act, **signed).status_code == 200
    assert destroyed(people) == [(KEEPER_ACCOUNT, WITNESS)]
    assert ("vouched", WITNESS, KEEPER_ACCOUNT) in people.told()
