"""A clerk's browser at the `/take` pages of a county node in memory, with the catalogue of both counties in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

from adapters.case.workplace import Workplace
from adapters.hall.taking.paper.powerpapers import PowerPapers
from adapters.hall.taking.paper.receipt import Receipts
from adapters.hall.taking.taker import Taker
from adapters.hall.taking.web import takepages
from adapters.hall.taking.wiping import Wiper
from certs import keys
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person, Role
from pages.uploads.receiving import Shelf
from schemas.catalogue import records
from schemas.catalogue.model import Entity, LimitUnit, Mode, Necessity
from schemas.identifiers.item import BASIC_LENGTH
from tests.catalogue_world import agreed, material
from tests.county_records import COMPANY, ITEM, NAME
from tests.county_world import ISSUING, WINDOW, World, entries_of

PORT = 8000
IDENTITY_NO = "130928198807169415"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 5 0 R>>endobj\n"
    b"4 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]>>endobj\n"
    b"5 0 obj<</Length 30>>stream\n1 0 0 rg 20 20 100 100 re f   \nendstream endobj\n"
    b"trailer<</Root 1 0 R/Size 6>>\n%%EOF\n"
)
"""A scan of two pages."""
CLERK = Person(account="li", name="李窗口", roles=frozenset({Role.CLERK}))
WHOLE: Mapping[str, str] = {
    "applicant.kind": "natural_person",
    "applicant.name": NAME,
    "applicant.document_kind": "111",
    "applicant.document_no": IDENTITY_NO,
    "applicant.mobile": "",
    "identity.method": "card_reader",
    "registration.enterprise_name": COMPANY,
    "registration.enterprise_kind": "有限责任公司",
    "registration.legal_representative": NAME,
    "registration.legal_representative_document_no": IDENTITY_NO,
    "registration.registered_capital_fen": "100万元",
    "registration.address": "山西省运城市永济市河东大道 18 号",
    "registration.business_scope": "日用百货零售。",
    "m.SQB.taken_as": "original",
    "m.SQB.copies": "2",
    "m.SQB.trust": "B",
    "matter.handling": "01",
}
"""Everything that the form asks for, typed by a clerk without a slip."""


def catalogue(changed: Mapping[str, Entity | None] | None = None) -> dict[str, Entity]:
    """Both counties handle the item and agreed on it; it asks for one material, and for one that is looked up."""
    found = agreed(ITEM, [WINDOW, ISSUING])
    item: Any = found[f"item/{ITEM[-BASIC_LENGTH:]}"]
    listed = (material("SQB"), material("SFZ", name="身份证明", exempt=True),
              material("CNS", name="承诺书", necessity=Necessity.DEFERRABLE))  # fmt: skip
    found[item.key] = replace(item, modes=(Mode.ONLINE, Mode.RELAYED), materials=listed)
    offer: Any = found[f"implementation/{ISSUING}/{ITEM}"]
    found[offer.key] = replace(offer, promise_day=2, promise_type=LimitUnit.WORKING_DAY)
    return {key: each for key, each in (found | dict(changed or {})).items() if each is not None}


def publish(
    world: World,
    changed: Mapping[str, Entity | None] | None = None,
    stated: Mapping[str, bytes] | None = None,
    **county: Any,
) -> None:
    """A newer directory, with the catalogue in it, reaches both counties; `county` is said of the issuing one.

    `stated` are entries that counties have said of themselves.
    """
    network, hub = world.network, world.hub
    world.later(seconds=1)
    counties = [hub.county(code, now=world.now, **(county if code == ISSUING else {})) for code in network.identities]
    state = entries_of(
        counties=counties,
        offers=[],
        transport_certificates=[keys.der(network.transport.issuing)],
        crls=network.crls,
        hub_certificates=[keys.der(network.log.certificate), keys.der(network.grants.certificate)],
        seal_certificates=[],
        seal_crls=[],
    )
    hub.serial += 1
    record = hub.published(state | records.entries(catalogue(changed).values()) | dict(stated or {}), now=world.now)
    for each in (world.window, world.issuing):
        each.arrive_directory(*record)
        each.handle()


def taker_of(world: World) -> Taker:
    """The window's, as its node composes it."""
    county = world.window
    return Taker(
        store=county.store,  # type: ignore[arg-type]
        identity=county.identity,
        box=county.box,
        directory=county.directory,
        clock=world.clock,
        sent=lambda: None,
    )


