"""The county's page of its joining: it asks by itself, and says what happens next, suspended and revoked too."""

import re

import httpx
import pytest
from fastapi import FastAPI

from adapters.countyit.joining.web.countyjoining import EVERY_SECONDS, CountyJoining
from adapters.countyit.joining.web.joinpage import build_app
from adapters.hall.desk.printdesk import build_app as desk_app
from adapters.settings import CountySettings
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.serving import Serving
from tests.joining_page import approved, asks, served, until_active
from tests.joining_world import COUNTY, Joining, code_of, done
from tests.journey.pages_fakes import Desk
from tests.people_browser import NO_AUTHORITIES


class Browser:
    """Whoever opened the printed address of an application, with the page's own protection."""

    def __init__(self, app: FastAPI, access: Access) -> None:
        self._serving, self._access = Serving(app), access

    def __enter__(self) -> httpx.Client:
        port = self._serving.start().port
        client = httpx.Client(
            verify=NO_AUTHORITIES,
            base_url=f"http://127.0.0.1:{port}",
            trust_env=False,
            follow_redirects=True,
            timeout=60,
        )
        client.get(self._access.address(port))
        client.headers[CSRF_HEADER] = self._access.csrf(client.cookies[cookie_name(port)])
        return client

    def __exit__(self, *_: object) -> None:
        self._serving.stop()


@pytest.mark.long
def test_the_page_while_it_waits_and_afterwards(paged: Joining):
    """The state is the hub's word, asked for anew; the desk beside it warns when the county was suspended."""
    source, access = CountyJoining(CountySettings.load(paged.county)), Access()
    with Browser(build_app(source, access), access) as page:
        assert "没有凭邀请加入的记录" in page.get("/").text
        with served(paged):
            asks(paged, paged.line)
            shown = page.get("/joining").text
            assert "申请已交，等两个人批准" in shown
            assert re.search(r"[0-9]{5}(-[0-9]{5}){11}", shown)
            until_active(paged)
            assert "已加入，正常" in page.post("/joining/ask").text
            done(paged.at_hub("state", COUNTY, "suspended"))
            assert "已被停用" in page.post("/joining/ask").text
        away = page.post("/joining/ask")
        assert away.status_code == 200
        for text in ("现在问不到中枢", "E-JOIN-058", "已被停用"):
            assert text in away.text
        asked = paged.at_county()
        assert code_of(asked) == "E-JOIN-058"  # at once: who has joined need not wait for a page that is off
        assert "已被停用" in asked.output
    with Browser(desk_app(Desk(), access, source), access) as desk:
        assert "已被停用" in desk.get("/").text
        assert "密钥仍在" in desk.get("/joining").text
        (paged.county / "certs" / "joining.json").write_text("{", "utf-8")
        assert "已被停用" not in desk.get("/").text
        assert desk.get("/").status_code == 200


@pytest.mark.long
def test_what_county_toml_says_otherwise_is_shown_until_it_is_changed(paged: Joining):
    """A person's file is not rewritten: terminal and page say what it should be, and stop when it is so."""
    file = paged.county / "county.toml"
    before = file.read_text("utf-8")
    file.write_text(f'{before}\n[hub]\nurls = ["gateway.example:5671"]\n', "utf-8")
    url = f"localhost:{paged.world.amqps_port}"
    with served(paged):
        asks(paged, paged.line)
        approved(paged)
        assert url in asks(paged)
        assert url in CountyJoining(CountySettings.load(paged.county)).view().section
        assert url in asks(paged)
        file.write_text(f'{before}\n[hub]\nurls = ["{url}"]\n', "utf-8")
        assert url not in asks(paged)
    assert CountyJoining(CountySettings.load(paged.county)).view().section == ""


def test_a_running_node_hears_of_its_suspension(paged: Joining):
    """It asks now and then by itself; a page that is away is no trouble of the node's."""
    time = [0.0]
    source = CountyJoining(CountySettings.load(paged.county), monotonic=lambda: time[0])
    assert source.watch() == 0  # never invited
    with served(paged):
        until_active(paged)
        done(paged.at_hub("state", COUNTY, "suspended"))
        time[0] += EVERY_SECONDS * 1.2
        source.watch()
        assert source.view().standing.label.text == "已被停用"
        done(paged.at_hub("state", COUNTY, "active"))
        source.watch()
        assert source.view().standing.label.text == "已被停用"
        time[0] += EVERY_SECONDS * 1.2
    source.watch()
    assert source.view().trouble.code == "E-JOIN-058"
