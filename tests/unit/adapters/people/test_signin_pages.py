"""The pages of signing in, over real HTTP, as a browser without script would use them."""

import logging
import re

import pytest
from fastapi import Request, Response
from fastapi.testclient import TestClient

from adapters.hall.desk.printdesk import build_app
from adapters.hall.desk.view import PrintState
from pages.access import Access
from pages.cookies import cookie_name, give_session, session_cookie
from pages.listening.listener import LOOPBACK, Listener, Marked
from pages.people import paths
from pages.people.permission import person_of
from pages.serving import Serving
from schemas.errors import YunhuobanError
from tests.journey.pages_fakes import Desk
from tests.people_browser import Browser, enter
from tests.people_world import OWN, PASSWORD, People

JOB, UNKNOWN = "/authorisations/PA-140881-000031", "PA-140881-000030"


def test_the_first_sign_in_leads_through_everything_and_back(browser: Browser, people: People) -> None:
    """From the page that was wanted over password, telephone, recovery codes and a new password to it; recorded."""
    people.add()
    seen = set()
    assert browser.open(f"{JOB}?a=1").url.path == "/sign-in"
    seen.add(browser.session)
    browser.submit(account=" Zhang.San ", password=PASSWORD)
    assert browser.page.url.path == "/sign-in/enrol"
    seen.add(browser.session)
    picture = browser.http.get("/sign-in/enrol/code.svg")
    assert (picture.headers["content-type"], b"<svg" in picture.content, b"style" in picture.content) == (
        "image/svg+xml", True, False,
    )  # fmt: skip
    people.secrets["zhang.san"] = people.sign_in.enrolment(browser.session)[0]
    shown = browser.submit(code=people.code())
    assert len(re.findall(r"<li><code>([a-z2-9-]{29})</code></li>", shown.text)) == 10
    seen.add(browser.session)
    assert (
        browser.open(re.search(r'class="button" href="([^"]+)"', shown.text).group(1)).url.path == "/sign-in/password"
    )
    browser.submit(old=PASSWORD, new=OWN, again=OWN)
    seen.add(browser.session)
    assert browser.page.url.raw_path == f"{JOB}?a=1".encode()
    assert "张三" in browser.page.text
    assert "窗口人员" in browser.page.text
    assert len(seen) == 4, "each rise of rights has an id of its own"
    assert browser.open("/sign-in?next=/cases").url.path == "/cases"
    told = [what for what, account, _by in people.told() if account == "zhang.san"]
    assert {"factor_enrolled", "signed_in", "password_changed"} <= set(told)


def test_nobody_is_led_to_another_site(browser: Browser, people: People) -> None:
    """Whatever the address says: only pages of this application come after the sign-in."""
    people.enrolled()
    for elsewhere in ("//evil.example", "https://evil.example/", "/\\evil.example", "/%0d%0aSet-Cookie:x", "/sign-out"):
        page = browser.http.get("/sign-in", params={"next": elsewhere})
        assert 'name="next" value="/"' in page.text or "evil" not in page.text.partition('name="next"')[2][:40]
        assert paths.own(elsewhere) in {"/", "/%0d%0aSet-Cookie:x"}
    browser.open("/sign-in?next=//evil.example")
    browser.submit(account="zhang.san", password=OWN, next="//evil.example")
    assert browser.submit(code=people.code(), next="https://evil.example").headers["location"] == "/"
    assert paths.shown_at("http://evil.example/cases?x=1#y") == "/cases?x=1"
    assert paths.shown_at("http://[") == "/"


