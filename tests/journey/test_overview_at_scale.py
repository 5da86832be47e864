"""The overview with every county of the country in the store: when it is painted, and when it shows a change.

Real store, real rows, a real browser; only the broker is a list of as many queues and connections. The figures are
written to `var/overview/overview.json`. The bounds are generous: the machine has other work, too. The short slice,
folding thousands of counties, stands in `tests/unit/hub_evidence/test_traffic.py`.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from certs import keys
from hub import instants
from hub.broker.states import BrokerOverview, ConnectionState, QueueState
from hub.instants import to_millis
from hub.settings import HubSettings
from hub.store import Store, open_store, tables
from hub.views.overviewsource import StoreOverview
from hub.web.overview import build_app
from pages.access import Access
from pages.serving import Serving
from schemas import topology
from schemas.divisions import register
from tests.hub_world import WINDOW, Network
from tests.journey.pages_fakes import chromium

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

WAITING = 20_000
CASES = 20_000
PAINT_SECONDS = 5.0
UPDATE_SECONDS = 15.0
FIGURES = Path(__file__).parents[2] / "var" / "overview" / "overview.json"
browser = pytest.fixture(scope="module")(chromium)


@dataclass
class WholeCountry:
    """A broker that has every county's queues, and most of the counties connected."""

    codes: list[str]

    def overview(self) -> BrokerOverview:
        """All is well."""
        return BrokerOverview(
            version="3.10.8", node="hub@here", memory_alarm=False, disk_alarm=False, memory_bytes=1, disk_free_bytes=1
        )

    def queues(self, _vhost: str) -> list[QueueState]:
        """Three for each county."""
        names = [name for code in self.codes for name in topology.county_queues(code)]
        return [
            QueueState(name=name, ready=at % 3, unacknowledged=0, consumers=1, dead_lettering=0)
            for at, name in enumerate(names)
        ]

    def connections(self) -> list[ConnectionState]:
        """All but every fiftieth."""
        return [
            ConnectionState(name=code, user=code, vhost="/", address="", connected_at=instants.now())
            for at, code in enumerate(self.codes)
            if at % 50
        ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Every county, each with two certificates, and as many messages and cases as a bad morning has."""
    folder = tmp_path_factory.mktemp("country")
    made = open_store(f"sqlite:///{folder}/hub.sqlite")
    fill(made, Network.make(folder / "network"))
    yield made
    made.close()


def country() -> list[str]:
    """Every division that does a county's work."""
    return [each.code for each in register.counties(date(2026, 11, 26))]


def fill(store: Store, network: Network) -> None:
    """Rows as the hub would have written them."""
    codes, now = country(), to_millis(instants.now())
    der = keys.der(network.counties[WINDOW].signing)
    with store.write() as tx:
        tx.execute(insert(tables.counties), [_county(code) for code in codes])
        tx.execute(
            insert(tables.county_certificates),
            [
                {"thumbprint": _digest(code, role), "division_code": code, "role": role, "der": der, "enrolled_at": now}
                for code in codes
                for role in ("county_signing", "county_connection")
            ],
        )
        tx.execute(insert(tables.messages), [_message(codes, at, now) for at in range(WAITING)])
        tx.execute(insert(tables.cases), [_case(codes, at, now) for at in range(CASES)])


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def _county(code: str) -> dict[str, object]:
    texts = {"authority_code": "11140881MB0000000X", "state": "active", "halls": "1", "contact": "值班"}
    nothing = {"key_statement": b"", "key_statement_signature": "", "enrolled_at": 0, "changed_in": 0}
    name = register.known(code).name
    return {"division_code": code, "name": name, "authority_name": name, "telephone": "000-0000"} | texts | nothing


def _message(codes: list[str], at: int, now: int) -> dict[str, object]:
    """One that waits, of a pair by its number; the oldest is an hour old."""
    source, destination = codes[at * 7 % len(codes)], codes[at * 131 % len(codes)]
    number = f"0193a5c0-0000-7000-8000-{at:012}"
    return {
        "source": source,
        "message_id": number,
        "envelope_sha256": _digest(at),
        "state": "admitted",
        "type": "application.submitted",
        "destination": destination,
        "case_no": f"{source}-20261126-{at:06}-0",
        "sent_at": now,
        "expires_at": now,
        "admitted_at": now - 3_600_000 + at * 150,
        "body": b"x" * 2000,
        "signature": "",
        "verdict": "admitted",
        "batch": at + 1,
    }


def _case(codes: list[str], at: int, now: int) -> dict[str, object]:
    source, destination = codes[at * 7 % len(codes)], codes[at * 131 % len(codes)]
    places = {"case_no": f"{source}-20261126-{at:06}-0", "window_county": source, "issuing_county": destination}
    rest = {"service_item": "1" * 31, "state": "submitted", "trial": False, "opened_at": now, "changed_at": now}
    return places | rest


@pytest.fixture
def page(store: Store, browser: Browser) -> Iterator[Page]:
    """A browser before it has opened anything, with the address in `page.address`."""
    access = Access()
    view = StoreOverview(store, WholeCountry(country()), HubSettings(folder=Path("/nowhere")))
    with Serving(build_app(view, access)) as serving:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        made = context.new_page()
        made.set_default_timeout(60_000)
        made.goto(
            f"http://127.0.0.1:{serving.port}/codes/E-PAGE-005?token={access.address(serving.port).split('=')[1]}"
        )
        made.origin = f"http://127.0.0.1:{serving.port}"  # type: ignore[attr-defined]
        yield made
        context.close()


def painted(page: Page, path: str) -> dict[str, float]:
    """When it was painted first, in milliseconds since the click, and how many bytes came."""
    page.goto(page.origin + path)  # type: ignore[attr-defined]
    asked, deadline = "performance.getEntriesByType('paint').map((each) => [each.name, each.startTime])", 60.0
    while len(entries := page.evaluate(asked)) < 2 and deadline > 0:  # first-paint and first-contentful-paint
        page.wait_for_timeout(50)
        deadline -= 0.05
    size = page.evaluate("performance.getEntriesByType('navigation')[0].transferSize")
    return {name: round(at) for name, at in entries} | {"bytes": size}


def test_the_overview_is_fast_with_every_county(page: Page, store: Store):
    """Painted within seconds, also the first time after a start, and a dead letter is on an open page soon after."""
    figures: dict[str, object] = {"counties": len(country()), "waiting": WAITING, "cases": CASES}
    for name, path in (("first_after_start", "/"), ("overview", "/"), ("wall", "/wall"), ("queues", "/queues")):
        figures[name] = painted(page, path)
        assert figures[name]["first-contentful-paint"] < PAINT_SECONDS * 1000, name  # type: ignore[index]
    painted(page, "/")
    expect(page.locator("#live")).to_have_text("实时", timeout=30_000)
    updates = []
    for at in range(3):
        with store.write() as tx:
            tx.execute(insert(tables.dead_letters).values(**_dead(at)))
        started = time.monotonic()
        expect(page.locator('#traffic a[href="/dead"] b')).to_have_text(str(at + 1), timeout=UPDATE_SECONDS * 1000)
        updates.append(round(time.monotonic() - started, 2))
    figures["update_seconds"] = updates
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _dead(at: int) -> dict[str, object]:
    texts = {"queue": "dead.letters", "source": WINDOW, "message_id": str(at), "reason": "rejected", "headers": "{}"}
    texts |= {"type": "application.submitted", "case_no": ""}
    rest = {"body": b"", "state": "waiting", "settled_reason": "", "died_at": to_millis(instants.now())}
    return {"id": str(at)} | texts | rest
