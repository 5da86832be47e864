"""The drop page: a clerk's, for PDF alone; what was dropped is told line by line, and nothing of it stays."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from adapters.hall.verifying import checking
from adapters.hall.verifying.page import Pictures, attach, say_unprotected
from adapters.licenses.examining.examine import Verifier
from pages.access import LOOPBACK, Access
from pages.frame import Frame
from pages.people.person import COUNTY_ROLES, Role
from pages.uploads import jail
from pages.uploads.receiving import Shelf
from tests.unit.adapters.licenses.license_parties import SealParty


def opened(party: SealParty, folder: Path, roles: frozenset[Role] = frozenset({Role.CLERK})) -> TestClient:
    """A browser at the page, with the page's own protection."""
    access = Access(roles=roles)
    app = Frame(name="t", access=access, packages=[]).application()
    verifier = Verifier(anchors=party.anchors, crls=party.crls(), trial=True, now=datetime.now(UTC))
    attach(app, lambda: (verifier, lambda _identifier: None), Shelf(folder), access)
    client = TestClient(app, base_url=f"http://{LOOPBACK}:8000")
    client.get(access.address(8000).removeprefix("http://127.0.0.1:8000"))
    client.headers["X-CSRF-Token"] = access.csrf(client.cookies["yhb-session-8000"])
    return client


def drop(client: TestClient, content: bytes, name: str = "license.pdf") -> str:
    """The answer to a file dropped."""
    return client.post("/verify", files={"file": (name, content, "application/pdf")}).text


def test_a_dropped_file_is_told_and_nothing_stays(sealed, party, tmp_path, monkeypatch):
    """The verdict, both lines, every check, its first page once; while it is looked at it lies in one private file."""
    during: list[tuple[str, int]] = []
    real = checking.check

    def watched(*each):
        during.extend((oct(file.stat().st_mode & 0o777), file.stat().st_size) for file in folder.iterdir())
        return real(*each)

    folder, elsewhere = tmp_path / "uploads", tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    monkeypatch.setattr(checking, "check", watched)
    client = opened(party, folder)
    assert 'type="file"' in client.get("/verify").text
    told = drop(client, sealed)
    for words in ("文件真实", "E-VERIFY-145", "盖章有效", "不知道", "印章覆盖整个文件。", "仅供核对"):
        assert words in told
    assert "䶮建国" not in told, "the face stands in the picture and nowhere else"
    assert during == [("0o600", len(sealed))]
    place = re.search(r'src="(/verify/[^"]+\.png)"', told)
    assert place
    picture = client.get(place[1])
    assert picture.content.startswith(b"\x89PNG")
    assert picture.headers["Cache-Control"] == "no-store"
    assert client.get(place[1]).status_code == 404
    assert list(folder.iterdir()) == list(elsewhere.iterdir()) == []


def test_what_is_not_a_pdf_is_not_looked_at(party, tmp_path):
    """Another kind, nothing, too much: a sentence, and nothing stays."""
    client = opened(party, tmp_path)
    assert "E-PAGE-123" in drop(client, b"\x89PNG\r\n\x1a\n")
    assert "E-PAGE-130" in drop(client, b"")
    assert "E-PAGE-129" in drop(client, b"%PDF-" + bytes(9 * 1024 * 1024))
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_a_clerks(party, tmp_path):
    """Whoever has every other role of the county is refused."""
    client = opened(party, tmp_path, COUNTY_ROLES - {Role.CLERK})
    assert "E-PAGE-060" in client.get("/verify").text
    assert "E-PAGE-060" in drop(client, b"%PDF-1.7")
    assert "E-PAGE-060" in client.get("/verify/x.png").text


def test_pictures_do_not_pile_up():
    """Only the newest wait; one that nobody fetches is dropped."""
    pictures = Pictures()
    tokens = [pictures.keep(bytes([at])) for at in range(20)]
    assert [pictures.take(token) for token in tokens[:12]] == [None] * 12
    pictures.drop(tokens[19])
    assert pictures.take(tokens[19]) is None
    assert pictures.take(tokens[18]) == bytes([18])


@pytest.mark.parametrize("lacking", [("files",), ()])
def test_a_machine_that_cannot_guard_says_so_at_start(lacking, monkeypatch, caplog):
    """One line with its code; none where all is well."""
    from structlog.testing import capture_logs

    monkeypatch.setattr(jail, "missing", lambda: lacking)
    with capture_logs() as lines:
        say_unprotected()
    assert [each["code"] for each in lines] == (["E-PAGE-122"] if lacking else [])