def test_a_sign_in_comes_from_the_page_itself(browser: Browser, people: People, serving: Serving) -> None:
    """Another site cannot sign somebody in as somebody else: the form is bound to the browser that asked for it."""
    people.add()
    other = Browser(serving.port)
    other.open("/sign-in")
    browser.open("/sign-in")
    forms: list[dict[str, str]] = [{}, {"csrf": Access().csrf(other.session)}, {"csrf": ""}]
    typed = {"account": "zhang.san", "password": PASSWORD}
    for form in forms:
        answer = browser.http.post("/sign-in", data=typed | form)
        assert (answer.status_code, "E-PAGE-003" in answer.text) == (403, True)
    own = {"csrf": Access().csrf(browser.session)}
    foreign = browser.http.post("/sign-in", data=typed | own, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    bare = Browser(serving.port).http.post("/sign-in", data=typed | own)
    assert bare.status_code == 403, "without a cookie there is nothing to be bound to"
    assert browser.http.post("/sign-in", data=typed | own).status_code == 303
    assert people.told()[-1][0] == "added"


def test_a_page_that_is_open_is_led_to_the_sign_in(browser: Browser, people: People) -> None:
    """When the account is locked, every request of the open page is answered with the way to the sign-in, and back."""
    people.enrolled()
    enter(browser, people)
    assert browser.htmx("/authorisations").status_code == 200
    people.accounts.lock("zhang.san", by="it")
    told = browser.htmx("/authorisations", **{"HX-Current-URL": f"http://127.0.0.1:{browser.port}/cases?a=1"})
    assert (told.status_code, told.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fcases%3Fa%3D1")
    assert browser.act(f"{JOB}/print").status_code == 401


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(browser: Browser, people: People) -> None:
    """The lists ask every few seconds; after fifteen minutes without a person the session is over all the same."""
    people.enrolled()
    enter(browser, people)
    for _ in range(3):
        people.later(minutes=14)
        assert browser.htmx("/authorisations", **{"X-Attended": "1"}).status_code == 200
    for _ in range(2):
        people.later(minutes=7)
        assert browser.htmx("/authorisations").status_code == 200
        by_itself = {"Sec-Fetch-Mode": "navigate"}  # a page that has itself loaded anew
        assert browser.http.get("/cases", headers=by_itself).status_code == 200
    people.later(minutes=1.5)
    assert browser.htmx("/authorisations").status_code == 401


def test_refusals_stand_above_the_form(browser: Browser, people: People, caplog: pytest.LogCaptureFixture) -> None:
    """Wrong, wrong again, then the wait with 429; what was typed is in no log, and no password comes back."""
    caplog.set_level(logging.DEBUG)
    people.enrolled()
    browser.open("/sign-in")
    for _ in range(5):
        answer = browser.submit(account="zhang.san", password="Geheim-Geheim")
        assert (answer.status_code, "E-PAGE-061" in answer.text) == (403, True)
        assert "Geheim" not in answer.text
    answer = browser.submit(account="zhang.san", password=OWN)
    assert (answer.status_code, "E-PAGE-062" in answer.text) == (429, True)
    people.later(minutes=16)
    browser.submit(account="zhang.san", password=OWN)
    assert "E-PAGE-063" in browser.submit(code="123456").text
    people.later(minutes=11)
    assert "E-PAGE-067" in browser.submit(code=people.code()).text
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert not [each for each in ("Geheim", OWN, "张三", browser.session) if each in logged]


def test_a_field_that_a_form_does_not_have_changes_nothing(browser: Browser, people: People) -> None:
    """Whoever sends roles, a state or another's account along with a form of their own stays what they are."""
    people.enrolled()
    people.add("li.si")
    enter(browser, people)
    more = {"account": "li.si", "roles": "county_it", "state": "active", "must_change": "0", "by": "it"}
    form = {"csrf": Access().csrf(browser.session), "old": OWN, "new": f"{OWN} 3", "again": f"{OWN} 3"}
    assert browser.http.post("/sign-in/password", data=form | more).status_code == 303
    assert people.told()[-1] == ("password_changed", "zhang.san", "zhang.san")
    assert people.signed(browser.session).person.roles == {"clerk"}
    assert people.sign_in.enter("li.si", PASSWORD, "192.0.2.7"), "nothing of the other account was changed"


def test_signing_out_forgets_the_session(browser: Browser, people: People) -> None:
    """The cookie is taken back, and the old one opens nothing any more."""
    people.enrolled()
    enter(browser, people)
    old = browser.session
    answer = browser.http.post("/sign-out", data={"csrf": Access().csrf(old)})
    assert (answer.status_code, answer.headers["location"], browser.session) == (303, "/sign-in", "")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    browser.http.cookies.set(cookie_name(browser.port), old)
    assert browser.open("/").url.path == "/sign-in"


def test_the_desk_carries_the_account(browser: Browser, people: People, desk: Desk) -> None:
    """Who printed and who confirmed is who had signed in."""
    people.enrolled()
    enter(browser, people)
    assert browser.act(f"{JOB}/print").status_code == 200
    assert browser.act(f"{JOB}/confirm", stock_serial="S0048121").status_code == 200
    assert desk.by == ["zhang.san", "zhang.san"]


def test_nothing_came_out_needs_a_second_person(browser: Browser, people: People, desk: Desk) -> None:
    """On the same page, with both factors, another than the first; nothing is settled before that."""
    people.enrolled()
    people.enrolled("li.si", "stock_keeper")
    enter(browser, people)
    path = f"/authorisations/{UNKNOWN}/spoil"
    assert 'name="second_account"' in browser.open(f"/authorisations/{UNKNOWN}").text
    for second, code in (({}, "E-PAGE-061"), ({"second_account": "zhang.san"}, "E-PAGE-066")):
        assert code in browser.act(path, reason="nothing", **second).text
    assert desk.actions == []
    second = {"second_account": "li.si", "second_password": OWN, "second_code": people.code("li.si")}
    assert browser.act(path, reason="nothing", **second).status_code == 200
    assert desk.by == ["zhang.san", "li.si"]
    assert desk.states[UNKNOWN] is PrintState.SPOILED


def test_an_auditor_looks_and_does_nothing(browser: Browser, people: People) -> None:
    """The desk is shown without a button that the auditor may not press."""
    people.enrolled("wang.wu", "auditor")
    enter(browser, people, "wang.wu")
    text = browser.open(JOB).text
    assert "由窗口人员办理" in text
    assert 'hx-post="/authorisations' not in text
    assert browser.act(f"{JOB}/print").status_code == 403


def test_over_tls_the_cookie_is_bound_to_the_host() -> None:
    """`__Host-`, Secure and HttpOnly there; on loopback without TLS the plain name."""
    scope = {"type": "http", "scheme": "https", "server": ("hall.example", 28090)}
    answer = Response()
    give_session(answer, scope, "x")
    assert session_cookie(scope) == "__Host-yhb-session-28090"
    for part in ("__Host-yhb-session-28090=x", "HttpOnly", "Path=/", "SameSite=strict", "Secure"):
        assert part in answer.headers["set-cookie"]
    assert "Domain" not in answer.headers["set-cookie"]
    assert session_cookie(scope | {"scheme": "http"}) == "yhb-session-28090"


def test_over_tls_the_machines_own_address_opens_nothing() -> None:
    """It is for this machine, on loopback: neither its token nor its session counts where others can reach the page."""
    access = Access()
    app = build_app(Desk(), access)
    here = TestClient(app, base_url="http://127.0.0.1:8000")
    hall = Marked(app, Listener.of_hall((LOOPBACK,), 8000))
    there = TestClient(hall, base_url="https://127.0.0.1:8000")
    address = access.address(8000).removeprefix("http://127.0.0.1:8000")
    assert (there.get(address).status_code, "E-PAGE-094" in there.get(address).text) == (403, True)
    assert here.get(address).status_code == 200
    there.cookies.set("__Host-yhb-session-8000", here.cookies["yhb-session-8000"])
    assert there.get("/cases").status_code == 403


def test_a_route_that_is_open_to_all_has_nobody_in_front_of_it() -> None:
    """Whoever asks there for the person is refused, rather than given somebody."""
    with pytest.raises(YunhuobanError, match="E-PAGE-068"):
        person_of(Request({"type": "http", "state": {}}))
