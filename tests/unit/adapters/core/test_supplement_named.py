"""免提交 in a supplement: a license stands for what the notice asks for, looked at once more at the press."""

from html import unescape

import pytest
from sqlalchemy import select

from adapters.boxes import inbox
from adapters.store import tables
from pages.people.person import Role
from schemas.workdays.hours import beijing_day
from tests.county_begun import begin_at
from tests.county_records import license_state_change, supplement_request
from tests.county_world import ISSUING, World
from tests.taking_world import Counter, publish
from tests.unit.adapters.approving.test_approval_page import browser_of
from tests.unit.adapters.core.test_older_contracts import reading
from tests.unit.adapters.core.test_taking_named import copy, find, held, name
from tests.unit.adapters.core.test_taking_supplement import PROVIDED, begin, provided, supply

ASKED = [
    {"material_code": "SFZ", "material": "身份证明", "problem": "没有提交。", "remedy": "请提交。"},
    {"material_code": None, "material": "身份证明", "problem": "没有提交。", "remedy": "请提交。"},
    {"material_code": "SQB", "material": "公司登记申请书", "problem": "没有签名。", "remedy": "请补签。"},
    {"material_code": None, "material": "住所证明", "problem": "没有提交。", "remedy": "请提交。"},
]
"""What the catalogue exempts, by its code and by its name; and two for which no license stands."""


@pytest.fixture
def counter(world: World) -> Counter:
    """A window whose node has the catalogue, and the license of an earlier case."""
    return standing(world)


def standing(world: World, *, sealed: bool = False) -> Counter:
    """The same; `sealed` makes the license in earnest."""
    begin_at(world, "print.authorised", sealed=sealed)
    publish(world)
    return Counter(world=world)


def asked_for(counter: Counter) -> tuple[str, str, str]:
    """A supplement that a clerk has begun: the application's draft, its case number and the supplement's draft."""
    draft, case_no = counter.take()
    counter.world.settle()
    counter.world.issuing.source.add("supplement.requested", case_no, supplement_request(defects=ASKED))
    counter.world.settle()
    return draft, case_no, begin(counter, draft)


def test_a_license_stands_for_what_the_notice_asks_for(counter, world):
    """Found by the applicant's number or another, named, sent with who looked it up; both counties see it as such."""
    identifier, number = held(world)
    draft, case_no, begun = asked_for(counter)
    assert "没有这个号码的证照" in find(counter, begun, material="d1").text, "the applicant of the application"
    assert identifier in find(counter, begun, number, material="d1").text
    for row in ("d1", "d2"):
        assert "提交补正时本节点再核对一次" in name(counter, begun, identifier, material=row).text
    for row in ("d3", "d4"):
        assert "E-PAGE-005" in name(counter, begun, identifier, material=row).text, "no license stands for that"
    assert "免提交，用这份" not in name(counter, begun, "", material="d2").text
    assert supply(counter, begun).headers.get("HX-Redirect") == f"/take/cases/{draft}"
    world.settle()
    assert provided(world) == [("received", None)]
    (row,) = world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == PROVIDED))
    with world.issuing.store.read() as tx:
        (named,) = inbox.record_of(tx, world.issuing.identity, row.seq)["materials"]
    assert named["named_license"] == {
        "license_identifier": identifier, "license_name": named["named_license"]["license_name"],
        "issuing_county": ISSUING, "checked_at": world.now,
    }  # fmt: skip
    assert (named["name"], named["code"], named["trust"], named["compared_by"]) == ("身份证明", "SFZ", "A", "li")
    at_window = counter.get(f"/take/cases/{draft}")
    with browser_of(world, Role.APPROVER) as approver:
        at_desk = unescape(approver.get(f"/approvals/{case_no}").text)
    for page in (at_window, at_desk):
        assert "免提交" in page
        assert "随补正指名" in page
        assert "中枢准入时，存证账本里状态有效" not in page, "the hub does not see what a supplement names"
        assert identifier not in page
    assert "本县所知：" in at_desk


@pytest.mark.long
def test_a_license_that_ended_stands_for_nothing_in_a_supplement(counter, world):
    """Ended after it was named, the press is refused and the draft stays; taken after all, it goes."""
    (identifier, _number), issued_in = held(world), world.case_no()
    _draft, _case, begun = asked_for(counter)
    name(counter, begun, identifier, material="d1")
    change = license_state_change(license_identifier=identifier)
    world.issuing.source.add("license.state_changed", issued_in, change)
    world.settle()
    assert "E-SHARE-001" in supply(counter, begun).text
    assert "E-SHARE-001" in name(counter, begun, identifier, material="d1").text
    assert provided(world) == []
    name(counter, begun, "", material="d1")
    counter.type(begun, {"m.d1.taken_as": "copy", "m.d1.trust": "C"})
    assert supply(counter, begun).headers.get("HX-Redirect")


@pytest.mark.long
def test_a_county_that_reads_an_older_contract_is_asked_to_read_nothing_new(counter, world):
    """Heard when it is named, and at the press when the county went back since."""
    identifier, _number = held(world)
    _draft, _case, begun = asked_for(counter)
    name(counter, begun, identifier, material="d1")
    publish(world, **reading(world, ISSUING, "1.2"))
    assert "E-SHARE-003" in supply(counter, begun).text
    assert "E-SHARE-003" in name(counter, begun, identifier, material="d1").text


@pytest.mark.long
def test_an_annotated_copy_answers_a_notice(world):
    """It goes as the file of its material; one that has expired meanwhile is refused."""
    counter = standing(world, sealed=True)
    identifier, _number = held(world)
    _draft, case_no, begun = asked_for(counter)
    assert "可信等级 A" in copy(counter, begun, identifier, material="d1").text
    world.later(days=2)
    publish(world)
    assert "E-DOC-035" in supply(counter, begun).text
    copy(counter, begun, identifier, material="d1", until=str(beijing_day(world.now)))
    assert supply(counter, begun).headers.get("HX-Redirect")
    world.settle()
    (row,) = world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == PROVIDED))
    with world.issuing.store.read() as tx:
        said = inbox.record_of(tx, world.issuing.identity, row.seq)
    assert said["materials"][0]["annotation"]["license_identifier"] == identifier
    assert [(each["material"], each["name"]) for each in said["files"]] == [(0, "身份证明-1.pdf")]
    with browser_of(world, Role.APPROVER) as approver:
        assert "用途：办理公司设立登记" in unescape(approver.get(f"/approvals/{case_no}").text)
