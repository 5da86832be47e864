"""The print desk's forms, without a browser's help: what is missing or under way is refused, and nothing happens."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from adapters.hall.desk.preview import first_page_mm
from adapters.hall.desk.printdesk import build_app
from adapters.hall.desk.view import PrintState
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.serving import Serving
from schemas.grants import GRANT_LICENSE_STATE, GRANT_REVOKED
from tests.journey.pages_fakes import Desk
from tests.people_browser import NO_AUTHORITIES

JOB = "/authorisations/PA-140881-000031"
PATIENCE_SECONDS = 60.0
"""For an answer that comes at once on an idle machine; what these tests promise is what it says."""


@pytest.fixture
def desk() -> Desk:
    """A county node with an authorisation to print."""
    return Desk()


@pytest.fixture
def browser(desk: Desk) -> Iterator[httpx.Client]:
    """Whoever opened the printed address, with the page's own protection."""
    access = Access()
    with Serving(build_app(desk, access)) as serving:
        client = httpx.Client(
            verify=NO_AUTHORITIES,
            base_url=f"http://127.0.0.1:{serving.port}",
            trust_env=False,
            follow_redirects=True,
            timeout=PATIENCE_SECONDS,
        )
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield client


@pytest.mark.parametrize(
    ("action", "form", "code"),
    [
        ("print", {"action_id": "short"}, "E-PAGE-006"),
        ("confirm", {"stock_serial": "S" * 41}, "E-PAGE-006"),
        ("confirm", {"stock_serial": " "}, "E-PAGE-020"),
        ("spoil", {}, "E-PAGE-021"),
        ("spoil", {"reason": "王小明要求"}, "E-PAGE-021"),
    ],
)
def test_what_is_missing_is_told(browser, desk, action, form, code):
    """Old pages and other programs, too, get a sentence with its code; the printer and the ledger hear nothing."""
    answer = browser.post(f"{JOB}/{action}", data={"action_id": str(uuid.uuid4())} | form)
    assert answer.status_code in (409, 422)
    assert code in answer.text
    assert "王小明" not in answer.text
    assert desk.actions == []


def test_an_authorisation_of_another_hall_is_not_there(browser):
    """A number that this hall does not have shows nothing, also no picture."""
    for path in ("/authorisations/PA-1", "/authorisations/PA-1/preview.png"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "E-PAGE-005" in answer.text


def test_what_cannot_be_printed_says_why(browser, desk):
    """An authorisation that was taken back, and a license whose state forbids it: sentence, remedy and code."""
    desk.states["PA-140881-000031"] = PrintState.REVOKED
    for why in (GRANT_REVOKED, GRANT_LICENSE_STATE):
        desk.why_not = why
        text = browser.get(JOB).text
        assert all(word in text for word in (why.code, why.sentence, why.remedy)), text
        assert f"{JOB}/print" not in text
    desk.states["PA-140881-000031"] = PrintState.AUTHORISED
    desk.license_state = "suspended"
    text = browser.get(JOB).text
    assert "暂扣" in text
    assert why.code in text
    assert "disabled" in text


TURNED = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Rotate 90>>endobj
trailer<</Root 1 0 R>>
"""


def test_the_real_size_is_that_of_the_page_as_it_is_seen(browser, desk):
    """Millimetres of the file's own page, a turned one turned; no style in the page; what is no PDF is refused."""
    page = browser.get(f"{JOB}/full-size")
    assert 'id="ruler" width="100mm"' in page.text
    assert 'width="297.0mm" height="210.0mm"' in page.text
    assert "style=" not in page.text
    assert first_page_mm(TURNED) == (297.0, 210.0)
    desk.pdf = b"%PDF-1.7 nothing"
    assert "E-PAGE-031" in browser.get(f"{JOB}/full-size").text
    assert browser.get("/authorisations/PA-1/full-size").status_code == 404


def test_troubles_are_shown_in_the_readers_language(browser):
    """Sentence and remedy of what was refused follow the language switch."""
    for language, words in (
        ("zh", ("不是日期", "请在本地系统中改正")),
        ("en", ("is no date", "Correct it in the local")),
    ):
        assert browser.post(f"/language/{language}").status_code == 200
        page = browser.get("/authorisations").text
        assert [each for each in words if each not in page] == []


def test_a_press_that_still_runs_is_not_pressed_again(browser, desk):
    """While a print is under way, the same press sent again is told to wait."""
    desk.release.clear()
    press = {"action_id": str(uuid.uuid4())}
    with ThreadPoolExecutor(1) as other:
        first = other.submit(browser.post, f"{JOB}/print", data=press)
        waited = threading.Event()
        while not desk.actions and not first.done():
            waited.wait(0.01)
        again = browser.post(f"{JOB}/print", data=press)
        desk.release.set()
        assert first.result().status_code == 200
    assert again.status_code == 409
    assert "E-PAGE-022" in again.text
    assert desk.actions == [("print", "PA-140881-000031")]
