"""The approval desk as a browser drives it: every route for its role, every answer kept until the act succeeded."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from adapters.hall.approving.acts import Act
from adapters.hall.approving.page import router
from adapters.hall.approving.specimen import Specimens
from adapters.hall.handwriting import book as handwriting_book
from adapters.hall.handwriting.tables import handwriting
from adapters.licenses.render import Renderer
from adapters.settings import LicenseSettings
from pages.access import CSRF_HEADER, LANGUAGE_COOKIE, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Role
from pages.serving import Serving
from schemas.errors import YunhuobanError
from schemas.workdays.hours import beijing_day
from tests.county_begun import begin_at
from tests.county_records import (
    COMPANY,
    IDENTITY_NO,
    ITEM,
    NAME,
    START,
    acceptance,
    application,
    material,
    supplement,
    supplement_request,
)
from tests.county_world import World
from tests.people_browser import NO_AUTHORITIES
from tests.unit.adapters.approving.test_approval_desk import CREDIT_CODE, accepted, desk_of, files_of, press
from tests.unit.adapters.handingover.test_pad import drawn, url
from tests.unit.adapters.licenses import kinds

PATIENCE_SECONDS = 60.0


@contextmanager
def browser_of(world: World, *roles: Role) -> Iterator[httpx.Client]:
    """Somebody with these roles in front of the issuing county's page."""
    access = Access(roles=frozenset(roles))
    app = Frame(name="审批台", access=access, packages=["adapters.hall.approving"]).application()
    app.include_router(
        router(desk_of(world), files_of(world), Specimens(world.issuing.settings, Renderer()), access, world.clock)
    )  # fmt: skip
    with (
        Serving(app) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES,
            base_url=f"http://127.0.0.1:{serving.port}",
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        ) as client,
    ):
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield client


@pytest.fixture
def approver(world: World) -> Iterator[httpx.Client]:
    """An approver."""
    with browser_of(world, Role.APPROVER) as client:
        yield client


def test_a_case_goes_from_inbox_to_decision_by_forms_alone(world: World, approver: httpx.Client) -> None:
    """Inbox, case, paper, acceptance, license preview, grant; what was sent once is done once."""
    case_no = begin_at(world, "application.submitted")
    assert f"/approvals/{case_no}" in approver.get("/approvals").text
    page = approver.get(f"/approvals/{case_no}").text
    assert NAME not in page
    paper = approver.get(f"/approvals/{case_no}/accept").text
    action_id = re.search(r'name="action_id" value="([^"]+)"', paper)
    assert action_id is not None
    said = {
        "action_id": action_id[1], "project_no": "YJ1", "accept_doc_no": "永受1号",
        "promised_on": str(beijing_day(world.now) + timedelta(days=9)),
    }  # fmt: skip
    for _ in range(2):
        answer = approver.post(f"/approvals/{case_no}/accept", data=said)
        assert answer.headers["HX-Redirect"] == f"/approvals/{case_no}"
    assert "已受理" in approver.get(f"/approvals/{case_no}").text
    decision = {"decision_no": "永准1号", "license_number": CREDIT_CODE, "established_on": "", "renews": ""}
    specimen = approver.post(f"/approvals/{case_no}/grant/specimen", data=decision).text
    name = re.search(r'src="(/approvals/specimens/[^"]+)"', specimen)
    assert name is not None
    assert approver.get(name[1]).content.startswith(b"\x89PNG")
    assert approver.get("/approvals/specimens/another.png").status_code == 404
    decision |= {"action_id": str(uuid.uuid4())}
    assert "E-HAND-001" in approver.post(f"/approvals/{case_no}/grant", data=decision).text
    answer = approver.post(f"/approvals/{case_no}/grant", data=decision | {"signature": url(drawn())})
    assert answer.headers["HX-Redirect"] == f"/approvals/{case_no}"
    with world.issuing.store.read() as tx:
        (said,) = tx.execute(select(handwriting.c.message_id, handwriting.c.taken_by)).all()
        assert handwriting_book.of_message(tx, world.issuing.identity, said.message_id) == drawn()
    assert said.taken_by == "desk"
    world.settle()
    assert [each.holder_masked for each in world.window.desk.authorisations()] == [COMPANY]


def test_what_the_window_supplied_is_shown(world: World, approver: httpx.Client) -> None:
    """Its materials and what it wrote with them: who decides must not miss it; the note is hidden until asked for."""
    case_no = begin_at(world, "application.submitted")
    world.issuing.source.add("supplement.requested", case_no, supplement_request())
    world.settle()
    world.window.source.add("supplement.provided", "WQ1", supplement(note="股东已于昨日补签，原件随件寄出"))
    world.settle()
    page = approver.get(f"/approvals/{case_no}").text
    assert "已补正" in page
    assert "住所证明" in page
    assert "原件随件寄出" not in page
    assert "原件随件寄出" in approver.post(f"/approvals/{case_no}/reveal", data={"purpose": "examine"}).text


