"""A holder is shown in full to a clerk who checks an identity card, and the auditor sees that it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from adapters.hall.revealing.book import looks
from adapters.hall.revealing.holders import Holders
from adapters.hall.revealing.page import router
from adapters.window.documents import NO_DOCUMENT
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person, Role
from pages.serving import Serving
from schemas.errors import YunhuobanError
from tests.county_begun import begin_at
from tests.county_records import COMPANY
from tests.county_world import World
from tests.people_browser import NO_AUTHORITIES

LI = Person(account="li", name="李窗口", roles=frozenset({Role.CLERK}))


def holders_of(world: World, hall: str = "130928-01") -> Holders:
    """The window's."""
    return Holders(store=world.window.store, identity=world.window.identity, hall=hall, clock=world.clock)


@contextmanager
def browser_of(world: World, role: Role) -> Iterator[httpx.Client]:
    """Somebody with this role in front of the window's pages."""
    access = Access(roles=frozenset({role}))
    app = Frame(name="查看", access=access, packages=["adapters.hall.revealing"]).application()

    def looked(case_no: str) -> list[object]:
        with world.window.store.read() as tx:
            return list(looks(tx, case_no))

    app.include_router(router(holders_of(world), looked, access))  # type: ignore[arg-type]
    with (
        Serving(app) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{serving.port}", trust_env=False, timeout=60
        ) as client,
    ):
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield client


def test_a_clerk_looks_for_a_purpose_and_the_auditor_sees_the_row(world: World) -> None:
    """Without a purpose nothing is shown; the auditor's page names account, case and purpose, and no person."""
    case_no = begin_at(world, "print.authorised")
    number = f"{case_no}-D1-1"
    with browser_of(world, Role.CLERK) as clerk:
        assert "E-LOOK-001" in clerk.post(f"/authorisations/{number}/holder").text
        shown = clerk.post(f"/authorisations/{number}/holder", data={"purpose": "identity"})
        assert COMPANY in shown.text
        assert "法定代表人" in shown.text
        assert "E-PAGE-060" in clerk.get("/looks").text
    with browser_of(world, Role.AUDITOR) as auditor:
        for page in (auditor.get("/looks").text, auditor.get(f"/looks?case_no={case_no}").text):
            assert "核验身份" in page
            assert case_no in page
            assert COMPANY not in page
        assert "还没有人查看过" in auditor.get("/looks?case_no=another").text
        assert "E-PAGE-060" in auditor.post(f"/authorisations/{number}/holder", data={"purpose": "identity"}).text


def test_what_is_for_another_hall_is_not_shown_and_not_recorded(world: World) -> None:
    """Neither another hall's license nor one that never came."""
    number = f"{begin_at(world, 'print.authorised')}-D1-1"
    with pytest.raises(YunhuobanError, match="E-PRINT-101"):
        holders_of(world, hall="130928-02").reveal("nothing", person=LI, purpose="identity")
    with pytest.raises(YunhuobanError) as refused:
        holders_of(world, hall="130928-02").reveal(number, person=LI, purpose="identity")
    assert refused.value.code is not NO_DOCUMENT
    with world.window.store.read() as tx:
        assert looks(tx) == []
