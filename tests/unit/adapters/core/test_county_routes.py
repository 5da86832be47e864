"""Every route of the county's real page application says who it is for, and is closed to everybody else."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.node import Node
from adapters.settings import CountySettings
from pages.access import CSRF_HEADER, Access
from pages.cookies import cookie_name
from pages.people.person import COUNTY_ROLES, Role
from tests.brokers import free_port
from tests.county_world import WINDOW, Network
from tests.page_breaking import hostile, made_up
from tests.page_routes import OPEN, placed, routes_of
from tests.people_browser import NO_AUTHORITIES
from tests.people_world import People
from tests.sampling import all_or_some

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def node(county_network: Network, tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Node]:
    """A county's node in earnest, not on trial; only its pages run."""
    folder = tmp_path_factory.mktemp("routes")
    (folder / "certs").symlink_to(county_network.folder / WINDOW / "certs")
    (folder / "county.toml").write_text(
        f'division_code = "{WINDOW}"\nname = "吴桥县"\nmapping = "{COUNTIES / "wuqiao_130928"}"\ntrial = false\n'
        f'local_read = "sqlite:///{folder}/hall.sqlite"\nlocal_write = "sqlite:///{folder}/hall.sqlite"\n'
        f'page_port = {free_port()}\n[hub]\nurls = ["127.0.0.1:{free_port()}"]\n'
        '[authority]\nname = "局"\ncode = "11130928MB00000005"\n',
        encoding="utf-8",
    )
    made = Node(CountySettings.load(folder))
    made._pages.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def sessions(node: Node) -> dict[Role, str]:
    """Somebody of each role, signed in with both factors."""
    people = People(store=node.store, sealing=node.identity.storage, at=datetime.now(UTC))
    return {role: people.enrolled(f"a.{role.value.replace('_', '-')}", role.value) for role in sorted(COUNTY_ROLES)}


def calling(node: Node, session: str = "") -> httpx.Client:
    """A browser with a session."""
    port = node.settings.page_port
    headers = {CSRF_HEADER: Access().csrf(session)} if session else {}
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        cookies={cookie_name(port): session} if session else {},
        headers=headers,
        trust_env=False,
        timeout=PATIENCE_SECONDS,
        verify=NO_AUTHORITIES,
    )


def test_every_route_declares_its_roles(node: Node) -> None:
    """A route that somebody adds without saying whom it is for is found here, before anybody finds it open."""
    assert {path for _method, path, roles in routes_of(node.app) if not roles} == OPEN
    assert len(routes_of(node.app)) > 15


def test_without_a_session_every_route_leads_to_the_sign_in(node: Node) -> None:
    """A page is led there and back; a request of a page that is open is told to go there; nothing is done."""
    with calling(node) as stranger:
        for method, path, roles in routes_of(node.app):
            if not roles:
                continue
            page = stranger.request(method, placed(path))
            part = stranger.request(method, placed(path), headers={"HX-Request": "true"})
            assert (page.status_code, page.headers["location"].partition("?")[0]) == (303, "/sign-in"), path
            assert (part.status_code, part.headers["HX-Redirect"], part.text) == (401, "/sign-in", ""), path


def test_every_route_is_closed_to_every_other_role(node: Node, sessions: dict[Role, str]) -> None:
    """Over real HTTP, with a good session and its own protection: E-PAGE-060, whoever has another role."""
    wrong = []
    closed = [
        each for each in itertools.product(sessions, routes_of(node.app)) if each[1][2] and each[0] not in each[1][2]
    ]
    chosen = all_or_some(closed, 60)
    for role, session in sessions.items():
        with calling(node, session) as browser:
            for method, path, _roles in (route for asked, route in chosen if asked == role):
                answer = browser.request(method, placed(path))
                if answer.status_code != 403 or "E-PAGE-060" not in answer.text:
                    wrong.append((role, method, path, answer.status_code))
    assert wrong == []


def test_everybody_begins_where_their_work_is(node: Node, sessions: dict[Role, str]) -> None:
    """Whoever signed in is led to a page of their own role, which answers; nobody begins before a refusal."""
    begun = {}
    for role, session in sessions.items():
        with calling(node, session) as browser:
            first = browser.get("/", follow_redirects=True)
            begun[role] = (first.status_code, first.url.path)
    assert begun == {
        Role.CLERK: (200, "/"),
        Role.AUDITOR: (200, "/"),
        Role.APPROVER: (200, "/approvals"),
        Role.STOCK_KEEPER: (200, "/stock"),
        Role.COUNTY_IT: (200, "/status"),
    }


def test_in_earnest_the_machine_is_county_its(node: Node) -> None:
    """The one-time address opens the state of the node, and nothing that a clerk signs for."""
    address = node.address.offer()
    with httpx.Client(
        verify=NO_AUTHORITIES, trust_env=False, timeout=PATIENCE_SECONDS, follow_redirects=True
    ) as browser:
        assert browser.get(address).url.path == "/status"
        refused = browser.get(f"http://127.0.0.1:{node.settings.page_port}/authorisations")
        assert (refused.status_code, "E-PAGE-060" in refused.text) == (403, True)


def test_a_node_erases_what_is_due_by_itself(node: Node) -> None:
    """Retention is one of its loops: nobody has to start a command for it."""
    assert "keeping" in node.busy()


def test_no_page_breaks_whatever_is_asked(node: Node, sessions: dict[Role, str]) -> None:
    """Every route, asked by whoever may with what nobody meant: an answer below 500, and its charset with it."""
    for choice, (role, session) in enumerate(sessions.items()):
        with calling(node, session) as browser:
            assert list(hostile(browser, node.app, role, choice=choice)) == []


def test_a_number_that_no_database_holds_is_a_malformed_address(node: Node, sessions: dict[Role, str]) -> None:
    """Wherever an address has the number of a row: 422, and not a page that broke."""
    with calling(node, sessions[Role.AUDITOR]) as browser:
        answers = [browser.post(f"/exports/{10**40}/{step}").status_code for step in ("approve", "decline", "file")]
    assert answers == [422, 422, 422]


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_page_breaks_whatever_schemathesis_makes_up(node: Node, sessions: dict[Role, str]) -> None:
    """The same with requests made of the application's own description of its parameters, for each role."""
    pytest.importorskip("schemathesis")
    for role, session in sessions.items():
        with calling(node, session) as browser:
            assert list(made_up(browser, node.app, role, examples=8)) == []