def test_a_refused_paper_says_what_and_sends_nothing(world: World, approver: httpx.Client) -> None:
    """The sentence comes as a notice beside the paper; the case stands where it stood."""
    case_no = begin_at(world, "application.submitted")
    said = {"action_id": str(uuid.uuid4()), "project_no": "YJ1", "accept_doc_no": "永受1号", "promised_on": ""}
    answer = approver.post(f"/approvals/{case_no}/accept", data=said, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#notice"
    assert "E-APPR-001" in answer.text
    assert "已收件" in approver.get(f"/approvals/{case_no}").text
    assert approver.get(f"/approvals/{case_no}/grant").status_code == 409
    assert approver.get("/approvals/130928-20990101-000001-3").status_code == 404


def test_an_auditor_looks_for_a_purpose_and_acts_never(world: World) -> None:
    """Everything masked, in full for a purpose; papers are refused; a clerk sees nothing at all."""
    case_no = begin_at(world, "application.submitted")
    with browser_of(world, Role.AUDITOR) as auditor:
        page = auditor.get(f"/approvals/{case_no}")
        assert "/accept" not in page.text
        assert auditor.post(f"/approvals/{case_no}/reveal", data={"purpose": ""}).status_code == 409
        shown = auditor.post(f"/approvals/{case_no}/reveal", data={"purpose": "audit"})
        assert IDENTITY_NO in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
        refused = auditor.post(f"/approvals/{case_no}/accept", data={"action_id": str(uuid.uuid4())})
        assert "E-PAGE-060" in refused.text
    with browser_of(world, Role.CLERK) as clerk:
        for path in ("/approvals", f"/approvals/{case_no}"):
            assert "E-PAGE-060" in clerk.get(path).text


def test_a_step_of_two_persons_goes_by_forms_alone(world: World, approver: httpx.Client) -> None:
    """The rule stands beside the paper; proposed, it waits in the inbox; approved with a signature, it is said once."""
    case_no = begin_at(world, "print.authorised")
    paper = approver.get(f"/approvals/{case_no}/change_state").text
    for words in (
        "行政许可法第六十九条",
        "还有 1 份打印授权没有用完",
        "另一位审批人员批准并签名后才生效",
        "提出，等待批准",
    ):
        assert words in paper
    assert "canvas" not in paper
    identifier = re.search(r'<option value="([^"]+)" selected>', paper)
    assert identifier is not None
    said = {
        "action_id": str(uuid.uuid4()), "license_identifier": identifier[1], "license_state": "cancelled",
        "document_no": "永注1号", "reasons": "企业申请注销。", "successor": "",
    }  # fmt: skip
    for _ in range(2):
        assert "HX-Redirect" in approver.post(f"/approvals/{case_no}/change_state", data=said).headers
    assert "等待批准" in approver.get("/approvals").text
    link = re.search(r'href="(/approvals/[^"]+/proposals/[^"]+)"', approver.get(f"/approvals/{case_no}").text)
    assert link is not None
    page = approver.get(link[1]).text
    for words in ("企业申请注销。", "注销", "批准人在框里签名"):
        assert words in page
    assert "E-HAND-001" in approver.post(f"{link[1]}/approve").text
    for _ in range(2):
        assert "HX-Redirect" in approver.post(f"{link[1]}/approve", data={"signature": url(drawn())}).headers
    shown = approver.get(f"/approvals/{case_no}").text
    assert "等待批准" not in shown
    assert "注销" in shown
    with world.issuing.store.read() as tx:
        (kept,) = tx.execute(select(handwriting.c.message_id)).scalars()
        assert handwriting_book.of_message(tx, world.issuing.identity, kept) == drawn()
    assert "E-APPR-022" in approver.post(f"{link[1]}/return", data={"why": "晚了"}).text
    found = approver.get("/approvals", params={"q": identifier[1]})
    assert (found.status_code, found.headers["location"]) == (303, f"/approvals/{case_no}")
    assert "没有找到" in approver.get("/approvals", params={"q": "130928"}).text


def test_who_only_looks_reads_no_proposal(world: World) -> None:
    """An auditor sees that one waits, by whom and since when; what it says and its buttons are the approver's."""
    case_no = begin_at(world, "print.authorised")
    desk = desk_of(world)
    press(desk, case_no, Act.CHANGE_STATE, license_state="suspended", reasons="抽查不合格。")
    with browser_of(world, Role.AUDITOR) as auditor:
        page = auditor.get(f"/approvals/{case_no}").text
        assert "等待批准" in page
        assert "/proposals/" not in page
        assert "抽查不合格" not in page
        (waits,) = desk.open(case_no).proposals
        for method, tail in (("GET", ""), ("POST", "/approve"), ("POST", "/return")):
            refused = auditor.request(method, f"/approvals/{case_no}/proposals/{waits.proposal_id}{tail}")
            assert "E-PAGE-060" in refused.text


@pytest.mark.long  # its short slice: tests/unit/pages/test_labels.py
def test_the_language_switch_leaves_no_field_in_chinese(world: World, approver: httpx.Client) -> None:
    """In English every name of a field on the case and on each paper is English; what was typed stays as it is."""
    case_no = begin_at(world, "application.submitted")
    approver.cookies.set(LANGUAGE_COOKIE, "en")
    case = approver.get(f"/approvals/{case_no}").text
    papers = [approver.get(f"/approvals/{case_no}/{act}").text for act in ("accept", "supplement", "not_accept")]
    accepted(desk_of(world), case_no)
    papers += [
        approver.get(f"/approvals/{case_no}/{act}").text
        for act in ("grant", "deny", "terminate", "open_procedure", "extend")
    ]
    names = re.findall(r"<(?:dt|th|label[^>]*|h[23][^>]*|legend|li)>(.*?)<", "".join([case, *papers]), re.DOTALL)
    assert len(names) > 60
    assert [each for each in names if re.search(r"[\u4e00-\u9fff]", each)] == []
    for words in ("Legal representative", "Taken as", "Working days added"):
        assert words in names


FOOD = dict(kinds.PARTS["food-license"])
INTAKE = {
    "channel": "township", "intake_place": "桑园镇", "agent": "bank", "organisation": "某某银行",
    "identity_method": "sight", "identity_checker_no": "li0007", "identity_checked_at": START, "origin_code": None,
    "authority": None,
}  # fmt: skip


def test_who_checked_the_applicant_is_shown_and_a_permit_has_a_number_of_its_own(
    world: World, approver: httpx.Client
) -> None:
    """Channel, agent, method and time at a look, in the reader's language; what is personal when it is asked for."""
    said = application(food=FOOD, intake=INTAKE, materials=[material("章程", trust="B", compared_by="li0007")])
    world.window.source.add("application.submitted", "WQ1", said)
    world.settle()
    case_no = world.case_no()
    page = approver.get(f"/approvals/{case_no}").text
    for words in ("乡镇（街道）便民服务中心", "桑园镇", "银行代办点", "目视核对证件原件", "餐饮服务经营者", "可信等级"):
        assert words in page
    assert FOOD["operator_name"] not in page
    assert "li0007" not in page
    revealed = approver.post(f"/approvals/{case_no}/reveal", data={"purpose": "examine"}).text
    assert FOOD["operator_name"] in revealed
    assert "li0007" in revealed
    world.issuing.source.add("application.accepted", case_no, acceptance())
    world.settle()
    paper = approver.get(f"/approvals/{case_no}/grant").text
    assert re.search(r'name="valid_until" type="date" value="" autocomplete="off">', paper), "asked, and may be empty"
    grant = {
        "decision_no": "永准1号", "license_number": "JY11408810000017", "established_on": "", "renews": "",
        "valid_until": "2031-11-21", "action_id": str(uuid.uuid4()), "signed_on_paper": "1",
    }  # fmt: skip
    answer = approver.post(f"/approvals/{case_no}/grant", data=grant)
    assert answer.headers.get("HX-Redirect") == f"/approvals/{case_no}", answer.text


def test_a_permit_can_be_looked_at_before_it_is_granted(world: World) -> None:
    """With the type and the telephone of county.toml; where the type is not stated, that is said and nothing drawn."""
    settings = world.issuing.settings
    drawn_for = {}
    for type_code in ("11140881MB0000000U901", ""):
        licenses = (LicenseSettings(service_item=ITEM, license="food-license", type_code=type_code),)
        more = {"licenses": licenses, "complaint_phone": "12315"}
        authority = settings.authority.model_copy(update=more)
        drawn_for[type_code] = Specimens(settings.model_copy(update={"authority": authority}), Renderer())
    stated, unstated = drawn_for.values()
    asked, decided = kinds.asked("food-license"), kinds.granted("food-license")
    name = stated.draw(asked, decided, kinds.LATER)
    assert stated.picture(name).startswith(b"\x89PNG")
    with pytest.raises(YunhuobanError, match="E-LIC-018"):
        unstated.draw(asked, decided, kinds.LATER)


def test_a_press_whose_number_is_none_is_refused(world: World, approver: httpx.Client) -> None:
    """Found by made-up requests: 36 characters that are no number of a press are a wrong form, not a fault of ours."""
    case_no = begin_at(world, "application.submitted")
    for act in Act:
        refused = approver.post(f"/approvals/{case_no}/{act.value}", data={"action_id": "x" * 36})
        assert (refused.status_code, "E-PAGE-007" in refused.text) == (422, False), act
