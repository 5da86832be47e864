"""Every route of the hub's real pages says who it is for, and is closed to everybody else: three roles."""

import itertools
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from certs.atrest import AtRest
from hub.bootstrap import Keys
from hub.cli import app as hub_app
from hub.people.tables import TABLES
from hub.settings import HubSettings
from hub.views.overviewsource import StoreOverview
from hub.web.serving import Pages
from pages.access import CSRF_HEADER, Access
from pages.cookies import cookie_name
from pages.people import paths
from pages.people.person import HUB_ROLES, Role
from schemas.errors import YunhuobanError
from tests.brokers import free_port
from tests.hub_world import ISSUING, Network, World
from tests.page_breaking import hostile, made_up
from tests.page_routes import OPEN, placed, routes_of
from tests.people_world import PASSWORD, People
from tests.sampling import all_or_some
from tests.unit.hub_evidence.standing_broker import StandingBroker

PATIENCE_SECONDS = 60.0
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="module")
def hub(
    network: Network, hub_keys: Keys, tmp_path_factory: pytest.TempPathFactory, quick_passwords: None
) -> Iterator[Pages]:
    """A hub's pages in earnest, served on this machine."""
    folder = tmp_path_factory.mktemp("hub")
    world = World.make(network, folder)
    settings = HubSettings(folder=folder, trial=False, web_port=free_port(), store_url=world.url)
    made = Pages(world.store, settings, StoreOverview(world.store, StandingBroker(), settings), hub_keys)
    with made.served():
        people = People(
            store=world.store,
            sealing=AtRest(settings.certificates / "storage"),
            at=datetime.now(UTC),
            tables=TABLES,
            allowed=HUB_ROLES,
        )
        made.sessions = {role: people.enrolled(f"a.{role.value}", role.value) for role in sorted(HUB_ROLES)}
        made.port = settings.web_port
        yield made
    world.close()


def calling(hub: Pages, session: str = "") -> httpx.Client:
    """A browser with a session."""
    headers = {CSRF_HEADER: Access().csrf(session)} if session else {}
    return httpx.Client(
        base_url=f"http://127.0.0.1:{hub.port}",
        cookies={cookie_name(hub.port): session} if session else {},
        headers=headers,
        trust_env=False,
        timeout=PATIENCE_SECONDS,
        verify=NO_AUTHORITIES,
    )


def test_every_route_declares_its_roles(hub: Pages) -> None:
    """A route that somebody adds without saying whom it is for is found here, before anybody finds it open."""
    assert {path for _method, path, roles in routes_of(hub.app) if not roles} == OPEN
    assert len(routes_of(hub.app)) > 15


def test_without_a_session_every_route_leads_to_the_sign_in(hub: Pages) -> None:
    """Nothing is shown and nothing done for a stranger."""
    with calling(hub) as stranger:
        for method, path, roles in routes_of(hub.app):
            if roles:
                page = stranger.request(method, placed(path))
                assert (page.status_code, page.headers["location"].partition("?")[0]) == (303, paths.SIGN_IN), path


def test_every_route_is_closed_to_every_other_role(hub: Pages) -> None:
    """Over real HTTP, with a good session and its own protection: E-PAGE-060, whoever has another role."""
    closed = [
        each for each in itertools.product(hub.sessions, routes_of(hub.app)) if each[1][2] and each[0] not in each[1][2]
    ]
    wrong = []
    for role, (method, path, _roles) in all_or_some(closed, 40):
        with calling(hub, hub.sessions[role]) as browser:
            answer = browser.request(method, placed(path))
            if answer.status_code != 403 or "E-PAGE-060" not in answer.text:
                wrong.append((role, method, path, answer.status_code))
    assert wrong == []


def test_all_three_see_the_overview_and_only_security_keeps_accounts(hub: Pages) -> None:
    """The same page for all; whoever operates can give nobody a right, and whoever looks on changes nothing."""
    for role, session in hub.sessions.items():
        with calling(hub, session) as browser:
            assert browser.get("/").status_code == 200
            assert browser.get("/people/new").status_code == (200 if role is Role.SECURITY else 403)
            assert browser.get("/people/events").status_code == (200 if role is Role.AUDITOR else 403)


