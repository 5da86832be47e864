"""Access to the pages: only whoever started the process, only from the page itself."""

import asyncio
import ssl
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from pages import access as access_module
from pages import serving as serving_module
from pages.access import CSRF_HEADER, HEADERS, SESSION_SECONDS, Access, cookie_name
from pages.frame import Frame
from pages.serving import Serving
from schemas.errors import YunhuobanError

PATIENCE_SECONDS = 60.0
"""For an answer that comes at once on an idle machine; what these tests promise is what it says."""


def application(access: Access) -> FastAPI:
    """A page application with one route to read, one to change, and one that breaks."""
    app = Frame(name="测试", access=access, packages=[]).application()
    app.state.changes = 0

    @app.get("/")
    def read() -> str:
        return "read"

    @app.post("/change")
    def change() -> int:
        app.state.changes += 1
        return 1

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("王小明 130928199003070014")

    return app


@pytest.fixture
def opened() -> Iterator[tuple[Access, Serving, FastAPI]]:
    """A served application, as a process would start it."""
    access = Access()
    app = application(access)
    with Serving(app) as serving:
        yield access, serving, app


NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is encrypted; httpx would read the system's authorities anew for each browser."""


def client(serving: Serving, **options: object) -> httpx.Client:
    """A browser without a past, which waits as long as a busy machine may need."""
    url = f"http://127.0.0.1:{serving.port}"
    return httpx.Client(base_url=url, trust_env=False, verify=NO_AUTHORITIES, timeout=PATIENCE_SECONDS, **options)


def entered(access: Access, serving: Serving) -> httpx.Client:
    """A browser that opened the printed address."""
    browser = client(serving)
    assert browser.get(access.address(serving.port), follow_redirects=True).text == '"read"'
    return browser


def session_of(browser: httpx.Client, serving: Serving) -> str:
    """The session this browser holds."""
    return browser.cookies[cookie_name(serving.port)]


def test_without_a_token_nothing_is_shown(opened):
    """A page without a session is refused with a sentence, a code and what to do."""
    _access, serving, _app = opened
    answer = client(serving).get("/")
    assert answer.status_code == 403
    assert "E-PAGE-001" in answer.text
    assert "hub page" in answer.text


def test_a_token_opens_once_and_leaves_the_address(opened):
    """The token becomes a cookie that scripts cannot read and is gone from the address; a second use is refused."""
    access, serving, _app = opened
    address = access.address(serving.port)
    first = client(serving).get(address)
    assert first.status_code == 303
    assert first.headers["location"] == "/"
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    second = client(serving).get(address)
    assert second.status_code == 403
    assert "E-PAGE-002" in second.text


def test_a_used_address_still_opens_in_the_browser_that_used_it(opened):
    """Loading the printed address again in the same browser leads to the page, not to a refusal."""
    access, serving, _app = opened
    address = access.address(serving.port)
    browser = client(serving, follow_redirects=True)
    assert browser.get(address).text == '"read"'
    assert browser.get(address).text == '"read"'


def test_a_wrong_token_is_refused(opened):
    """Guessing gives 403."""
    _access, serving, _app = opened
    assert client(serving).get("/?token=guess").status_code == 403


def test_a_foreign_host_is_refused(opened):
    """A name that an attacker's DNS points at this machine is refused, with and without the right port."""
    access, serving, _app = opened
    browser = entered(access, serving)
    for host in ("evil.example", f"evil.example:{serving.port}", "127.0.0.1:1", ""):
        answer = browser.get("/", headers={"Host": host})
        assert answer.status_code == 400
        assert "E-PAGE-004" in answer.text


def test_a_change_needs_the_token_of_the_page(opened):
    """A POST without the header, with another session's, or from another origin changes nothing."""
    access, serving, app = opened
    browser, other = entered(access, serving), entered(access, serving)
    own = access.csrf(session_of(browser, serving))
    foreign = access.csrf(session_of(other, serving))
    elsewhere = {CSRF_HEADER: own, "Origin": "http://127.0.0.1:1"}
    for headers in ({}, {CSRF_HEADER: foreign}, elsewhere):
        answer = browser.post("/change", headers=headers)
        assert answer.status_code == 403
        assert "E-PAGE-003" in answer.text
    assert app.state.changes == 0
    assert browser.post("/change", headers={CSRF_HEADER: own}).status_code == 200
    assert app.state.changes == 1


