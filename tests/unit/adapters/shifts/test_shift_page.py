"""Who takes over signs on the page of who leaves, with both factors; the machine and other roles hand nothing over."""

import uuid
from collections.abc import Iterator

import pytest

from adapters.hall.shifts.book import NOTHING_HELD
from adapters.hall.shifts.desk import ShiftDesk
from adapters.hall.shifts.page import NO_ACCOUNT, NOT_A_CLERK, router
from adapters.hall.shifts.tables import SHIFTS
from adapters.printing import ledger
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Role
from pages.serving import Serving
from tests.people_browser import Browser
from tests.people_world import OWN, People
from tests.printers import authorisation
from tests.stock_world import loaded, receive, sealing

HALL = "130928-01"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def access(people: People) -> Access:
    """With sign-in; the machine's own address may do everything, as on trial."""
    return Access(people=people.sign_in, roles=frozenset(Role))


@pytest.fixture
def serving(people: People, access: Access) -> Iterator[Serving]:
    """The page of the change of shift."""
    app = Frame(name="交接班", access=access, packages=["adapters.hall.shifts"]).application()
    desk = ShiftDesk(store=people.store, hall=HALL, clock=lambda: people.at)
    app.include_router(router(desk, access, people.sign_in))
    with Serving(app) as running:
        yield running


@pytest.fixture
def leaving(people: People, serving: Serving, tmp_path) -> Iterator[Browser]:
    """Somebody who asked for one print and loaded four sheets, in front of the page."""
    session = people.enrolled("zhang.san")
    with people.store.write() as tx:
        ledger.record(tx, authorisation("PA-1"))
        ledger.claim(tx, "PA-1", station="P1", now=people.at, by="zhang.san")
        receive(tx, sealing(tmp_path), 1, 9)
        loaded(tx, 1, 4, station="P1", clerk="zhang.san")
    browser = Browser(serving.port)
    browser.http.cookies[cookie_name(serving.port)] = session
    browser.http.headers[CSRF_HEADER] = Access().csrf(session)
    yield browser
    browser.http.close()


def form(browser: Browser, people: People, account: str = "li.si", **changes: str) -> dict[str, str]:
    """As the page sends it, signed by whoever takes over."""
    page = browser.http.get("/shift").text
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    said = {"change_id": str(uuid.uuid4()), "seen": seen, "second_account": account, "second_password": OWN}
    return said | {"second_code": people.code(account) if account in people.secrets else "000000"} | changes


def done(people: People) -> list[tuple[str, str]]:
    """What the book of shifts has."""
    with people.store.read() as tx:
        return [(row.given_by, row.taken_by) for row in tx.execute(SHIFTS.select())]


def test_two_people_count_and_the_second_signs(leaving: Browser, people: People) -> None:
    """The list before it, the paper after it, the second signature in the record of people; once however often sent."""
    people.enrolled("li.si")
    said = form(leaving, people)
    shown = leaving.http.get("/shift").text
    for word in ("PA-1", "冀A00000001–冀A00000004", "4 张"):
        assert word in shown
    for _ in range(2):
        answer = leaving.http.post("/shift", data=said, headers=HTMX)
        assert answer.headers["HX-Redirect"] == f"/shift/{said['change_id']}"
    paper = leaving.http.get(f"/shift/{said['change_id']}")
    assert all(word in paper.text for word in ("zhang.san", "li.si", "PA-1", "冀A00000001–冀A00000004"))
    assert paper.headers["cache-control"] == "no-store"
    assert done(people) == [("zhang.san", "li.si")]
    assert people.told().count(("vouched", "li.si", "zhang.san")) == 1
    assert "不用交接" in leaving.http.get("/shift").text
    assert NOTHING_HELD.code in leaving.http.post("/shift", data=form(leaving, people), headers=HTMX).text


@pytest.mark.parametrize(
    ("account", "role", "changes", "code"),
    [
        ("li.si", "clerk", {"second_code": "000000"}, "E-PAGE-063"),
        pytest.param("li.si", "clerk", {"second_password": "x"}, "E-PAGE-061", marks=pytest.mark.long),
        pytest.param("zhang.san", "", {}, "E-PAGE-066", marks=pytest.mark.long),
        ("wang.wu", "approver", {}, NOT_A_CLERK.code),
        ("li.si", "clerk", {"seen": "0" * 64}, "E-SHIFT-001"),
    ],
)
def test_without_the_signature_of_another_clerk_nothing_passes(
    leaving: Browser, people: People, account: str, role: str, changes: dict[str, str], code: str
) -> None:
    """A wrong code or password, oneself, another role, another list: refused, and everything is as it was."""
    if role:
        people.enrolled(account, role)
    answer = leaving.http.post("/shift", data=form(leaving, people, account, **changes), headers=HTMX)
    assert code in answer.text
    assert OWN not in answer.text
    assert done(people) == []


def test_the_machines_own_page_hands_nothing_over(serving: Serving, access: Access) -> None:
    """Whoever holds the machine is nobody who could answer for a sheet."""
    browser = Browser(serving.port)
    browser.http.get(access.address(serving.port))
    browser.http.headers[CSRF_HEADER] = access.csrf(browser.http.cookies[cookie_name(serving.port)])
    assert "各自的账号" in browser.http.get("/shift").text
    answer = browser.http.post("/shift", data={"change_id": str(uuid.uuid4()), "seen": ""}, headers=HTMX)
    assert NO_ACCOUNT.code in answer.text
    browser.http.close()
