"""The approval desk shows how much of each file is here, and a file as pictures for a purpose; nothing waits for it."""

from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from adapters.attachments.tables import parts, received
from adapters.hall.approving.acts import Act
from adapters.hall.privacy.retaining.keeper import Keeper
from adapters.hall.privacy.retaining.rules import rules_of
from adapters.hall.privacy.subject.found import Kind
from adapters.hall.privacy.subject.searching import search
from adapters.hall.revealing.tables import reveals
from adapters.hall.taking import enclosing
from adapters.hall.taking.enclosing import Enclosed
from adapters.settings import RetentionSettings
from adapters.store import tables
from pages.people.person import Role
from schemas.attachments import PART_BYTES
from tests.taking_world import IDENTITY_NO, PDF
from tests.unit.adapters.approving.test_approval_desk import desk_of, press
from tests.unit.adapters.approving.test_approval_page import browser_of
from tests.unit.adapters.attachments.conftest import scan


def test_a_file_is_shown_as_it_comes_and_as_pictures_when_it_is_here(road):
    """X / y MB while it comes; then pages as pictures for whoever said what for, and a row in the book of looks."""
    case_no = road.take(PDF + b"%" * (2 * PART_BYTES) + b"\n%%EOF\n")
    place = f"/approvals/{case_no}"
    with browser_of(road.world, Role.APPROVER) as browser:
        assert "0.0 / 1.0 MB" in unescape(browser.get(place).text)
        road.parts.settle(until=lambda: road.coming(case_no)[0].here_bytes > 0)
        road.parts.settle()
        (found,) = road.coming(case_no)
        page = unescape(browser.get(place).text)
        assert "已到，核对无误" in page
        assert "公司登记申请书-1.pdf" in page
        assert "B 窗口已与原件核对" in page
        file = f"{place}/files/{found.file_id}"
        assert file not in page
        assert "E-LOOK-001" in browser.get(file).text
        assert "E-LOOK-001" in browser.post(f"{place}/looks", data={"purpose": "because"}).text
        assert file in browser.post(f"{place}/looks", data={"purpose": "examine"}).text
        assert "共 2 页" in browser.get(f"{file}?page_no=7").text
        picture = browser.get(f"{file}/2.png")
        assert picture.headers["content-type"] == "image/png"
        assert picture.headers["cache-control"] == "no-store"
        assert picture.content.startswith(b"\x89PNG")
        assert "E-PAGE-005" in browser.get(f"{file}/3.png").text
        assert "E-PAGE-005" in browser.get(f"{place}/files/0e8dd07b-5d34-4f1c-9f0e-6a36a3a0a1b2").text
    assert len(road.world.issuing.rows(select(reveals).where(reveals.c.what == "scans"))) == 1
    with road.world.issuing.store.read() as tx:
        about = search(tx, road.world.issuing.identity, IDENTITY_NO, revealed=False)
    (told,) = [each.said for each in about.found if each.kind is Kind.SCAN]
    assert found.sha256.hex() in told, "whoever asks what is held about a person hears of the file, too"


def test_an_act_is_done_while_files_are_on_their_way(road):
    """The answer goes out and is applied before the first byte has come; a file that never comes says why."""
    case_no = road.take(scan(10))
    desk = desk_of(road.world)
    press(desk, case_no, Act.ACCEPT)
    road.world.settle()
    assert road.states(case_no) == ["coming"]
    told = road.world.window.rows(select(tables.inbox.c.type).where(tables.inbox.c.state == "applied"))
    assert ("application.accepted",) in told
    with road.world.issuing.store.write() as tx:
        tx.execute(received.update().values(state="failed", code="E-PART-010"))
    with browser_of(road.world, Role.AUDITOR) as browser:
        page = unescape(browser.get(f"/approvals/{case_no}").text)
    assert "没有传来" in page
    assert "E-PART-010" in page
    assert "发送方已经没有这个附件" in page


def test_a_message_whose_files_are_not_its_attachments_is_refused(road, monkeypatch):
    """What the envelope announces and what the record names must be the same (E-ENV-113): the sender is told."""

    def lying(*given: Any) -> Enclosed:
        made = enclosing.enclose(*given)
        return replace(made, files=[each | {"size_bytes": 5} for each in made.files])

    monkeypatch.setattr("adapters.boxes.outbox.check_files", lambda *_: None)
    monkeypatch.setattr("adapters.hall.taking.pressing.enclose", lying)
    case_no = road.take(scan(10))
    (row,) = road.world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == "application.submitted"))
    assert (row.state, row.refusal_code) == ("refused", "E-ENV-113")
    assert road.coming(case_no) == []


@pytest.mark.long
def test_files_go_with_the_contents_of_their_case(road):
    """After the county's term no part and no key is left; the row says that there was one, and what came of it."""
    case_no = road.take(scan(10))
    road.parts.settle()
    county = road.world.issuing
    with county.store.write() as tx:
        tx.execute(tables.cases.update().values(state="closed"))
        tx.execute(tables.outbox.update().values(state="received"))
        tx.execute(tables.local_writes.update().values(done=True))
    keeper = Keeper(county.store, rules_of(RetentionSettings(messages_days=30)), road.world.clock)
    keeper.run_once()
    assert road.states(case_no) == ["whole"]
    road.world.later(days=31)
    while keeper.run_once():
        pass
    assert county.rows(select(parts)) == []
    assert county.rows(select(received.c.state, received.c.about_sealed)) == [("whole", b"")]
    assert road.coming(case_no) == []
