"""Maintenance that the hub announces stands on the print desk until it is over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from adapters.directory import directoryview
from adapters.hall.desk.printdesk import build_app
from certs.authority import Authority
from pages.access import LANGUAGE_COOKIE, Access
from pages.serving import Serving
from schemas import directory as form
from schemas.notices import Notice
from tests.journey.pages_fakes import Desk
from tests.people_browser import NO_AUTHORITIES

NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)


def notice(hours: float, zh: str = "消息服务升级") -> Notice:
    """From an hour ago to so many hours from now."""
    return Notice(from_at=NOW - timedelta(hours=1), to_at=NOW + timedelta(hours=hours), zh=zh, en="An upgrade")


def test_a_directory_tells_what_is_announced_and_not_over(tmp_path: Path):
    """One that is over is left out by its own time; a text of another hub's form is shown as it stands."""
    values = [notice(1).write(), notice(-0.5, "已经过去").write(), "周六停机维护".encode()]
    root = Authority.create(tmp_path / "ca", kind="transport", trial=True, now=NOW, name="T").root
    entries = {form.digest_key(form.NOTICE, value): value for value in values}
    view = directoryview.view(entries, serial=1, expires_at=NOW + timedelta(days=1), anchors=[root], trial=True)
    assert [each.zh for each in view.notices(NOW)] == ["消息服务升级", "周六停机维护"]
    for key, value in entries.items():
        directoryview.check_entry(key, value)


def test_the_desk_shows_it_in_the_readers_language():
    """Words and times; and nothing in its place when nothing is announced."""
    desk, access = Desk(), Access()
    with (
        Serving(build_app(desk, access)) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{serving.port}", trust_env=False, follow_redirects=True
        ) as browser,
    ):
        assert "维护通知" not in browser.get(access.address(serving.port)).text
        desk.announced = (notice(1),)
        shown = browser.get("/").text
        assert all(text in shown for text in ("维护通知", "消息服务升级", "11-26 11:00"))
        browser.cookies.set(LANGUAGE_COOKIE, "en")
        assert "An upgrade" in browser.get("/").text
