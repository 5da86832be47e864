"""What each window power does: at the taking page, between two counties' real stores, and at the issuing county."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.authority.windowpowers import promised_on
from adapters.hall.taking.fields import OPENING
from adapters.local import troublebook
from adapters.printing.tables import SpoilReason
from adapters.store import tables
from schemas import codec
from schemas.errors import YunhuobanError
from tests.county_begun import begin_at
from tests.county_records import ITEM, START, acceptance, application, decision, material
from tests.county_world import ISSUING, WINDOW, World
from tests.powers_world import ALL, entries, granted
from tests.taking_world import WHOLE, Counter, publish, told_at
from tests.unit.adapters.around.saying import say
from tests.unit.adapters.around.test_around import states, twice

ACCEPTED = "application.accepted"
AT_WINDOW: Mapping[str, str] = {"window.acceptance": "accept"}


def records(world: World, code: str, box: str, kind: str) -> list[dict[str, Any]]:
    """What of one kind lies in a county's box, opened."""
    county, table = world.counties[code], tables.outbox if box == "outbox" else tables.inbox
    rows = county.rows(select(table).where(table.c.type == kind).order_by(table.c.seq))
    payloads = [county.identity.storage.open(row.record_sealed, place=f"{box}/{row.message_id}") for row in rows]
    return [codec.decode(each, "Application" if kind == OPENING else "Acceptance") for each in payloads]


def refused(world: World) -> list[tuple[str, str]]:
    """Which of the window's messages were refused, and by which code."""
    columns = tables.outbox.c
    return [
        tuple(row)
        for row in world.window.rows(select(columns.type, columns.refusal_code).where(columns.state == "refused"))
    ]


def of_local_system(world: World, number: str, **changes: Any) -> None:
    """The window's own system says an application; it is on its way afterwards, if it may go."""
    world.window.source.add(OPENING, number, application(**({"materials": [FORM]} | changes)))
    world.window.read()
    world.carry(world.window, deliver=False)


def troubles(world: World, code: str) -> str:
    """What a county's people are told."""
    with world.counties[code].store.read() as tx:
        return " ".join(each.code for each in troublebook.newest(tx))


def test_a_window_accepts_and_the_issuing_county_answers_by_itself(world: World) -> None:
    """The same number and moment, the promised day of its own item, once, although everything comes twice."""
    granted(world, "accept")
    counter = Counter(world=world)
    draft, case_no = counter.take(**AT_WINDOW, **{"m.SQB.trust": "C"})
    twice(world)
    (sent,) = records(world, WINDOW, "outbox", OPENING)
    said = sent["window_acceptance"]
    assert said == {"accept_doc_no": f"SL-{case_no}", "accepted_at": world.now, "clerk": "李窗口"}
    (answer,) = records(world, ISSUING, "outbox", ACCEPTED)
    assert (answer["accept_doc_no"], answer["accepted_at"]) == (said["accept_doc_no"], said["accepted_at"])
    assert answer["promised_on"] == promised_on(world.issuing.view(), ISSUING, ITEM, world.now)
    assert records(world, WINDOW, "inbox", ACCEPTED) == [answer]
    assert states(world, case_no) == ("accepted", "accepted")
    kinds = [row.type for row in world.issuing.rows(select(tables.local_writes).order_by(tables.local_writes.c.seq))]
    assert kinds == [OPENING, ACCEPTED]
    page = counter.get(f"/take/cases/{draft}")
    assert f"/take/cases/{draft}/acceptance.pdf" in page
    assert counter.browser.get(f"/take/cases/{draft}/acceptance.pdf").content.startswith(b"%PDF")


@pytest.mark.long
def test_a_local_system_may_say_the_acceptance_again(world: World) -> None:
    """It has heard of it and reports it as its own: nobody is troubled, nothing further is sent."""
    granted(world, "accept")
    _draft, case_no = Counter(world=world).take(**AT_WINDOW, **{"m.SQB.trust": "C"})
    world.settle()
    for number in (1, 2):
        world.issuing.source.add(ACCEPTED, case_no, acceptance(project_no=f"YJ{number}"))
        twice(world)
    assert len(records(world, ISSUING, "outbox", ACCEPTED)) == 1
    assert world.issuing.rows(select(tables.troubles)) == []
    assert states(world, case_no) == ("accepted", "accepted")


