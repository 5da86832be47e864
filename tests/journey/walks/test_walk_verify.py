"""A file that somebody brings: genuine, drawn over, or with a page appended; told in words, by keyboard alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from adapters.hall.desk.printdesk import build_app
from adapters.hall.verifying.page import attach
from adapters.hall.verifying.words import OPENING
from adapters.licenses import template
from adapters.licenses.examining.examine import Verifier
from adapters.licenses.render import Renderer
from certs import keys
from certs.authority import Authority
from pages.access import Access
from pages.serving import Serving
from pages.uploads.receiving import Shelf
from tests.journey.pages_fakes import Desk, chromium
from tests.pages.walking import Walkers
from tests.unit.adapters.licenses.examining import attacks
from tests.unit.adapters.licenses.license_parties import make_face, make_party

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

GENUINE, COVERED, APPENDED = "genuine.pdf", "covered.pdf", "appended.pdf"
EXAMINED_MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def license_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files, and the authority to check them by."""
    folder = tmp_path_factory.mktemp("license")
    party = make_party(folder / "party")
    sealed = party.seal(Renderer().render_complete(make_face(), template.load(*template.DUPLICATE)))
    for name, data in ((GENUINE, sealed), (COVERED, attacks.cover(sealed)), (APPENDED, attacks.add_page(sealed))):
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def browser(license_files: Path) -> Iterator[Browser]:
    """Debian's Chromium; the license first, because sealing must not run inside the browser's event loop."""
    for started in chromium():
        expect.set_options(timeout=EXAMINED_MILLISECONDS)
        yield started


def test_three_files_are_told_apart(walkers: Walkers, license_files: Path) -> None:
    """The genuine one with its first page; the forged ones with what was done to them, and what to do about it."""
    authority = Authority.open(license_files / "party" / "authority")
    lists = [keys.crl_der(each) for each in authority.publish_crls(now=datetime.now(UTC), days=14)]
    verifier = Verifier(anchors=[keys.der(authority.root)], crls=lists, trial=True, now=datetime.now(UTC))
    access = Access()
    app = build_app(Desk(), access)
    attach(app, lambda: (verifier, lambda _identifier: None), Shelf(license_files / "uploads"), access)
    with Serving(app) as serving:
        clerk = walkers.at(f"http://127.0.0.1:{serving.port}", address=access.address(serving.port))
        clerk.enter("核验证照", css="a")
        clerk.arrives("核验证照文件")
        for name, genuine, code in (
            (GENUINE, True, ""),
            (COVERED, False, "E-VERIFY-120"),
            (APPENDED, False, "E-VERIFY-122"),
        ):
            clerk.offer(license_files / name, css="#file")
            clerk.enter("核验这份文件")
            expect(clerk.page.locator(".verdict")).to_contain_text(code)
            clerk.reads(OPENING[genuine], "#verdict")
            clerk.looks(name)
        assert list((license_files / "uploads").iterdir()) == []
