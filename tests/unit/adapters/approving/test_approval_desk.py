"""A county without a system of its own decides at the desk: once per press, in its turn, seen only for a purpose."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.case.workplace import Workplace
from adapters.hall.approving import acts, papers
from adapters.hall.approving.acts import Act
from adapters.hall.approving.desk import ApprovalDesk
from adapters.hall.approving.files import CaseFiles
from adapters.hall.approving.weighing import NOT_HERE
from adapters.hall.revealing import book
from adapters.hall.revealing.book import NO_PURPOSE
from adapters.hall.taking.picturing import Picturing
from adapters.local.mapping import load_mapping
from adapters.store import tables
from pages.frame import NOT_THERE
from pages.people.person import Person, Role
from schemas.documents import DEFECTS_MISSING
from schemas.errors import YunhuobanError
from schemas.identifiers.credit import CREDIT_CHECK
from schemas.workdays.hours import beijing_day
from tests.county_begun import begin_at
from tests.county_records import COMPANY, IDENTITY_NO, NAME
from tests.county_world import ISSUING, WINDOW, World
from tests.unit.adapters.recording.test_recording_any import COUNTIES

ZHANG = Person(account="zhang", name="张批准", roles=frozenset({Role.APPROVER}))
REMEDIES = "可以在六十日内向永济市人民政府申请行政复议。"
CREDIT_CODE = "91140881MA00000745"


@pytest.fixture
def desk(world: World) -> ApprovalDesk:
    """The issuing county's desk."""
    return desk_of(world)


def desk_of(world: World, code: str = ISSUING, elsewhere: frozenset[str] = frozenset()) -> ApprovalDesk:
    """A county's desk."""
    county = world.counties[code]
    place = Workplace(
        county=code, store=county.store, identity=county.identity, box=county.box, directory=county.directory,
        elsewhere=elsewhere, clock=world.clock, sent=lambda: None,
    )  # type: ignore[arg-type]  # fmt: skip
    return ApprovalDesk(place, remedies=REMEDIES)


def files_of(world: World, code: str = ISSUING) -> CaseFiles:
    """The files of its cases."""
    return CaseFiles(desk_of(world, code)._place, Picturing())


def press(desk: ApprovalDesk, case_no: str, act: Act, action_id: str = "", **said: str) -> None:
    """Fill in the paper as proposed, but for what is said, and submit it."""
    answers = {each.name: each.proposed for each in desk.paper(case_no, act).asks} | said
    defects = [{"material": "公司章程", "problem": "没有签名", "remedy": "由全体股东签名"}]
    desk.act(case_no, act, answers, defects, person=ZHANG, action_id=action_id or str(uuid.uuid4()))


def accepted(desk: ApprovalDesk, case_no: str) -> None:
    """Accept with a promise."""
    press(desk, case_no, Act.ACCEPT, promised_on=str(beijing_day(desk._place.clock()) + timedelta(days=10)))


def test_a_case_is_decided_at_the_desk_and_printed_at_the_window(world: World, desk: ApprovalDesk) -> None:
    """Supplement, acceptance, grant: the license is made of it and authorised, as if a local system had said so."""
    case_no = begin_at(world, "application.submitted")
    assert [each.case_no for each in desk.inbox()] == [case_no]
    assert desk_of(world, WINDOW).inbox() == []
    press(desk, case_no, Act.SUPPLEMENT)
    world.settle()
    told = world.window.rows(select(tables.inbox.c.type).where(tables.inbox.c.state == "applied"))
    assert ("supplement.requested",) in told
    accepted(desk, case_no)
    press(desk, case_no, Act.GRANT, license_number=CREDIT_CODE)
    world.settle()
    assert desk.open(case_no).line.state == "licensed"
    assert world.issuing.sealer.requests[0].approver_no == "zhang"
    assert [each.holder_masked for each in world.window.desk.authorisations()] == [COMPANY]


def test_a_press_acts_once_whatever_is_restarted(world: World, desk: ApprovalDesk) -> None:
    """The same press again, after a restart, makes no second message and says nothing; another finds its turn over."""
    case_no, action_id = begin_at(world, "application.submitted"), str(uuid.uuid4())
    answers = {each.name: each.proposed for each in desk.paper(case_no, Act.ACCEPT).asks} | {
        "promised_on": str(beijing_day(world.now) + timedelta(days=9))
    }
    for _ in range(2):
        world.issuing.start()
        desk_of(world).act(case_no, Act.ACCEPT, answers, (), person=ZHANG, action_id=action_id)
    sent = select(tables.outbox.c.type).where(tables.outbox.c.type == "application.accepted")
    assert len(world.issuing.rows(sent)) == 1
    with pytest.raises(YunhuobanError, match=NOT_HERE.code):
        desk.act(case_no, Act.ACCEPT, answers, (), person=ZHANG, action_id=str(uuid.uuid4()))