@pytest.mark.long
def test_without_the_power_nothing_is_accepted_at_the_window(world: World) -> None:
    """The page does not offer it; a power that was taken back meanwhile stands at its field, and nothing is sent."""
    publish(world)
    counter = Counter(world=world)
    draft = counter.begin()
    assert "由本窗口受理" not in counter.get(f"/take/drafts/{draft}")
    granted(world, "accept")
    assert "由本窗口受理" in counter.get(f"/take/drafts/{draft}")
    counter.type(draft, AT_WINDOW)
    granted(world, "inform")
    answer = counter.type(draft, AT_WINDOW)
    assert "收件受理权" in told_at(answer, "window.acceptance")
    assert counter.press(draft).headers.get("HX-Redirect") is None
    assert records(world, WINDOW, "outbox", OPENING) == []


FORM = material("公司登记申请书", code="SQB")
DONE = [
    ({"window_acceptance": {"accept_doc_no": "1", "accepted_at": START, "clerk": "李"}}, "E-POWER-001"),
    ({"once_notice": {"notice_no": "1", "defects": [], "notified_at": START, "clerk": "李"}}, "E-POWER-002"),
    ({"materials": [{**FORM, "trust": "B"}]}, "E-POWER-003"),
]


@pytest.mark.parametrize(("changes", "code"), DONE)
def test_what_no_power_was_given_for_is_neither_sent_nor_taken(
    world: World, changes: dict[str, Any], code: str
) -> None:
    """The window's own system is stopped at the window; what is on its way already, the issuing county refuses."""
    granted(world)
    of_local_system(world, "WQ1", **changes)
    assert code in troubles(world, WINDOW)
    assert records(world, WINDOW, "outbox", OPENING) == []
    granted(world, *ALL)
    of_local_system(world, "WQ2", **changes)
    kept, world.held = world.held, []
    granted(world)
    world.held = kept
    world.settle()
    assert refused(world) == [(OPENING, code)]
    assert world.issuing.rows(select(tables.cases)) == []


@pytest.mark.long
def test_a_window_that_does_not_ask_is_refused_by_the_issuing_county(world: World) -> None:
    """Signed and admitted, but done without a power: refused with the power's own code, and no case is opened."""
    granted(world, *ALL)
    counter = Counter(world=world)
    draft, case_no = counter.take(**AT_WINDOW)
    world.carry(world.window, deliver=False)
    kept, world.held = world.held, []
    granted(world, "inform")
    world.held = kept
    world.settle()
    assert refused(world) == [(OPENING, "E-POWER-001")]
    assert "E-POWER-001" in counter.get(f"/take/cases/{draft}")
    assert world.issuing.rows(select(tables.cases).where(tables.cases.c.case_no == case_no)) == []
    assert records(world, ISSUING, "outbox", ACCEPTED) == []


@pytest.mark.long
def test_it_is_the_day_at_the_window_that_counts(world: World) -> None:
    """What was accepted on the last day of a power is good, however late it comes."""
    today = (world.now + timedelta(hours=8)).date()
    granted(world, *ALL, valid_to=today)
    _draft, case_no = Counter(world=world).take(**AT_WINDOW)
    world.later(days=2)
    world.settle()
    assert states(world, case_no) == ("accepted", "accepted")


@pytest.mark.long
def test_originals_are_compared_only_with_the_power(world: World) -> None:
    """Where powers were stated without it, B is not offered and not sent; where none were stated, all is as it was."""
    publish(world)
    counter = Counter(world=world)
    draft = counter.begin()
    assert "B 窗口已与原件核对" in counter.get(f"/take/drafts/{draft}")
    granted(world, "accept")
    assert "B 窗口已与原件核对" not in counter.get(f"/take/drafts/{draft}")
    answer = counter.type(draft, {"m.SQB.taken_as": "original", "m.SQB.trust": "B"})
    assert "原件核验权" in told_at(answer, "m.SQB.trust")
    granted(world, "verify")
    assert "B 窗口已与原件核对" in counter.get(f"/take/drafts/{draft}")


