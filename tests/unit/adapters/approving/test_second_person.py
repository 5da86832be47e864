"""What the law lets nobody do alone or twice: procedures, an extension, a license's state; the clock follows each."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.hall.approving import proposals, rules
from adapters.hall.approving.acts import Act
from adapters.hall.approving.desk import ApprovalDesk
from adapters.hall.approving.papers import NOT_FILLED
from adapters.hall.approving.proposals import WAITS_ALREADY
from adapters.hall.approving.seconding import NOT_YOURSELF, SETTLED
from adapters.hall.approving.tables import proposals as rows
from adapters.hall.approving.weighing import EXTENDED_ONCE, NOT_HERE, TOO_LONG
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.store import tables
from pages import clockface
from pages.frame import NOT_THERE
from pages.people.person import Person, Role
from schemas import shapes
from schemas.catalogue import records
from schemas.catalogue.model import LimitUnit
from schemas.errors import Code, YunhuobanError
from schemas.licensestates import STATE_CHANGE_WRONG
from schemas.timelimits import PROMISE_LATE
from schemas.workdays.hours import beijing_day
from tests.catalogue_world import agreed
from tests.county_begun import begin_at
from tests.county_records import ITEM
from tests.county_world import ISSUING, WINDOW, World
from tests.unit.adapters.approving.test_approval_desk import ZHANG, accepted, desk_of, press

LI = Person(account="li", name="李局长", roles=frozenset({Role.APPROVER}))
WHY = "案情复杂，需要向外省核实。"


@pytest.fixture
def desk(world: World) -> ApprovalDesk:
    """The issuing county's desk."""
    return desk_of(world)


def sent(world: World, message_type: str) -> list[Any]:
    """The messages of a type that the authority has written."""
    return world.issuing.rows(select(tables.outbox.c.message_id).where(tables.outbox.c.type == message_type))


def said(world: World, message_type: str) -> dict[str, Any]:
    """What the only message of a type says."""
    (message,) = sent(world, message_type)
    with world.issuing.store.read() as tx:
        return dict(world.issuing.box.record(tx, message.message_id))


def only(desk: ApprovalDesk, case_no: str) -> str:
    """The one proposal that waits."""
    (waits,) = [each.proposal_id for each in desk.open(case_no).proposals if each.waits]
    return waits


def approve(
    desk: ApprovalDesk, case_no: str, person: Person = LI, proposal_id: str = "", *, alone: bool = False
) -> None:
    """The second person signs on paper."""
    chosen = proposal_id or only(desk, case_no)
    desk.seconding.approve(case_no, chosen, person=person, alone=alone, signature=None)


def publish(world: World, **changes: Any) -> None:
    """The catalogue says of the item what the test says, and twenty working days."""
    world.later(seconds=1)
    found = agreed(ITEM, [WINDOW, ISSUING])
    own: Any = found[f"implementation/{ISSUING}/{ITEM}"]
    found[own.key] = replace(own, **({"anticipate_day": 20, "anticipate_type": LimitUnit.WORKING_DAY} | changes))
    state = dict(world.issuing.view().entries) | records.entries(found.values())
    world.hub.serial += 1
    world.issuing.arrive_directory(*world.hub.published(state, now=world.now))
    world.issuing.handle()


def told(found: Any) -> str:
    """The rules beside a paper, as they are read."""
    return " ".join(each.text.format(**each.params) for each in found)


def test_a_special_procedure_stops_the_clock_until_its_result(world: World, desk: ApprovalDesk) -> None:
    """Opened with a reason, the inbox says that the limit stands still; closed, it runs on; its kind is asked once.

    While it is open nothing is decided; the window hears of both.
    """
    case_no = begin_at(world, "application.submitted")
    publish(world, special_procedure="专家评审 15 个工作日")
    accepted(desk, case_no)
    assert "专家评审 15 个工作日" in told(desk.paper(case_no, Act.OPEN_PROCEDURE).rules)
    until = str(beijing_day(world.now) + timedelta(days=20))
    with pytest.raises(YunhuobanError, match=NOT_FILLED.code):
        press(desk, case_no, Act.OPEN_PROCEDURE, procedure="hearing", expected_until=until, reasons=" ")
    press(desk, case_no, Act.OPEN_PROCEDURE, procedure="hearing", expected_until=until, reasons=WHY)
    (line,) = desk.inbox()
    assert [each.label.text for each in clockface.standing(line.clock)] == ["特别程序期间，时限暂停"]
    assert desk.open(case_no).offered == [Act.CLOSE_PROCEDURE, Act.TERMINATE]
    with pytest.raises(YunhuobanError, match=NOT_HERE.code):
        desk.paper(case_no, Act.GRANT)
    world.later(days=3)
    paper = desk.paper(case_no, Act.CLOSE_PROCEDURE)
    assert [each.name for each in paper.asks] == ["result"]
    assert paper.rules[0].subject == "听证"
    press(desk, case_no, Act.CLOSE_PROCEDURE, result="听证会认为符合条件。")
    assert said(world, "procedure.closed")["procedure"] == "hearing"
    (line,) = desk.inbox()
    assert line.clock.paused_at is None
    assert line.state == "accepted"
    world.settle()
    here = world.window.rows(select(tables.inbox.c.type).where(tables.inbox.c.state == "applied"))
    assert {("procedure.opened",), ("procedure.closed",)} <= set(here)