def test_only_the_county_that_decides_sees_the_case_and_only_what_its_system_does_not_say_is_offered(
    world: World,
) -> None:
    """The window's desk does not open it; a county with its own system is shown everything and offered nothing."""
    case_no = begin_at(world, "application.submitted")
    with pytest.raises(YunhuobanError, match=NOT_THERE.code):
        desk_of(world, WINDOW).open(case_no)
    elsewhere = acts.said_elsewhere(load_mapping(COUNTIES / "yongji_140881").rules)
    shown = desk_of(world, elsewhere=elsewhere)
    assert shown.open(case_no).shows_only
    assert shown.open(case_no).offered == []
    with pytest.raises(YunhuobanError, match=NOT_HERE.code):
        shown.paper(case_no, Act.ACCEPT)


def test_what_is_personal_is_hidden_until_somebody_says_why(world: World, desk: ApprovalDesk) -> None:
    """Masked by default; in full for a purpose, of which a row remains; without one, nothing."""
    case_no = begin_at(world, "application.submitted")
    hidden = f"{desk.open(case_no)}"
    assert NAME not in hidden
    assert IDENTITY_NO not in hidden
    assert "***" in hidden
    assert "公司章程" in hidden
    with pytest.raises(YunhuobanError, match=NO_PURPOSE.code):
        desk.reveal(case_no, person=ZHANG, purpose="curiosity")
    with world.issuing.store.read() as tx:
        assert book.looks(tx) == []
    shown = f"{desk.reveal(case_no, person=ZHANG, purpose='examine')}"
    assert NAME in shown
    assert IDENTITY_NO in shown
    with world.issuing.store.read() as tx:
        (look,) = book.looks(tx, case_no)
        assert book.looks(tx, "another") == []
    assert (look.account, look.what, look.purpose, look.at) == ("zhang", "application", "examine", world.now)


@pytest.mark.parametrize(
    ("act", "said", "place"),
    [
        (Act.ACCEPT, {"promised_on": ""}, "promised_on"),
        (Act.ACCEPT, {"promised_on": "明天"}, "promised_on"),
        (Act.ACCEPT, {"accept_doc_no": " "}, "accept_doc_no"),
        (Act.NOT_ACCEPT, {"ground": "because"}, "ground"),
        (Act.NOT_ACCEPT, {"ground": "not_lawful", "reasons": "字" * 2000}, "reasons"),
        (Act.TERMINATE, {"cause": "other", "reasons": ""}, "reasons"),
    ],
)
def test_an_answer_that_does_not_fit_is_named(
    world: World, desk: ApprovalDesk, act: Act, said: dict[str, str], place: str
) -> None:
    """By its field and what it should be; nothing is sent, and the case stands where it stood."""
    case_no = begin_at(world, "application.submitted")
    with pytest.raises(YunhuobanError, match=papers.NOT_FILLED.code) as refused:
        press(desk, case_no, act, **said)
    assert refused.value.place == place
    assert refused.value.expected
    assert desk.open(case_no).line.state == "submitted"


def test_a_notice_names_what_is_missing_and_a_grant_a_right_number(world: World, desk: ApprovalDesk) -> None:
    """A defect half filled in is named; none at all is the law's refusal; a wrong credit code stops the grant."""
    case_no = begin_at(world, "application.submitted")
    answers = {each.name: each.proposed for each in desk.paper(case_no, Act.SUPPLEMENT).asks}
    for defects, code in (
        ([{"material": "章程", "problem": "", "remedy": "签名"}], papers.NOT_FILLED),
        ([], DEFECTS_MISSING),
    ):
        with pytest.raises(YunhuobanError, match=code.code):
            desk.act(case_no, Act.SUPPLEMENT, answers, defects, person=ZHANG, action_id=str(uuid.uuid4()))
    accepted(desk, case_no)
    with pytest.raises(YunhuobanError, match=CREDIT_CHECK.code):
        press(desk, case_no, Act.GRANT, license_number=CREDIT_CODE[:-1] + ("0" if CREDIT_CODE[-1] != "0" else "1"))
    assert desk.open(case_no).offered == [Act.GRANT, Act.DENY, Act.OPEN_PROCEDURE, Act.EXTEND, Act.TERMINATE]


def test_what_a_decision_would_make_can_be_seen_before_it_is_made(world: World, desk: ApprovalDesk) -> None:
    """The draft is the very record that would be signed, and leaves no trace."""
    case_no = begin_at(world, "application.submitted")
    accepted(desk, case_no)
    said: dict[str, Any] = {each.name: each.proposed for each in desk.paper(case_no, Act.GRANT).asks}
    said |= {"license_number": CREDIT_CODE, "established_on": "2026-11-20"}
    application, decision = desk.draft(case_no, Act.GRANT, said, person=ZHANG)
    assert application["registration"]["enterprise_name"] == COMPANY
    assert decision["established_on"] == date(2026, 11, 20)
    assert decision["outcome"] == "granted"
    assert desk.open(case_no).line.state == "accepted"