def test_an_operator_pauses_a_county_with_a_reason_and_all_see_the_record(hub: Pages) -> None:
    """The form over real HTTP: without a reason E-BROKER-060, then paused, in the record, on the overview; and back."""
    at = f"/counties/{ISSUING}"
    with calling(hub, hub.sessions[Role.OPERATOR]) as operator, calling(hub, hub.sessions[Role.AUDITOR]) as auditor:
        assert "E-BROKER-060" in operator.post(f"{at}/pause", data={"reason": " "}).text
        assert operator.post(f"{at}/pause", data={"reason": "县里换机房"}).status_code == 303
        assert "E-BROKER-061" in operator.post(f"{at}/pause", data={"reason": "再来一次"}).text
        page = auditor.get(f"{at}/link").text
        assert ("县里换机房" in page, "a.operator" in page, '<form method="post" action="/counties' in page) == (
            True, True, False,
        )  # fmt: skip
        assert "暂停，发给它的报文在等候" in auditor.get("/").text
        assert operator.post(f"{at}/resume", data={"reason": "换好了"}).status_code == 303
        assert "换好了" in auditor.get(f"{at}/link").text


def test_an_operator_stops_what_a_county_sends_and_all_see_it(hub: Pages) -> None:
    """As with delivery, apart from it: without a reason E-BROKER-060, twice E-BROKER-061; on the overview; and back."""
    at = f"/counties/{ISSUING}"
    with calling(hub, hub.sessions[Role.OPERATOR]) as operator, calling(hub, hub.sessions[Role.AUDITOR]) as auditor:
        assert "E-BROKER-061" in operator.post(f"{at}/start", data={"reason": "没有停过"}).text
        assert "E-BROKER-060" in operator.post(f"{at}/stop", data={"reason": ""}).text
        assert operator.post(f"{at}/stop", data={"reason": "证书可疑"}).status_code == 303
        page = auditor.get(f"{at}/link").text
        assert ("证书可疑" in page, "暂停受理" in page, f"{at}/stop" in page) == (True, True, False)
        assert "由系统管理员暂停受理" in auditor.get("/").text
        assert "报送已暂停" in auditor.get(at).text
        assert "限速" not in auditor.get(at).text
        assert operator.post(f"{at}/start", data={"reason": "查清了"}).status_code == 303
        assert "查清了" in auditor.get(f"{at}/link").text


def test_the_first_account_is_made_by_command(network: Network, tmp_path: Path, quick_passwords: None) -> None:
    """`hub user add` before anybody can sign in; roles that watch each other are refused, and those of a county."""
    world = World.make(network, tmp_path)
    (tmp_path / "hub.toml").write_text(f'store_url = "{world.url}"\n', encoding="utf-8")
    (tmp_path / "secret").write_text(f"{PASSWORD}\n", encoding="utf-8")

    def run(*words: str) -> str:
        done = CliRunner().invoke(hub_app, ["user", *words, "-d", str(tmp_path)])
        if isinstance(done.exception, YunhuobanError):
            return done.exception.code.code
        return done.output

    given = ("--name", "王五", "--password-file", str(tmp_path / "secret"))
    assert "wang.wu" in run("add", "wang.wu", "-r", "security", *given)
    assert run("add", "li.si", "-r", "security", "-r", "operator", *given) == "E-USER-004"
    assert run("add", "li.si", "-r", "auditor", "-r", "security", *given) == "E-USER-004"
    assert run("add", "li.si", "-r", "clerk", *given) == "E-USER-004"
    assert "安全管理员" in run("list")
    world.close()


def test_no_page_breaks_whatever_is_asked(hub: Pages) -> None:
    """Every route, asked by whoever may with what nobody meant: an answer below 500, and its charset with it."""
    for choice, (role, session) in enumerate(hub.sessions.items()):
        with calling(hub, session) as browser:
            assert list(hostile(browser, hub.app, role, choice=choice)) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_page_breaks_whatever_schemathesis_makes_up(hub: Pages) -> None:
    """The same with requests made of the application's own description of its parameters, for each role."""
    pytest.importorskip("schemathesis")
    for role, session in hub.sessions.items():
        with calling(hub, session) as browser:
            assert list(made_up(browser, hub.app, role, examples=20)) == []


def test_a_number_that_no_database_holds_is_no_line_of_the_record(hub: Pages) -> None:
    """A malformed address, and no breakdown."""
    with calling(hub, hub.sessions[Role.AUDITOR]) as auditor:
        assert auditor.get("/record", params={"before": 10**40}).status_code == 422


def test_the_page_of_a_link_is_of_a_county_that_there_is(hub: Pages) -> None:
    """An address with another code is no page, as everywhere."""
    with calling(hub, hub.sessions[Role.OPERATOR]) as browser:
        assert browser.get("/counties/000000/link").status_code == 404
        assert browser.get(f"/counties/{ISSUING}/link").status_code == 200
