"""关怀版: a form that needs no script, remembered by the browser, and leads back to where it was chosen."""

import itertools
import re
from collections.abc import Iterator

import pytest
from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient

from pages.access import LOOPBACK, Access
from pages.frame import Frame
from pages.typesize import TYPE_COOKIE
from tests.pages.look import LOOKS

ORIGIN = f"http://{LOOPBACK}:8000"


@pytest.fixture
def browser() -> Iterator[TestClient]:
    """Somebody at a page of an application that has no other."""
    access = Access()
    frame = Frame(name="测试", access=access, packages=[])
    app = frame.application()

    @app.get("/here")
    def here(request: Request) -> HTMLResponse:
        return frame.page(request, "codes.html", areas={}, count=0)

    client = TestClient(app, base_url=ORIGIN)
    client.get(access.address(8000).removeprefix(ORIGIN), follow_redirects=False)
    return client


def pressed(browser: TestClient, page: str, referer: str) -> str:
    """Press the switch of a page, as a browser without script does; returns where it leads."""
    form = re.search(r'<form class="type" method="post" action="([^"]+)">.*?value="([^"]+)"', page)
    assert form is not None
    answer = browser.post(form[1], data={"csrf": form[2]}, headers={"referer": referer}, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def test_large_type_is_remembered_and_taken_back(browser: TestClient) -> None:
    """The same page comes again in the other type, refusals, too; the button says what it gives."""
    page = browser.get("/here").text
    assert "关怀版" in page
    assert "data-type" not in page
    assert pressed(browser, page, f"{ORIGIN}/here?a=1") == "/here?a=1"
    for place in ("/here", "/nowhere"):
        page = browser.get(place).text
        assert '<html lang="zh-CN" data-type="large">' in page
        assert "标准版" in page
    pressed(browser, page, f"{ORIGIN}/here")
    assert "data-type" not in browser.get("/here").text


def test_the_cookie_is_the_pages_own_and_holds_nothing_else(browser: TestClient) -> None:
    """For a year, not for scripts and not for other sites; what somebody else put there is the usual type."""
    form = re.search(r'name="csrf" value="([^"]+)"', browser.get("/here").text)
    assert form is not None
    answer = browser.post("/type/large", data={"csrf": form[1]}, follow_redirects=False)
    said = answer.headers["set-cookie"].lower()
    assert said.startswith(f"{TYPE_COOKIE}=large;")
    assert all(each in said for each in ("httponly", "samesite=strict", "max-age=31536000", "path=/"))
    assert answer.headers["cache-control"] == "no-store"
    browser.cookies.set(TYPE_COOKIE, '"><script>')
    assert "data-type" not in browser.get("/here").text


def test_it_takes_the_pages_own_form_and_a_size_that_there_is(browser: TestClient) -> None:
    """Another site's press changes nothing; an unknown size is not there."""
    assert "E-PAGE-003" in browser.post("/type/large", follow_redirects=False).text
    form = re.search(r'name="csrf" value="([^"]+)"', browser.get("/here").text)
    assert form is not None
    assert browser.post("/type/huge", data={"csrf": form[1]}).status_code == 404


@pytest.mark.parametrize(
    ("referer", "leads"),
    [
        (f"{ORIGIN}/sign-in?next=%2Fcases", "/sign-in?next=%2Fcases"),
        (f"{ORIGIN}/sign-out", "/"),
        ("https://elsewhere.example//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_it_never_leads_elsewhere(browser: TestClient, referer: str, leads: str) -> None:
    """Only an own address is gone back to: signing in is, signing out is not."""
    assert pressed(browser, browser.get("/here").text, referer) == leads


def test_the_looks_that_are_tried_bring_every_two_ways_together() -> None:
    """Language, scheme, type and screen: each value of one meets each value of another in some look."""
    ways = [(each.language, each.scheme, each.type, each.screen) for each in LOOKS]
    for one, other in itertools.combinations(range(4), 2):
        assert len({(each[one], each[other]) for each in ways}) == 4