def test_a_method_that_no_route_has_is_answered_by_nothing(opened):
    """TRACE least of all, which would tell a script the cookie it may not read."""
    access, serving, app = opened
    browser = entered(access, serving)
    own = {CSRF_HEADER: access.csrf(session_of(browser, serving)), "X-Told": "told"}
    for method in ("TRACE", "OPTIONS", "PUT", "DELETE", "PROPFIND"):
        assert browser.request(method, "/change").status_code == 403, "no form of this page"
        answer = browser.request(method, "/change", headers=own)
        assert answer.status_code == 405
        assert not [each for each in ("told", session_of(browser, serving)) if each in answer.text]
    assert app.state.changes == 0


def test_every_answer_has_the_protective_headers(opened):
    """Pages, refusals, assets and failures alike: no inline script, no cache, no sniffing, no referrer."""
    access, serving, _app = opened
    browser = entered(access, serving)
    answers = [browser.get(path) for path in ("/", "/assets/pages.css", "/nowhere", "/broken")]
    answers.append(client(serving).get("/"))
    assert [answer.status_code for answer in answers] == [200, 200, 404, 500, 403]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "server" not in answer.headers
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_a_failure_is_a_sentence_without_what_was_said(opened):
    """An unexpected error shows a code and what to do, never the text of the exception."""
    access, serving, _app = opened
    answer = entered(access, serving).get("/broken")
    assert "E-PAGE-007" in answer.text
    assert "130928199003070014" not in answer.text


def test_the_token_is_never_logged(opened, caplog):
    """No log record of the whole exchange holds the token or the session."""
    access, serving, _app = opened
    caplog.set_level("DEBUG")
    address = access.address(serving.port)
    browser = client(serving, follow_redirects=True)
    browser.get(address)
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert address.split("token=")[1] not in logged
    assert session_of(browser, serving) not in logged


def test_a_session_ends_with_the_working_day():
    """After twelve hours the cookie opens nothing."""
    now = [0.0]
    access = Access(clock=lambda: now[0])
    session = access.exchange(access.address(1).split("token=")[1])
    assert session is not None
    now[0] = SESSION_SECONDS - 1
    assert access.knows(session)
    now[0] = SESSION_SECONDS + 1
    assert not access.knows(session)


def test_the_language_is_remembered(opened):
    """The switch sets a cookie and has the page loaded anew; an unknown language is refused."""
    access, serving, _app = opened
    browser = entered(access, serving)
    headers = {CSRF_HEADER: access.csrf(session_of(browser, serving))}
    answer = browser.post("/language/en", headers=headers)
    assert answer.headers["HX-Refresh"] == "true"
    assert "Page not found" in browser.get("/nowhere").text or "no such page" in browser.get("/nowhere").text.lower()
    assert browser.post("/language/fr", headers=headers).status_code == 404


def test_a_taken_port_is_a_sentence(opened):
    """Starting on a port in use says so instead of a traceback."""
    access, serving, _app = opened
    with pytest.raises(YunhuobanError) as refused:
        Serving(application(access), port=serving.port)
    assert refused.value.code.code == "E-PAGE-010"


def test_pages_that_do_not_start_say_so(monkeypatch):
    """Whoever starts the pages is told after the limit, and nothing goes on trying behind their back."""

    async def never_ready(server, sockets=None):
        await asyncio.to_thread(server._stopping.wait)

    monkeypatch.setattr(serving_module, "START_SECONDS", 0.05)
    monkeypatch.setattr(serving_module._Server, "startup", never_ready)
    late = Serving(application(Access()))
    with pytest.raises(YunhuobanError, match="E-PAGE-011"):
        late.start()
    assert not late._thread.is_alive()


def test_pages_listen_on_loopback_only(opened):
    """Until people sign in, no other machine reaches a page."""
    _access, serving, _app = opened
    assert access_module.LOOPBACK == "127.0.0.1"
    assert serving._socket.getsockname()[0] == "127.0.0.1"
