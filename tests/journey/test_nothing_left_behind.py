"""A whole case at a node with a real printer: preview, sheets, upload, calibration, export; every file is searched.

The node has a folder of its own for temporary files. What its own store holds is sealed; nothing else may hold a word.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.store import open_store
from certs.atrest import AtRest
from deploy.demo.stage import Stage
from deploy.demo.world import WUQIAO, YONGJI, build
from pages.access import CSRF_HEADER, Access
from pages.cookies import cookie_name
from tests.brokers import require_broker
from tests.journey.real_stage import Words, write_application
from tests.journey.road import Road, left_behind
from tests.journey.test_privacy import files, found_in, hits
from tests.people_world import People
from tests.printers import require_printer

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

WORDS = Words(applicant="慕容㐂留", number="130928199003074511", company="永济市鹳雀留痕机械配件有限公司")
LOCAL_NO = "WQ19990101000009"


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """A stage of its own, whose nodes have a temporary folder that nobody else writes into."""
    require_broker()
    require_printer()
    world = build(tmp_path_factory.mktemp("left"))
    temporary = world.folder / "temporary"
    temporary.mkdir()
    own = {plan.code: {"TMPDIR": str(temporary)} for plan in (WUQIAO, YONGJI)}
    with Stage(world, environments=own) as stage:
        made = Road(stage)
        yield made
        for window in made.windows.values():
            window.leave()
    assert left_behind(world.folder) == []


def signed_in(session: str, port: int) -> httpx.Client:
    """A browser with a session at the window's pages."""
    headers, cookies = {CSRF_HEADER: Access().csrf(session)}, {cookie_name(port): session}
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers=headers, cookies=cookies, trust_env=False, timeout=60,
        follow_redirects=True,
    )  # fmt: skip


def test_no_file_of_the_node_names_the_person(road: Road) -> None:
    """Node's folder, its temporary folder, all logs: no word of the person; no file beside those a node keeps."""
    write_application(road, LOCAL_NO, WORDS)
    (case_no,) = road.cases(WUQIAO.code, [LOCAL_NO])
    folder, window = road.world.county(WUQIAO.code), road.windows[WUQIAO.code]
    road.finish(WUQIAO.code, [case_no])
    browser = window._signed_in()._client
    port = browser.base_url.port or httpx.URL(str(browser.get("/authorisations").url)).port or 0
    browser.headers[CSRF_HEADER] = Access().csrf(browser.cookies[cookie_name(port)])
    number = window.numbers(case_no)[0] if window.numbers(case_no) else f"{case_no}-D1-1"
    assert browser.get(f"/authorisations/{number}/preview.png").content.startswith(b"\x89PNG")

    (sheet,) = road.sheets(case_no)
    printed = road.sheet_file(sheet).read_bytes()
    assert browser.post("/verify", files={"file": (f"{WORDS.applicant}.pdf", printed)}).status_code == 200

    road.stage.command("adapters", "printer", "add", "a4-1", road.stage.printer.url, "-d", str(folder))
    page = browser.get("/printers").text
    place = re.search(r'hx-post="(/printers/[^"]+/sheet)"', page)
    target = re.search(r'<option value="([^"]+)"', page)
    assert place is not None
    assert target is not None
    assert browser.post(place[1], data={"target": target[1], "white": "yes"}).status_code == 200

    given = exported(port, folder)
    assert given.startswith(b"PK")
    temporary = road.world.folder / "temporary"
    assert files(temporary) == []
    everything = [*files(folder), *files(road.world.county(YONGJI.code)), *files(road.world.folder / "logs")]
    assert {"county.sqlite", f"{WUQIAO.code}.log"} <= {each.name for each in everything}
    assert hits(everything, [*WORDS.personal(), WORDS.number[:17]]) == {}
    assert [each.name for each in everything if each.suffix in (".pdf", ".png", ".xlsx")] == []
    assert found_in("\n".join(map(str, everything)).encode(), WORDS.personal()) == []


def exported(port: int, folder: Path) -> bytes:
    """County IT searches and asks, the auditor approves, county IT takes the file, over HTTP."""
    store = open_store(f"sqlite:///{folder / 'county.sqlite'}")
    people = People(store=store, sealing=AtRest(folder / "certs" / "storage"), at=datetime.now(UTC))
    sessions = {name: people.enrolled(name, role) for name, role in (("it.one", "county_it"), ("audit", "auditor"))}
    store.close()
    with signed_in(sessions["it.one"], port) as it, signed_in(sessions["audit"], port) as audit:
        shown = it.post("/subject", data={"number": WORDS.number, "purpose": "subject"}).text
        assert "license.issued" in shown
        assert found_in(shown.encode(), [WORDS.number, WORDS.applicant]) == []
        asked = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown.partition('action="/exports"')[2]))
        assert "EX-000001" in it.post("/exports", data={**asked, "form": "xlsx"}).text
        assert audit.post("/exports/1/approve").status_code == 200
        return it.post("/exports/1/file").content