def wiper_of(world: World) -> Wiper:
    """The window's, with the terms of a county that has not set any."""
    month = timedelta(days=30)
    return Wiper(store=world.window.store, clock=world.clock, drafts_kept=month, taken_kept=month)


def place_of(world: World) -> Workplace:
    """The window's desks, as its node composes them."""
    county = world.window
    return Workplace(
        county=WINDOW,
        store=county.store,  # type: ignore[arg-type]
        identity=county.identity,
        box=county.box,
        directory=county.directory,
        elsewhere=frozenset(),
        clock=world.clock,
        sent=lambda: None,
    )


@dataclass(kw_only=True)
class Counter:
    """One window: its pages over the node's store, and the clerk's browser in front of them."""

    world: World
    link: str | None = None
    taker: Taker = field(init=False)
    browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Opened with a one-time address."""
        self.taker = taker_of(self.world)
        self.browser = self.sat_down(CLERK)

    def sat_down(self, person: Person) -> httpx.Client:
        """Another browser with somebody before it."""
        access = Access()
        access.person = person
        client = TestClient(self.application(access), base_url=f"http://{LOOPBACK}:{PORT}")
        client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"), follow_redirects=False)
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(PORT)])
        client.headers["HX-Request"] = "true"
        return client

    def application(self, access: Access) -> FastAPI:
        """The pages, as the node has them beside the desk."""
        app = Frame(name="t", access=access, packages=[], now=self.world.clock).application()
        self.attach(app, access)
        return app

    def attach(self, app: FastAPI, access: Access) -> None:
        """Put them into an application."""
        receipts = Receipts(self.taker, county_name="吴桥县", progress_link=lambda _: self.link)
        shelf = Shelf(self.world.window.folder / "uploads")
        made = takepages.Counter(
            taker=self.taker,
            receipts=receipts,
            powers=PowerPapers(self.taker, county_name="吴桥县"),
            place=place_of(self.world),
            shelf=shelf,
            window="130928-01-1",
        )
        takepages.attach(app, made, access)

    def get(self, place: str) -> str:
        """A page's words."""
        answer = self.browser.get(place)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def begin(self, **form: str) -> str:
        """开始收件; returns the draft's id."""
        answer = self.browser.post(f"/take/items/{ISSUING}/{ITEM}/start", data=form)
        assert answer.status_code == 200, answer.text
        return answer.headers["HX-Redirect"].rpartition("/")[2]

    def type(self, draft: str, typed: Mapping[str, str]) -> str:
        """All of it with one request, where a browser sends each field by itself; returns the answer."""
        answer = self.browser.post(f"/take/drafts/{draft}/fields", data=dict(typed))
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def press(self, draft: str, attempt: int = 1) -> httpx.Response:
        """收件并报送."""
        return self.browser.post(f"/take/drafts/{draft}/submit", data={"attempt": str(attempt)})

    def take(self, **changes: str) -> tuple[str, str]:
        """A whole application; returns the draft's id and the case number."""
        draft = self.begin()
        self.type(draft, {**WHOLE, **changes})
        answer = self.press(draft)
        assert answer.headers.get("HX-Redirect") == f"/take/cases/{draft}", unescape(answer.text)
        found, _standing = self.taker.standing(draft)
        return draft, found.case_no


def told_at(answer: str, path: str) -> str:
    """What an answer puts to one field."""
    anchor = re.escape(path.replace(".", "-"))
    found = re.search(rf'hx-target="#e-{anchor}"[^>]*>(.*?)</hx-partial>', answer, re.DOTALL)
    assert found is not None, path
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip()
