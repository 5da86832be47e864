"""What county IT looks at, in a real browser: how the node is, and the request for the firewall on one sheet."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.desk.printdesk import build_app
from adapters.firewall import needs, sheet
from adapters.status import attention
from adapters.status.page import REFRESH_SECONDS, router
from adapters.status.report import Report, Weather
from pages.access import Access
from tests import status_report as made
from tests.journey.pages_fakes import Desk, chromium, opened
from tests.status_report import AT

browser = pytest.fixture(scope="module")(chromium)


NOTHING_YET = replace(
    made.report(partners=[], lists=[], directory_issued_at=None, directory_ends_at=None, pulse=None),
    traffic=made.traffic(last_read_at=None, last_arrived_at=None),
    machine=made.machine(version="", mapping="", mapping_at=None, store_bytes=None),
    certificates=[replace(made.certificate(), ends_at=None, days_left=None)],
)


class Node:
    """A node whose report the test changes."""

    def __init__(self) -> None:
        self.found = made.report()

    def report(self) -> Report:
        """With what a person has to do."""
        return replace(self.found, attention=attention.needed(self.found))


@pytest.fixture
def node() -> Node:
    """In order."""
    return Node()


@pytest.fixture
def page(node: Node, browser: Browser) -> Iterator[Page]:
    """The desk, opened with the printed address."""
    access = Access()
    app = build_app(Desk(), access)
    app.include_router(router(node.report, access))
    with opened(app, access, browser) as browser_page:
        yield browser_page


def test_county_it_sees_how_the_node_is_and_what_to_do(page: Page, node: Node) -> None:
    """From the desk one click away; in order, then with what needs a person; it renews itself; both languages.

    Before the first directory and the first message every place says so.
    """
    page.get_by_role("link", name="县节点现状").click()
    expect(page.locator("#attention")).to_contain_text("一切正常")
    expect(page.locator("#links tbody tr")).to_have_count(3)
    expect(page.locator("#partner-140881")).to_contain_text("往来正常")
    expect(page.locator("#machine")).to_contain_text("5f2a90c1d3e4")
    node.found = made.report(
        pulse=made.pulse(connected=False, since=timedelta(minutes=7), problem="E-LINK-002"),
        partners=[
            made.partner(Weather.BARRED, code="340321", name="怀远县", why="E-LINK-103"),
            made.partner(Weather.SLOW, waiting=12, oldest_at=AT - timedelta(hours=2)),
        ],
        certificates=[made.certificate(days=12), *(made.certificate(each) for each in made.FILES[1:])],
        traffic=made.traffic(unsent=3, unsent_since=AT - timedelta(minutes=7), refused=1, troubles=2),
    )
    answer = page.reload()
    assert answer is not None
    assert answer.headers["refresh"] == str(REFRESH_SECONDS)
    shown = page.locator("#attention")
    for text in (
        "证书 connection.pem 还有 12 天到期",
        "断开了 7 分钟",
        "adapter doctor",
        "永济市 140881 有 12 份报文没有签收",
    ):
        expect(shown).to_contain_text(text)
    expect(page.locator("#partner-340321")).to_contain_text("E-LINK-103")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="English").click()
    expect(shown).to_contain_text("The certificate connection.pem ends in 12 days.")
    expect(page.locator("#partner-140881")).to_contain_text("does not sign")
    page.get_by_role("button", name="中文").click()

    node.found = NOTHING_YET
    page.reload()
    for text in ("县节点没有在运行", "还没有收到中枢的目录", "还没有与别的县往来", "读不到"):
        expect(page.locator("main")).to_contain_text(text)


LONG = needs.Way(
    name="broker-for-the-counties-of-the-alliance.hub.government-cloud.example.cn",
    addresses=("203.0.113.10", "203.0.113.11", "2001:db8:0:1::10"),
    port=5671,
    protocol="TCP",
)
ASKED = needs.Needs(
    division_code="130928",
    county="吴桥县",
    authority="吴桥县行政审批局",
    contact="张工 & <李工>",
    telephone="0317-0000000",
    host="county-node-01",
    own_addresses=["10.20.30.40"],
    hub=[LONG, replace(LONG, addresses=())],
    server_hostname="hub.example.cn",
    times=[replace(LONG, name="ntp.example.cn", port=123, protocol="UDP"), replace(LONG, port=123, protocol="UDP")],
    idle_seconds=60,
    begins=date(2026, 11, 26),
    ends=date(2027, 11, 26),
)


def test_the_firewall_request_is_one_sheet_of_paper(browser: Browser, tmp_path: Path) -> None:
    """As long as such things get: one page of A4, and everything on it."""
    file, pdf = tmp_path / "firewall.html", tmp_path / "firewall.pdf"
    file.write_text(sheet.html(ASKED), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.pdf(path=pdf, prefer_css_page_size=True)
    for text in ("5671", "hub.example.cn", "TLS", "吊销列表", "2027-11-26", "盖章", "Please exempt this connection"):
        expect(page.locator("body")).to_contain_text(text)
    expect(page.locator("body")).to_contain_text(ASKED.contact)  # as it was typed, not as a part of the page
    page.close()
    said = subprocess.run(
        [shutil.which("pdfinfo") or "pdfinfo", pdf], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"^Pages:\s+1$", said, re.MULTILINE)
    assert "A4" in said
