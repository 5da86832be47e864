"""The partner directory and the matrix: how far each item is at each county, in the alliance's true size."""

import re
from collections.abc import Iterator

import httpx
import pytest

from deploy.crowd import catalogue as crowd
from hub.catalogue import importing
from hub.conformance import taking
from hub.views.partners import StorePartners
from hub.web import partners
from pages.access import Access
from pages.frame import Frame
from pages.serving import Serving
from schemas.catalogue import records
from tests.conformance_world import result, sign
from tests.hub_world import ISSUING, WINDOW, World
from tests.journey.hub_fakes import Partners
from tests.people_browser import NO_AUTHORITIES


def hand_in(world: World, code: str, **changes: bool) -> None:
    """The county's signed result comes in."""
    own = world.network.counties[code]
    said = result(code, world.network.item, at=world.now, **changes)
    with world.store.write() as tx:
        signed = sign(said, key=own.signing_key, certificate=own.signing)
        taking.take(tx, signed, chains=world.network.chains(), now=world.now)


def test_an_item_is_as_far_as_its_county_has_signed(world: World):
    """Without a catalogue the cards' offers count; who handed in a result is through, everybody else is not tested."""
    source = StorePartners(world.store, lambda: world.now)
    (row,) = source.matrix("").items
    assert set(row.cells.values()) == {"not_tested"}
    hand_in(world, ISSUING)
    (row,) = source.matrix("").items
    assert row.cells[ISSUING] == "through"
    assert row.cells[WINDOW] == "not_tested"
    found = {each.code: each for each in source.partners()}
    assert (found[ISSUING].counts, found[ISSUING].window) == ({"through": 1}, "through")
    assert found[WINDOW].counts == {"not_tested": 1}


@pytest.mark.long
def test_the_true_catalogue_is_shown_alliance_by_alliance(world: World):
    """81 items by 177 counties of the one, and what is changed afterwards is seen."""
    source = StorePartners(world.store, lambda: world.now)
    entities = crowd.entities()
    with world.store.write() as tx:
        importing.put(tx, records.entries(entities.values()))
    found = source.matrix("")
    assert found.alliances.keys() == {crowd.PARTNERS, crowd.CAPITAL_REGION, crowd.AGREEMENT}
    partners_ = source.matrix(crowd.PARTNERS)
    assert (len(partners_.items), len(partners_.counties)) == (crowd.PARTNER_ITEMS, 177)
    assert sum(len(row.cells) for row in partners_.items) > 1000
    assert len(source.matrix(crowd.CAPITAL_REGION).items) == crowd.CAPITAL_ITEMS
    fewer = {key: each for key, each in entities.items() if not key.startswith("implementation/")}
    with world.store.write() as tx:
        importing.put(tx, records.entries(fewer.values()), whole=True)
    assert sum(len(row.cells) for row in source.matrix(crowd.PARTNERS).items) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[httpx.Client]:
    """The two pages over the alliance at its true size, and somebody who looks."""
    access = Access()
    app = Frame(name="中枢运行", access=access, packages=["hub.web"]).application()
    app.include_router(partners.router(Partners(), access))
    with (
        Serving(app) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES,
            base_url=f"http://127.0.0.1:{serving.port}",
            trust_env=False,
            timeout=60,
            follow_redirects=True,
        ) as client,
    ):
        client.get(access.address(serving.port).replace("/?", "/partners?"))
        yield client


def test_the_matrix_opens_from_provinces_to_counties(browser: httpx.Client):
    """First the provinces with a link each, then one province's counties; a cell is a sign with its word."""
    whole = browser.get("/matrix").text
    assert len(re.findall(r'<a class="down" href="/matrix\?alliance=YUNHUOBAN&amp;province=', whole)) > 20
    assert re.search(r"\d+/\d+", whole)
    one = browser.get("/matrix?province=13").text
    assert 'href="/counties/130928"' in one
    assert 'href="/counties/140881"' not in one
    assert 'role="img" aria-label="自测没有通过"' in one
    assert browser.get("/matrix?province=all").text.count('<a class="down"') == 177


def test_what_is_asked_for_is_all_that_is_shown(browser: httpx.Client):
    """Rows by name, code or what is lacking; whatever stands in the address does no harm."""
    assert browser.get("/partners?q=吴桥").text.count('<tr id="partner-') == 1
    assert browser.get("/partners?state=suspended").text.count('<tr id="partner-') == 1
    everybody, failing = (browser.get(f"/partners?lacking={each}").text for each in ("", "failed"))
    assert 0 < failing.count('<tr id="partner-') < everybody.count('<tr id="partner-') == 177
    assert browser.get("/matrix?q=000131127004").text.count('<th scope="row">') == 1
    for odd in ("/matrix?province=<b>&q=<script>&lacking=x", "/partners?q=<script>&state=x&lacking=x"):
        answer = browser.get(odd)
        assert (answer.status_code, "<script>" in answer.text.split("<main")[1]) == (200, False)