@pytest.mark.long
def test_a_notice_of_everything_missing_is_given_once(world: World) -> None:
    """With the power: a paper, kept as it was told, and sent along; the same again however often it is pressed."""
    granted(world, "inform", "verify")
    counter = Counter(world=world)
    draft = counter.begin()
    assert "公司登记申请书" in counter.get(f"/take/drafts/{draft}").partition('id="missing"')[2]
    for _ in range(2):
        assert counter.browser.post(f"/take/drafts/{draft}/once").status_code == 200
    assert counter.browser.get(f"/take/drafts/{draft}/once.pdf").content.startswith(b"%PDF")
    counter.type(draft, WHOLE)
    assert counter.press(draft).headers["HX-Redirect"] == f"/take/cases/{draft}"
    world.settle()
    (sent,) = records(world, ISSUING, "inbox", OPENING)
    told = sent["once_notice"]
    assert (told["clerk"], told["notified_at"]) == ("李窗口", world.now)
    assert [(each["material_code"], each["material"]) for each in told["defects"]] == [("SQB", "公司登记申请书")]
    assert sent["window_acceptance"] is None


@pytest.mark.long
def test_without_the_power_the_page_only_says_what_is_missing(world: World) -> None:
    """No button, no paper; whoever calls for it all the same is told why. Nor is there one when nothing is missing."""
    publish(world)
    counter = Counter(world=world)
    draft = counter.begin()
    missing = counter.get(f"/take/drafts/{draft}").partition('id="missing"')[2]
    assert "公司登记申请书" in missing
    assert "出具一次性告知书" not in missing
    assert "E-POWER-002" in counter.browser.post(f"/take/drafts/{draft}/once").text
    assert "E-POWER-007" in counter.browser.get(f"/take/drafts/{draft}/once.pdf").text
    granted(world, "inform")
    counter.type(draft, {"m.SQB.taken_as": "original"})
    assert "E-POWER-006" in counter.browser.post(f"/take/drafts/{draft}/once").text


@pytest.mark.long
def test_a_result_is_printed_there_only_with_the_power(world: World) -> None:
    """Without it the license is made and sent, but no sheet is authorised."""
    case_no = begin_at(world, ACCEPTED)
    granted(world, "accept")
    say(world, WINDOW, case_no, "parcel.sent")
    world.settle()
    say(world, ISSUING, case_no, "parcel.received")
    world.issuing.source.add("decision.made", case_no, decision())
    world.settle()
    columns = tables.outbox.c
    kinds = [row.type for row in world.issuing.rows(select(columns.type).where(columns.case_no == case_no))]
    assert "license.issued" in kinds
    assert "print.authorised" not in kinds


@pytest.mark.long
def test_a_spoiled_sheet_is_not_replaced_where_the_power_was_taken_back(world: World) -> None:
    """The window's word stands; the issuing county's people are told by E-POWER-004 that the result goes by parcel."""
    case_no = begin_at(world, "print.claimed")
    publish(world, stated=entries("accept"))
    world.window.print_ready()
    world.window.sheets.spoil(f"{case_no}-D1-1", stock_serial="S1", reason=SpoilReason.JAM, by="desk")
    world.settle()
    assert "E-POWER-004" in troubles(world, ISSUING)
    assert refused(world) == []


def test_a_window_cannot_accept_what_has_no_promise(world: World) -> None:
    """Nobody could say by which day: E-POWER-005, before anything is signed."""
    publish(world, {f"implementation/{ISSUING}/{ITEM}": None}, stated=entries(*ALL))
    with pytest.raises(YunhuobanError, match="E-POWER-005"):
        promised_on(world.issuing.view(), ISSUING, ITEM, world.now)
