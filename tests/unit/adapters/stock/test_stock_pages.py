"""The pages of blank stock without a browser: who may do what under which account, and what a form cannot do."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from adapters.hall.stock.tables import COUNTS, EVENTS
from adapters.hall.stock.web.desk import StockDesk
from adapters.hall.stock.web.page import router
from adapters.store import Store, open_store
from certs.atrest import AtRest
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person, Role
from pages.serving import Serving
from tests.people_browser import NO_AUTHORITIES
from tests.stock_world import CLERK, KEEPER, KIND, NOW, OTHER, loaded, receive, serial

PATIENCE_SECONDS = 60.0


@pytest.fixture
def store(tmp_path: Path, keys: AtRest) -> Iterator[Store]:
    """A county with a box, of which a clerk has loaded ten."""
    made = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    with made.write() as tx:
        receive(tx, keys, 1, 100)
        loaded(tx, 1, 10, station="P1")
    yield made
    made.close()


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Somebody at the pages."""

    client: httpx.Client
    access: Access

    def be(self, *roles: Role, account: str = "desk") -> httpx.Client:
        """From now on a person with these roles; `desk` is whoever opened this machine's own address."""
        self.access.person = Person(account=account, name="王小明", roles=frozenset(roles))
        return self.client


@pytest.fixture
def browser(store: Store, keys: AtRest) -> Iterator[Browser]:
    """The pages, served."""
    access = Access()
    desk = StockDesk(store=store, sealing=keys, county="吴桥县", station="P1", clock=lambda: NOW)
    app = Frame(name="空白证照", access=access, packages=[]).application()
    app.include_router(router(desk, access))
    with Serving(app) as serving:
        base = f"http://127.0.0.1:{serving.port}"
        client = httpx.Client(
            verify=NO_AUTHORITIES, base_url=base, trust_env=False, follow_redirects=True, timeout=PATIENCE_SECONDS
        )
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield Browser(client=client, access=access)
        client.close()


def form(first: int, last: int, **more: str) -> dict[str, str]:
    """What a form brings."""
    return {"action_id": str(uuid.uuid4()), "first": serial(first), "last": serial(last)} | more


def acts(store: Store) -> list[tuple[str, str]]:
    """What is written down beyond the beginning: event and account."""
    with store.read() as tx:
        rows = tx.execute(select(EVENTS.c.event, EVENTS.c.by).order_by(EVENTS.c.event_no))
        return [tuple(row) for row in rows][3:]


def test_each_role_sees_and_does_its_own(store: Store, browser: Browser) -> None:
    """A clerk keeps nothing, a keeper loads nothing, an auditor only looks, an approver sees no stock at all."""
    keeps, uses = ("/stock/issue", form(11, 20, to=OTHER)), ("/stock/mine/return", form(1, 5))
    for role, account, may, looks in (
        (Role.CLERK, CLERK, {uses[0]}, 200),
        (Role.STOCK_KEEPER, KEEPER, {keeps[0]}, 200),
        (Role.AUDITOR, "a01", set(), 200),
        (Role.APPROVER, "s01", set(), 403),
    ):
        client = browser.be(role, account=account)
        assert client.get("/stock").status_code == looks
        for place, data in (keeps, uses):
            answer = client.post(place, data=data)
            assert (answer.status_code == 200) is (place in may), (role, place)
            assert place in may or "E-PAGE-060" in answer.text
    assert acts(store) == [("return", CLERK), ("issue", KEEPER)]


def test_whoever_signed_in_acts_under_the_own_account(store: Store, browser: Browser) -> None:
    """An account that a form brings along is nobody's word; the name goes to no ledger."""
    client = browser.be(Role.STOCK_KEEPER, account=KEEPER)
    assert 'name="account"' not in client.get("/stock").text
    client.post("/stock/issue", data=form(11, 20, to=CLERK, account=OTHER))
    assert "E-STOCK-020" in client.post("/stock/issue", data=form(21, 30, to=KEEPER, account=OTHER)).text
    assert acts(store) == [("issue", KEEPER)]
    client = browser.be(*Role)
    assert "E-STOCK-007" in client.post("/stock/issue", data=form(21, 30, to=CLERK)).text
    assert client.post("/stock/issue", data=form(21, 30, to=CLERK, account="k02")).status_code == 200
    assert acts(store)[1:] == [("issue", "k02")]