def test_an_extension_takes_two_persons_and_is_given_once(world: World, desk: ApprovalDesk) -> None:
    """Proposed by one it says nothing to anybody; the other one's name stands in the message, and the clock follows.

    Whoever proposed it cannot approve it; a second approval, a second proposal and a second extension do nothing.
    """
    case_no, action_id = begin_at(world, "application.submitted"), str(uuid.uuid4())
    publish(world)
    accepted(desk, case_no)
    before = {each.kind: each.at for each in desk.open(case_no).line.clock.dues}
    for _ in range(2):
        press(desk, case_no, Act.EXTEND, action_id, extended_days="3", reasons=WHY)
    assert sent(world, "deadline.extended") == []
    assert [each.act for each in desk.waiting()[case_no]] == [Act.EXTEND]
    with pytest.raises(YunhuobanError, match=WAITS_ALREADY.code):
        press(desk, case_no, Act.EXTEND, extended_days="2", reasons=WHY)
    with pytest.raises(YunhuobanError, match=NOT_YOURSELF.code):
        approve(desk, case_no, ZHANG)
    proposal_id = only(desk, case_no)
    assert desk.seconding.open(case_no, proposal_id, person=ZHANG, alone=False).own
    read = desk.seconding.open(case_no, proposal_id, person=LI, alone=False)
    assert WHY in [each.value for each in read.answers]
    for _ in range(2):
        world.issuing.start()
        approve(desk_of(world), case_no, proposal_id=proposal_id)
    record = said(world, "deadline.extended")
    assert (record["approver"], record["approver_no"], record["extended_days"]) == ("李局长", "li", 3)
    desk = desk_of(world)
    found = desk.open(case_no)
    after = {each.kind: each.at for each in found.line.clock.dues}
    assert found.line.clock.extended_days == 3
    assert all(after[kind] > at for kind, at in before.items())
    assert [(each.proposed_by, each.settled_by, each.outcome) for each in found.proposals] == [
        ("zhang", "li", "approved")
    ]
    assert Act.EXTEND not in found.offered
    with pytest.raises(YunhuobanError, match=EXTENDED_ONCE.code):
        desk.paper(case_no, Act.EXTEND)
    with pytest.raises(YunhuobanError, match=SETTLED.code):
        desk.seconding.give_back(case_no, proposal_id, "不同意", person=LI)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"extended_days": "4"}, TOO_LONG),  # a registration: three at most
        ({"extended_days": "三"}, NOT_FILLED),
        ({"promised_on": "2099-01-01"}, PROMISE_LATE),
        ({"reasons": ""}, NOT_FILLED),
    ],
)
def test_what_the_law_does_not_allow_is_not_even_proposed(
    world: World, desk: ApprovalDesk, answers: dict[str, str], code: Code
) -> None:
    """Told to who proposes it, in words, with what would be allowed; nothing waits."""
    case_no = begin_at(world, "application.submitted")
    publish(world)
    accepted(desk, case_no)
    assert "至多 3 个工作日" in told(desk.paper(case_no, Act.EXTEND).rules)
    with pytest.raises(YunhuobanError, match=code.code) as refused:
        press(desk, case_no, Act.EXTEND, **({"reasons": WHY} | answers))
    assert refused.value.expected
    assert desk.waiting() == {}


