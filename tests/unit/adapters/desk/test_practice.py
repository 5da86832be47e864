"""Practice: trial cases only, marked on every page; nothing real is shown or printed, and no stock is touched."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.hall.desk.practice import ONLY_TRIAL
from adapters.hall.desk.printdesk import build_app
from adapters.hall.printers.hall import NO_SLOT, HallPrinters
from adapters.hall.printers.register import Tray, registered
from adapters.printing.media import Media
from adapters.settings import StationSettings
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.people.person import Role
from pages.serving import Serving
from schemas.errors import YunhuobanError
from tests.journey.pages_fakes import Desk
from tests.people_browser import NO_AUTHORITIES
from tests.printers import authorisation

REAL, TRIAL = "PA-140881-000031", "PA-140881-000032"
MARK = "练习：只有试办件"
STOCK = "business-license-duplicate"


@pytest.fixture
def desk() -> Desk:
    """One authorisation of a trial case among real ones."""
    return Desk()


@pytest.fixture
def browser(desk: Desk) -> Iterator[httpx.Client]:
    """A clerk."""
    access = Access(roles=frozenset({Role.CLERK}))
    with (
        Serving(build_app(desk, access)) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{serving.port}", trust_env=False, timeout=60
        ) as client,
    ):
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield client


def press(browser: httpx.Client, number: str, act: str = "print", **form: str) -> httpx.Response:
    """A button."""
    return browser.post(f"/authorisations/{number}/{act}", data={"action_id": str(uuid.uuid4())} | form)


def test_in_practice_only_trial_cases_are_there(browser: httpx.Client, desk: Desk) -> None:
    """Marked on every page; a real one is refused with a sentence, by its address and by an old page's button, too."""
    assert browser.post("/practice", data={"practice": "on"}).headers["HX-Refresh"] == "true"
    for path in ("/", f"/authorisations/{TRIAL}", f"/authorisations/{TRIAL}/full-size"):
        page = browser.get(path).text
        assert MARK in page, path
        assert REAL not in page, path
    found = browser.post("/authorisations/search", data={"asked": "示范人"}, headers={"HX-Request": "true"}).text
    assert (f"{TRIAL}/print" in found, REAL in found) == (True, False)
    for answer in (
        browser.get(f"/authorisations/{REAL}"),
        browser.get(f"/authorisations/{REAL}/preview.png"),
        press(browser, REAL),
        press(browser, REAL, "confirm", stock_serial="S1"),
        press(browser, REAL, "spoil", reason="jam", stock_serial="S1"),
    ):
        assert ONLY_TRIAL.code in answer.text
    assert desk.actions == []
    assert press(browser, TRIAL).status_code == 200
    assert press(browser, TRIAL, "confirm").status_code == 200
    assert desk.actions == [("print", TRIAL), ("confirm", TRIAL, "")]
    browser.post("/practice", data={"practice": "off"})
    assert MARK not in browser.get("/").text
    assert press(browser, REAL).status_code == 200


def test_a_page_of_practice_that_stayed_open_stays_practice(browser: httpx.Client, desk: Desk) -> None:
    """Practice was ended in another tab: what still carries the mark prints nothing real, and shows nothing real."""
    old = {"X-Practice": "1", "HX-Request": "true"}
    data = {"action_id": str(uuid.uuid4())}
    assert ONLY_TRIAL.code in browser.post(f"/authorisations/{REAL}/print", data=data, headers=old).text
    assert REAL not in browser.get("/authorisations", headers=old).text
    assert desk.actions == []


@pytest.mark.parametrize(("media", "tray"), [(Media.A4, "tray-1"), (Media.A3, None)])
def test_a_trial_sheet_never_comes_out_of_a_tray_of_stock(tmp_path: Path, media: Media, tray: str | None) -> None:
    """Even when its authorisation names real stock: white paper of its size, or nothing."""
    printers = HallPrinters(tmp_path, StationSettings(hall="h", station="s"))
    trays = (Tray.parse(f"tray-2=A4:{STOCK}"), Tray.parse(f"tray-3=A3:{STOCK}"), Tray.parse("tray-1=A4:specimen-a4"))
    printers.register.add(
        registered("a-1", "ipp://10.0.0.9/ipp/print", pin="", trays=trays, by="it", now=datetime.now(UTC))
    )
    trial = authorisation(trial=True, stock_kind=STOCK)
    if tray is None:
        with pytest.raises(YunhuobanError, match=NO_SLOT.code):
            printers.fitting(trial, media)
    else:
        assert [slot.source for slot in printers.fitting(trial, media)] == [tray]
    assert [slot.source for slot in printers.fitting(authorisation(stock_kind=STOCK), Media.A4)] == ["tray-2"]