def test_a_clerk_speaks_of_the_own_sheets_alone(store: Store, browser: Browser) -> None:
    """What lies in another's hands is neither returned nor lost by this one; the keeper may say so of every sheet."""
    client = browser.be(Role.CLERK, account=OTHER)
    for place, more in (("return", {}), ("void", {"reason": "stolen"}), ("load", {})):
        assert client.post(f"/stock/mine/{place}", data=form(1, 1, **more)).status_code == 409
    assert acts(store) == []
    client = browser.be(Role.STOCK_KEEPER, account=KEEPER)
    assert client.post("/stock/void", data=form(1, 1, reason="stolen")).status_code == 200
    assert acts(store) == [("lose", KEEPER)]


def test_one_press_is_one_act(store: Store, browser: Browser) -> None:
    """Sent twice under its id it is done once, and the page says the same."""
    client = browser.be(Role.STOCK_KEEPER, account=KEEPER)
    press = form(11, 20, to=CLERK)
    assert [client.post("/stock/issue", data=press).status_code for _ in range(2)] == [200, 200]
    assert len(acts(store)) == 1


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("/stock/sell", {}, "E-PAGE-005"),
    ("/stock/issue", {"first": "王小明"}, "E-STOCK-001"),
    ("/stock/issue", {"first": "S" * 61}, "E-PAGE-006"),
    ("/stock/issue", {"action_id": "short"}, "E-PAGE-006"),
    ("/stock/issue", {"kind": "food-license", "to": CLERK}, "E-STOCK-003"),
    ("/stock/void", {"reason": "王小明要求"}, "E-STOCK-021"),
    ("/stock/destroy", {"witness": KEEPER, "reference": "X1"}, "E-STOCK-020"),
    ("/stock/receive", {}, "E-PAGE-006"),
    (
        "/stock/receive",
        {"kind": KIND, "issuing_body": "x", "delivery_note": "1", "supplier": "y", "counted": "10"},
        "E-STOCK-013",
    ),
]


def test_what_a_form_cannot_do_is_told(store: Store, browser: Browser) -> None:
    """Other programs and old pages, too, get a sentence with its code; nothing is written and no name repeated."""
    client = browser.be(Role.STOCK_KEEPER, account=KEEPER)
    for place, more, code in WRONG:
        answer = client.post(place, data=form(11, 20) | more)
        assert answer.status_code in (404, 409, 422)
        assert code in answer.text
        assert "王小明" not in answer.text
    assert acts(store) == []


def test_a_story_is_found_by_what_a_scanner_typed(store: Store, browser: Browser) -> None:
    """In any width and case, with a slash in it or not; what is not there, and a list that is none, say so."""
    client = browser.be(Role.AUDITOR, account="a01")
    found = client.get("/stock/sheets", params={"serial": "冀ａ00000001"})
    assert found.url.path == f"/stock/sheets/{serial(1)}"
    assert all(word in found.text for word in (KEEPER, CLERK, "SH-2026-0017", "P1"))
    assert "E-STOCK-009" in client.get(f"/stock/sheets/{quote('A/1', safe='')}").text
    assert client.get("/stock/month/2026-11.docx").status_code == 404
    assert "E-STOCK-041" in client.get("/stock/month/2027-11.pdf").text
    assert client.get("/stock/month/2026-11.xlsx").content[:2] == b"PK"


def test_a_count_at_the_page_names_what_is_not_there(store: Store, browser: Browser) -> None:
    """Sent twice it is one count; the difference stands in the list of counts and among what nobody accounts for."""
    client = browser.be(Role.STOCK_KEEPER, account=KEEPER)
    typed = {"action_id": str(uuid.uuid4()), "kind": KIND, "numbers": f"{serial(11)} {serial(99)}"}
    answers = [client.post("/stock/count", data=typed, headers={"HX-Request": "true"}).text for _ in range(2)]
    assert all(f"没有找到：{serial(100)}" in each and "账上在这里，盘点时没有找到" in each for each in answers)
    with store.read() as tx:
        assert len(tx.execute(select(COUNTS)).all()) == 1
    assert (
        "E-STOCK-017" in client.post("/stock/count", data=typed | {"action_id": str(uuid.uuid4()), "numbers": " "}).text
    )
    client = browser.be(Role.CLERK, account=CLERK)
    assert client.post("/stock/count", data=typed).status_code == 403