def test_a_proposal_is_returned_with_a_reason_and_can_be_made_anew(world: World, desk: ApprovalDesk) -> None:
    """By the second person or by who made it; the reason stays sealed in the store and is read on the page."""
    case_no = begin_at(world, "application.submitted")
    accepted(desk, case_no)
    press(desk, case_no, Act.EXTEND, extended_days="2", reasons=WHY)
    proposal_id = only(desk, case_no)
    with pytest.raises(YunhuobanError, match=NOT_FILLED.code):
        desk.seconding.give_back(case_no, proposal_id, " ", person=LI)
    for _ in range(2):
        desk.seconding.give_back(case_no, proposal_id, "理由不充分", person=LI)
    assert desk.seconding.open(case_no, proposal_id, person=ZHANG, alone=False).why == "理由不充分"
    with pytest.raises(YunhuobanError, match=SETTLED.code):
        approve(desk, case_no, proposal_id=proposal_id)
    (row,) = world.issuing.rows(select(rows.c.answers_sealed, rows.c.why_sealed))
    assert WHY.encode() not in row.answers_sealed
    assert "理由".encode() not in row.why_sealed
    press(desk, case_no, Act.EXTEND, extended_days="2", reasons=WHY)
    assert only(desk, case_no) != proposal_id


def test_who_stands_at_the_machine_of_a_trial_is_both(world: World, desk: ApprovalDesk) -> None:
    """Nobody has signed in there; the book says that it was the same."""
    case_no = begin_at(world, "application.submitted")
    accepted(desk, case_no)
    press(desk, case_no, Act.EXTEND, extended_days="2", reasons=WHY)
    approve(desk, case_no, ZHANG, alone=True)
    with world.issuing.store.read() as tx:
        (found,) = proposals.of_case(tx, case_no)
    assert found.proposed_by == found.settled_by == "zhang"


def test_what_the_case_no_longer_allows_is_not_approved(world: World, desk: ApprovalDesk) -> None:
    """Between proposal and approval the case was decided: the second person is told, and nothing is said."""
    case_no = begin_at(world, "application.submitted")
    accepted(desk, case_no)
    press(desk, case_no, Act.EXTEND, extended_days="2", reasons=WHY)
    press(desk, case_no, Act.DENY, reasons=WHY)
    with pytest.raises(YunhuobanError, match=NOT_HERE.code):
        approve(desk, case_no)
    with pytest.raises(YunhuobanError, match=NOT_THERE.code):
        approve(desk, case_no, proposal_id=str(uuid.uuid4()))


def test_a_license_that_ends_takes_its_unused_authorisations_along(world: World, desk: ApprovalDesk) -> None:
    """Proposed, approved: the window's sheet cannot be printed any more, which the paper said beforehand."""
    case_no = begin_at(world, "print.authorised")
    (own,) = desk.open(case_no).licenses
    assert own.state == "valid"
    assert "还有 1 份打印授权没有用完" in told(desk.paper(case_no, Act.CHANGE_STATE).rules)
    press(desk, case_no, Act.CHANGE_STATE, license_state="revoked", reasons=WHY)
    world.settle()
    assert [each.state.value for each in prints(world)] == ["authorised"]
    approve(desk, case_no)
    world.settle()
    assert [each.state.value for each in prints(world)] == ["revoked"]
    assert desk.open(case_no).licenses[0].state == "revoked"
    assert Act.CHANGE_STATE not in desk.open(case_no).offered
    assert desk.search(own.identifier) == desk.search(case_no) == case_no
    assert desk.search("130928-20990101-000001-3") is None


@pytest.mark.long
def test_a_suspension_ends_and_what_no_license_does_is_refused(world: World, desk: ApprovalDesk) -> None:
    """Suspended, then valid again, the sheet is still there; a successor belongs to a superseded license alone."""
    case_no = begin_at(world, "print.authorised")
    for state in ("suspended", "valid"):
        press(desk, case_no, Act.CHANGE_STATE, license_state=state, reasons=WHY)
        approve(desk, case_no)
        world.settle()
        assert desk.open(case_no).licenses[0].state == state
        assert [each.state.value for each in prints(world)] == ["authorised"]
    for answers, code in (
        ({"license_state": "valid"}, STATE_CHANGE_WRONG.code),
        ({"license_state": "superseded"}, "E-DOC-008"),
        ({"license_state": "superseded", "successor": "1.2.156.nothing"}, "E-ID-"),
        ({"license_state": "revoked", "license_identifier": "another"}, "E-LIC-103"),
    ):
        with pytest.raises(YunhuobanError, match=code):
            press(desk, case_no, Act.CHANGE_STATE, **({"reasons": WHY} | answers))


def prints(world: World) -> list[Any]:
    """The window's print ledger."""
    with world.window.store.read() as tx:
        return list(ledger.entries(tx, states=set(PrintState)))


def test_every_state_of_the_contract_has_its_basis() -> None:
    """What the paper says beside each state that a license may go to."""
    assert sorted(rules._BASES) == sorted(shapes.raw()["LicenseState"]["symbols"])
