"""The hub's public pages: whoever has a license or a receipt in hand, with no account and by keyboard alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from adapters.scanning.progresslink import progress_link
from tests import county_world
from tests.county_world import WINDOW, World
from tests.journey.pages_fakes import chromium
from tests.pages.walking import Walker, Walkers
from tests.scanning_world import Scanned, licensed, served
from tests.witness_world import Stage, hub_network

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@dataclass(frozen=True, kw_only=True)
class Papers:
    """What people hold, and where it leads."""

    origin: str
    license: Scanned
    progress: str


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papers]:
    """A license and the receipt of its case; the hub's pages are served."""
    folder = tmp_path_factory.mktemp("public")
    network = county_world.Network.make(folder / "network")
    for name in ("counties", "keys"):
        (folder / name).mkdir()
    world = World(network=network, folder=folder / "counties")
    stage = Stage(counties=world, network=hub_network(network, folder / "keys"), folder=folder / "counties")
    paper = licensed(stage)
    link = progress_link(world.counties[WINDOW].identity, paper.case_no, host="hub.example", now=world.now)
    with served(stage, folder) as origin:
        yield Papers(origin=origin, license=paper, progress=link.partition("#")[2])
    for county in world.counties.values():
        county.store.close()
    for side in stage.sides():
        side.world.store.close()


@pytest.fixture(scope="module")
def browser(papers: Papers) -> Iterator[Browser]:
    """Debian's Chromium; the papers first, because sealing must not run inside the browser's event loop."""
    yield from chromium()


def scanned(visitor: Walker, path: str) -> None:
    """The address that a code leads to is Chinese; another language is one key away and keeps what was scanned."""
    visitor.go(path)
    expect(visitor.page.locator("[data-part=asking]")).to_be_hidden()
    if visitor.look.language != "zh":
        visitor.page.locator("#main h1:visible").first.wait_for()
        visitor.enter(css="#language")
        expect(visitor.page.locator("html")).to_have_attribute("lang", visitor.look.language)
        expect(visitor.page.locator("[data-part=asking]")).to_be_hidden()


def test_a_license_is_looked_up(walkers: Walkers, papers: Papers) -> None:
    """One that is registered with what should stand on it; one that nobody registered; none at all."""
    visitor = walkers.at(papers.origin)
    scanned(visitor, f"/v#{papers.license.token.hex()}")
    visitor.arrives("纸上应当这样写")
    visitor.reads("请与手里的纸逐项比对")
    visitor.page.goto("about:blank")
    scanned(visitor, f"/v#{bytes(16).hex()}")
    visitor.arrives("查不到", css="h1:visible")
    visitor.page.goto("about:blank")
    scanned(visitor, "/v")
    visitor.arrives("请扫描证照上的二维码", css="h1:visible")


def test_a_case_is_followed(walkers: Walkers, papers: Papers) -> None:
    """The steps of the case with their days; a link that is none says so."""
    visitor = walkers.at(papers.origin)
    scanned(visitor, f"/p#{papers.progress}")
    visitor.arrives("办理经过")
    visitor.finds(papers.license.case_no)
    visitor.page.goto("about:blank")
    scanned(visitor, "/p#nothing")
    visitor.arrives("查不到进度", css="h1:visible")
