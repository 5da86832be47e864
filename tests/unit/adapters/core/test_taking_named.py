"""免提交: a license that the node holds is named instead of a paper, by whoever looked it up, and both sides see it."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import select, update

from adapters.boxes import inbox
from adapters.hall.revealing.tables import reveals
from adapters.hall.taking.fields import OPENING
from adapters.store import tables
from pages.people.person import Role
from schemas.envelope import Envelope
from schemas.workdays.hours import beijing_day
from tests.county_begun import begin_at
from tests.county_records import COMPANY, license_state_change
from tests.county_world import ISSUING, World
from tests.taking_world import CLERK, WHOLE, Counter, publish
from tests.unit.adapters.approving.test_approval_page import browser_of
from tests.unit.adapters.core.test_older_contracts import reading


@pytest.fixture
def counter(world: World) -> Counter:
    """A window whose node has the catalogue, and the license of an earlier case."""
    begin_at(world, "print.authorised")
    publish(world)
    return Counter(world=world)


def held(world: World) -> tuple[str, str]:
    """Identifier and holder's number of the license that is here."""
    county = world.window
    (row,) = county.rows(select(tables.inbox).where(tables.inbox.c.type == "license.issued"))
    with county.store.read() as tx:
        record = inbox.record_of(tx, county.identity, row.seq)
    return record["identifier"], record["holder_code"]


def find(counter: Counter, draft: str, number: str = "", material: str = "SFZ") -> httpx.Response:
    """查找证照."""
    return counter.browser.post(f"/take/drafts/{draft}/held/{material}", data={"number": number})


def name(counter: Counter, draft: str, identifier: str, material: str = "SFZ") -> httpx.Response:
    """免提交，用这份; without an identifier 改为收取."""
    return counter.browser.post(f"/take/drafts/{draft}/named/{material}", data={"identifier": identifier})


def newest(world: World) -> Envelope:
    """The application that the window sent last."""
    rows = world.window.rows(select(tables.outbox).where(tables.outbox.c.type == OPENING))
    return Envelope.parse(max(rows, key=lambda each: each.seq).body)


def test_a_license_is_found_by_its_holder_and_named_instead_of_a_paper(counter, world):
    """Offered open where the catalogue exempts; what was named counts as brought, checked by whom, and at the hub."""
    identifier, number = held(world)
    draft = counter.begin()
    assert re.search(r'<details class="share" open>', counter.get(f"/take/drafts/{draft}"))
    assert "E-SHARE-002" in find(counter, draft).text
    counter.type(draft, WHOLE)
    assert "没有这个号码的证照" in find(counter, draft).text, "the applicant himself holds none"
    found = find(counter, draft, f" {number.lower()} ").text
    assert COMPANY in found
    assert identifier in found
    answer = name(counter, draft, identifier).text
    assert "可信等级 A" in answer
    pressed = counter.press(draft)
    assert pressed.headers.get("HX-Redirect"), pressed.text
    said = counter.taker.taken_record(draft)[2]
    _application, named = said["materials"]
    assert named["named_license"] == {
        "license_identifier": identifier, "license_name": named["named_license"]["license_name"],
        "issuing_county": ISSUING, "checked_at": world.now,
    }  # fmt: skip
    assert (named["code"], named["trust"], named["compared_by"], named["copies"]) == ("SFZ", "A", "li", 1)
    assert newest(world).facts["named_licenses"] == [identifier]
    assert newest(world).facts["material_codes"] == ["SQB", "SFZ"]
    assert "免提交" in counter.get(f"/take/cases/{draft}/receipt")
    looks = [row.what for row in world.window.rows(select(reveals))]
    assert looks == ["search", "search"], "each search is in the book, also one that found nothing"


@pytest.mark.long
def test_what_was_named_can_be_brought_after_all(counter, world):
    """改为收取 takes the name back; the material is as open as it was, and nothing of the license is sent."""
    draft = counter.begin()
    counter.type(draft, WHOLE)
    name(counter, draft, held(world)[0])
    assert "免提交，用这份" not in name(counter, draft, "").text
    assert counter.press(draft).headers.get("HX-Redirect")
    assert [each["code"] for each in counter.taker.taken_record(draft)[2]["materials"]] == ["SQB"]
    assert newest(world).facts["named_licenses"] == []


@pytest.mark.long
def test_a_license_that_ended_or_that_nobody_holds_stands_for_nothing(counter, world):
    """Neither chosen nor, where it ended since, sent: the draft keeps everything else."""
    identifier, number = held(world)
    draft = counter.begin()
    counter.type(draft, WHOLE)
    assert "E-SHARE-001" in name(counter, draft, identifier[:-1]).text
    assert "E-PAGE-005" in name(counter, draft, identifier, material="SQB").text, "an application form is no license"
    name(counter, draft, identifier)
    change = license_state_change(license_identifier=identifier)
    world.issuing.source.add("license.state_changed", world.case_no(), change)
    world.settle()
    assert "现在不能用" in find(counter, draft, number).text
    assert "E-SHARE-001" in counter.press(draft).text
    assert "E-SHARE-001" in name(counter, draft, identifier).text


@pytest.mark.long
def test_a_county_that_reads_an_older_contract_is_asked_for_nothing_it_cannot_read(counter, world):
    """The clerk hears it at once, and takes the paper."""
    publish(world, **reading(world, ISSUING, "1.2"))
    draft = counter.begin()
    counter.type(draft, WHOLE)
    assert "E-SHARE-003" in name(counter, draft, held(world)[0]).text


