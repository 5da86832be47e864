"""What was printed is handed over once: to a person who signs, or as a parcel; and the issuing county hears of it."""

import base64
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from adapters.case.workplace import Workplace
from adapters.hall.handingover.desk import (
    NOT_FILLED,
    NOTHING_PRINTED,
    SAID_ELSEWHERE,
    SHEET_OPEN,
    HandOverDesk,
)
from adapters.hall.handingover.page import router
from adapters.hall.handwriting.pad import NOT_DRAWN
from adapters.store import tables
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.frame import NOT_THERE, Frame
from pages.people.person import Person, Role
from pages.serving import Serving
from schemas.errors import YunhuobanError
from tests.county_begun import begin_at
from tests.county_records import NAME
from tests.county_world import ISSUING, WINDOW, World
from tests.people_browser import NO_AUTHORITIES
from tests.unit.adapters.handingover.test_pad import drawn, url

LI = Person(account="li", name="李窗口", roles=frozenset({Role.CLERK}))
GIVEN = {"method": "in_person", "recipient": NAME, "waybill": "", "signature": url(drawn()), "signed_on_paper": False}


def desk_of(world: World, code: str = WINDOW, elsewhere: frozenset[str] = frozenset()) -> HandOverDesk:
    """A county's desk."""
    county = world.counties[code]
    place = Workplace(
        county=code, store=county.store, identity=county.identity, box=county.box, directory=county.directory,
        elsewhere=elsewhere, clock=world.clock, sent=lambda: None,
    )  # type: ignore[arg-type]  # fmt: skip
    return HandOverDesk(place)


def hand_over(desk: HandOverDesk, case_no: str, action_id: str = "", **changes: Any) -> None:
    """As the form sends it."""
    desk.hand_over(case_no, **GIVEN | changes, person=LI, action_id=action_id or str(uuid.uuid4()))


def states(world: World, code: str) -> list[str]:
    """Where the cases of a county stand."""
    return [state for (state,) in world.counties[code].rows(select(tables.cases.c.state))]


def test_the_holder_signs_and_both_counties_and_the_local_system_know(world: World) -> None:
    """Once, however often the press arrives; the signature is kept sealed."""
    case_no, action_id = begin_at(world, "print.settled"), str(uuid.uuid4())
    assert desk_of(world).open(case_no).may_hand_over
    for _ in range(2):
        world.window.start()
        hand_over(desk_of(world), case_no, action_id)
    world.settle()
    assert states(world, WINDOW) == states(world, ISSUING) == ["handed_over"]
    said = world.window.rows(select(tables.outbox.c.type).where(tables.outbox.c.type == "case.handed_over"))
    assert len(said) == 1
    planned = world.window.rows(
        select(tables.local_writes.c.done).where(tables.local_writes.c.type == "case.handed_over")
    )
    assert planned == [(True,)]
    found = desk_of(world).open(case_no).handed_over
    assert found is not None
    assert (found.recipient, found.clerk, found.signed) == (NAME, "li", True)
    assert desk_of(world).signature(case_no) == drawn()
    raw = (world.folder / f"{WINDOW}.sqlite").read_bytes()
    assert drawn()[:60] not in raw
    with pytest.raises(YunhuobanError, match=NOTHING_PRINTED.code):
        hand_over(desk_of(world), case_no)


def test_a_parcel_needs_its_number_and_no_signature(world: World) -> None:
    """With a waybill it goes; without one it is refused."""
    case_no = begin_at(world, "print.settled")
    with pytest.raises(YunhuobanError, match=NOT_FILLED.code):
        hand_over(desk_of(world), case_no, method="parcel", signature="")
    hand_over(desk_of(world), case_no, method="parcel", signature="", waybill="SF1234567890123")
    found = desk_of(world).open(case_no).handed_over
    assert found is not None
    assert (found.method, found.waybill, found.signed) == ("parcel", "SF1234567890123", False)
    with pytest.raises(YunhuobanError, match=NOT_THERE.code):
        desk_of(world).signature(case_no)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"recipient": " "}, NOT_FILLED), ({"recipient": "字" * 31}, NOT_FILLED), ({"signature": ""}, NOT_DRAWN)],
)
def test_what_is_missing_is_named_and_nothing_is_said(world: World, changes: dict[str, Any], code: Any) -> None:
    """Nobody to give it to, nobody's signature: the case stands where it stood; on paper a signature may be, too."""
    case_no = begin_at(world, "print.settled")
    with pytest.raises(YunhuobanError, match=code.code):
        hand_over(desk_of(world), case_no, **changes)
    assert states(world, WINDOW) == ["printed"]
    if code is NOT_DRAWN:
        hand_over(desk_of(world), case_no, signed_on_paper=True, **changes)
        assert states(world, WINDOW) == ["handed_over"]


def test_nothing_is_handed_over_before_every_sheet_is_accounted_for(world: World) -> None:
    """A sheet still at the printer, a county that is not the window, a local system that says it itself."""
    case_no = begin_at(world, "print.claimed")
    with pytest.raises(YunhuobanError, match=SHEET_OPEN.code):
        hand_over(desk_of(world), case_no)
    with pytest.raises(YunhuobanError, match=NOT_THERE.code):
        desk_of(world, ISSUING).open(case_no)
    with pytest.raises(YunhuobanError, match=SAID_ELSEWHERE.code):
        hand_over(desk_of(world, elsewhere=frozenset({"case.handed_over"})), case_no)


@pytest.fixture
def browser(world: World) -> Iterator[httpx.Client]:
    """A clerk's browser."""
    access = Access(roles=frozenset({Role.CLERK}))
    app = Frame(name="交付", access=access, packages=["adapters.hall.handingover"]).application()
    app.include_router(router(desk_of(world), access, hall="130928-01"))
    with (
        Serving(app) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{serving.port}", trust_env=False, timeout=60
        ) as client,
    ):
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield client


def test_the_pages_hand_over_and_print_a_receipt(world: World, browser: httpx.Client) -> None:
    """Form, hand-over, receipt with the signature; the recipient's name is on none of them."""
    case_no = begin_at(world, "print.settled")
    page = browser.get(f"/handing-over/{case_no}").text
    assert "<canvas" in page
    assert "S1" in page
    said = GIVEN | {"signed_on_paper": "", "action_id": str(uuid.uuid4())}
    assert browser.post(f"/handing-over/{case_no}", data=said).headers["HX-Redirect"] == f"/handing-over/{case_no}"
    for path in ("", "/receipt"):
        shown = browser.get(f"/handing-over/{case_no}{path}").text
        assert NAME not in shown
        assert "desk" in shown
    assert browser.get(f"/handing-over/{case_no}/signature.png").content == base64.b64decode(GIVEN["signature"][22:])
    assert browser.get("/handing-over/nothing").status_code == 404
