"""Who stands at the window is found by the whole name or the case number, and the look is written down first."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from adapters.hall.desk.printdesk import build_app
from adapters.hall.desk.searching import NOTHING_ASKED, Finder, plain
from adapters.hall.revealing.book import looks
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.people.person import Role
from pages.serving import Serving
from schemas.errors import YunhuobanError
from tests.county_begun import begin_at
from tests.county_records import COMPANY
from tests.county_world import World
from tests.people_browser import NO_AUTHORITIES

SEARCH = "/authorisations/search"


@contextmanager
def browser_of(world: World, role: Role) -> Iterator[httpx.Client]:
    """Somebody with this role at the window's desk."""
    access = Access(roles=frozenset({role}))
    with (
        Serving(build_app(world.window.desk, access)) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{serving.port}", trust_env=False, timeout=60
        ) as client,
    ):
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield client


def finder(world: World, hall: str = "130928-01") -> Finder:
    """The window's."""
    return Finder(store=world.window.store, identity=world.window.identity, hall=hall, clock=world.clock)


def looked(world: World) -> list[tuple[str, str, str]]:
    """The book of looks: account, case, what."""
    with world.window.store.read() as tx:
        return [(each.account, each.case_no, each.what) for each in looks(tx)]


def test_a_name_or_a_case_number_finds_the_authorisation_and_is_recorded(world: World) -> None:
    """Typed in another width or with blanks, too; each search is a row before anything is shown."""
    case_no = begin_at(world, "print.authorised")
    for asked in (COMPANY, f" {COMPANY[:2]} {COMPANY[2:]} ", case_no, case_no.replace("-", "－").lower()):
        assert finder(world).find(asked, by="li") == [f"{case_no}-D1-1"], asked
    assert looked(world) == [("li", case_no, "search")] * 4


def test_a_part_of_a_name_and_another_hall_find_nothing_and_that_is_recorded(world: World) -> None:
    """Nobody leafs through holders, or looks into the next hall; who tried stands in the book, the name does not."""
    case_no = begin_at(world, "print.authorised")
    assert finder(world).find(COMPANY[:-1], by="li") == []
    assert finder(world, hall="130928-02").find(COMPANY, by="li") == []
    assert finder(world, hall="130928-02").find(case_no, by="li") == []
    with pytest.raises(YunhuobanError, match=NOTHING_ASKED.code):
        finder(world).find(" 　", by="li")
    assert looked(world) == [("li", case_no, "search"), ("li", "", "search"), ("li", "", "search")]


def test_the_dot_in_a_name_may_be_any_of_those_that_keyboards_have() -> None:
    """One person is one person, however the input method writes the name."""
    assert len({plain(f"阿卜杜拉{dot}买买提") for dot in "·•・‧・"}) == 1
    assert plain("示范（永济）有限公司") == plain("示范(永济)有限公司")


def test_the_page_shows_the_one_that_was_found_and_no_name_leaves_it(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """One hit is opened, none is a sentence; by POST, for clerks only; the name is in no address and no log."""
    case_no = begin_at(world, "print.authorised")
    htmx = {"HX-Request": "true"}
    with caplog.at_level(logging.DEBUG), browser_of(world, Role.CLERK) as clerk:
        found = clerk.post(SEARCH, data={"asked": COMPANY}, headers=htmx)
        assert f"{case_no}-D1-1/print" in found.text
        assert found.headers["cache-control"] == "no-store"
        focused = found.text.partition("autofocus")[2]
        assert "核验身份" in focused[:60], "a second Enter of a scanner must not print"
        missed = clerk.post(SEARCH, data={"asked": "没有这个人"}, headers=htmx).text
        assert "没有找到" in missed
        assert "没有这个人" not in missed
        assert NOTHING_ASKED.code in clerk.post(SEARCH, data={"asked": ""}, headers=htmx).text
        assert clerk.get(f"{SEARCH}?asked=x").status_code == 404
    said = caplog.text + json.dumps(capsys.readouterr(), ensure_ascii=False)
    assert COMPANY not in said
    with browser_of(world, Role.AUDITOR) as auditor:
        assert "E-PAGE-060" in auditor.post(SEARCH, data={"asked": COMPANY}).text
        assert 'id="search"' not in auditor.get("/").text