def test_only_the_journal_gives_the_level_a(counter):
    """A clerk chooses B, C or D; A that is typed all the same is refused at its field."""
    draft = counter.begin()
    page = counter.get(f"/take/drafts/{draft}")
    assert '<option value="A"' not in page
    assert "A 级不由窗口选" in counter.type(draft, {**WHOLE, "m.SQB.trust": "A"})
    (problem,) = counter.taker.sheet(draft, CLERK).checked.at("m.SQB.trust")
    assert problem.error.code.code == "E-TAKE-016"
    assert "E-TAKE-020" in counter.press(draft).text


@pytest.mark.long
def test_what_is_no_more_kept_is_not_found(counter, world):
    """After the term of its case the content is gone, and so is the license from the search."""
    draft, (_, number) = counter.begin(), held(world)
    with world.window.store.write() as tx:
        tx.execute(update(tables.inbox).where(tables.inbox.c.type == "license.issued").values(record_sealed=b""))
    assert "没有这个号码的证照" in find(counter, draft, number).text


@pytest.mark.long
def test_the_issuing_county_sees_what_was_named_and_by_whom(counter, world):
    """State as of the hub's admission and as it knows itself, who checked; level and watermark of every other, too."""
    identifier, _number = held(world)
    draft = counter.begin()
    counter.type(draft, WHOLE)
    name(counter, draft, identifier)
    counter.press(draft)
    world.settle()
    case_no = counter.taker.standing(draft)[0].case_no
    assert "属地已签收" in counter.get(f"/take/cases/{draft}")
    with browser_of(world, Role.APPROVER) as approver:
        page = unescape(approver.get(f"/approvals/{case_no}").text)
    for text in ("免提交", "永济", "中枢准入时，存证账本里状态有效", "li 于", "A 由出具机关直接提供", "本县所知：",
                 "B 窗口已与原件核对", "此件经与原件核对无误，仅供办理政务服务事项时使用。"):  # fmt: skip
        assert text in page, text
    assert identifier not in page, "personal until somebody says what for"
    assert "此件经与原件核对无误" in counter.get(f"/take/cases/{draft}")


def copy(counter: Counter, draft: str, identifier: str, material: str = "SFZ", **changes: str) -> httpx.Response:
    """制作并附上."""
    form = {
        "identifier": identifier,
        "purpose": "办理公司设立登记",
        "until": str(beijing_day(counter.world.now)),
    } | changes
    return counter.browser.post(f"/take/drafts/{draft}/copied/{material}", data=form)


def test_an_annotated_copy_without_a_use_is_not_made(counter, world):
    """The purpose is always said, the day is one; and the file has to be whole."""
    draft, identifier = counter.begin(), held(world)[0]
    assert "做加注件" in find(counter, draft, held(world)[1]).text
    assert "E-SHARE-004" in copy(counter, draft, identifier, purpose=" ").text
    assert "E-SHARE-005" in copy(counter, draft, identifier, until="2099-01-01").text
    assert "E-SHARE-005" in copy(counter, draft, identifier, until="明天").text
    assert "E-LIC-040" in copy(counter, draft, identifier).text, "the seal of this world is a word"


@pytest.mark.long
def test_an_annotated_copy_travels_with_its_use_and_its_end(world):
    """Made on the page, looked at, sent as a file with its annotation; both sides read it, and hear when it ended."""
    begin_at(world, "print.authorised", sealed=True)
    publish(world)
    counter = Counter(world=world)
    draft, (identifier, _number) = counter.begin(), held(world)
    counter.type(draft, WHOLE)
    until = beijing_day(world.now) + timedelta(days=3)
    for _ in range(2):
        answer = copy(counter, draft, identifier, until=str(until))
        assert "可信等级 A" in answer.text
    assert len(re.findall("看加注件", answer.text)) == 1, "made twice, brought once"
    name(counter, draft, "")
    assert "看加注件" not in counter.get(f"/take/drafts/{draft}")
    copy(counter, draft, identifier, until=str(until))
    assert counter.press(draft).headers.get("HX-Redirect")
    said = counter.taker.taken_record(draft)[2]
    annotated = said["materials"][1]["annotation"]
    assert (annotated["license_identifier"], annotated["valid_until"]) == (identifier, until)
    assert annotated["maker"].endswith("政务服务窗口")
    assert [(each["material"], each["media_type"]) for each in said["files"]] == [(1, "application/pdf")]
    assert newest(world).facts["named_licenses"] == []
    world.settle()
    case_no = counter.taker.standing(draft)[0].case_no
    with browser_of(world, Role.APPROVER) as approver:
        page = unescape(approver.get(f"/approvals/{case_no}").text)
        assert "用途：办理公司设立登记" in page
        assert "仅供办理政务服务事项时使用，有效期至" in page
        assert "已过有效期" not in page
        world.later(days=4)
        assert "已过有效期" in unescape(approver.get(f"/approvals/{case_no}").text)


@pytest.mark.long
def test_an_expired_copy_is_not_sent(world):
    """A draft that lay too long: the press is refused, and the copy can be made anew."""
    begin_at(world, "print.authorised", sealed=True)
    publish(world)
    counter = Counter(world=world)
    draft, (identifier, _number) = counter.begin(), held(world)
    counter.type(draft, WHOLE)
    copy(counter, draft, identifier, until=str(beijing_day(world.now)))
    world.later(days=2)
    publish(world)
    assert "E-DOC-035" in counter.press(draft).text
    copy(counter, draft, identifier, until=str(beijing_day(world.now)))
    assert counter.press(draft).headers.get("HX-Redirect")
