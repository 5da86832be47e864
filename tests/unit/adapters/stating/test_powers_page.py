"""`/stating/powers`: granting, changing and taking back window powers, over HTTP and through a scripted hub."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from adapters.store import tables
from pages.people.person import Role
from schemas import codec
from schemas.envelope import Envelope
from schemas.stating import STATEMENTS
from tests.county_begun import begin_at
from tests.county_records import ITEM
from tests.county_world import ISSUING, OWN_ITEM, WINDOW, World
from tests.powers_world import Stating, granted
from tests.stated_records import TODAY
from tests.taking_world import catalogue, publish
from tests.unit.adapters.approving.test_approval_page import browser_of

FORM: dict[str, Any] = {
    "window": WINDOW,
    "service_item": ITEM,
    "powers": ["accept", "deliver"],
    "agreement": "吴桥—永济协议第四条",
    "valid_from": TODAY.isoformat(),
    "valid_to": "",
}


@pytest.fixture
def page(world: World) -> Stating:
    """The issuing county's, with the catalogue."""
    publish(world)
    return Stating(world, ISSUING)


def said(world: World) -> list[dict[str, Any]]:
    """What the county has said, the oldest first, as it stands in its signed messages."""
    columns = tables.outbox.c
    rows = world.issuing.rows(select(columns.body).where(columns.type == "powers.stated").order_by(columns.seq))
    return [codec.decode(Envelope.parse(row.body).data, "WindowPowers") for row in rows]


def published(world: World) -> None:
    """The hub puts the newest of it into the next directory."""
    form = STATEMENTS["powers.stated"]
    newest = {form.key(each): each for each in said(world)}
    publish(
        world, stated={key: codec.encode(form.record, each) for key, each in newest.items() if not each["withdrawn"]}
    )


@pytest.mark.long
def test_powers_are_granted_changed_and_taken_back(world: World, page: Stating) -> None:
    """One signed statement to the hub for each press, the same press once; the page says how far it has come."""
    press = str(uuid.uuid4())
    for _ in range(2):
        assert page.post("/stating/powers", press, **FORM).headers["HX-Redirect"] == "/stating/powers"
    (first,) = said(world)
    assert (first["issuing"], first["window"], first["service_item"]) == (ISSUING, WINDOW, ITEM)
    assert first["powers"] == ["accept", "deliver"]
    assert "收件受理权、结果送达权" in page.get("/stating/powers")
    assert "已报送，等下一份目录" in page.get("/stating/powers")
    published(world)
    assert "已进入目录" in page.get("/stating/powers")
    assert page.post("/stating/powers", **FORM | {"powers": ["verify"]}).status_code == 200
    assert said(world)[-1]["powers"] == ["verify"]
    back = {"window": WINDOW, "service_item": ITEM}
    assert page.post("/stating/powers/back", **back).status_code == 200
    assert (said(world)[-1]["powers"], said(world)[-1]["withdrawn"]) == ([], False)
    published(world)
    assert "没有任何权限" in page.get("/stating/powers")
    assert page.post("/stating/powers/back", **back, withdraw="yes").status_code == 200
    assert said(world)[-1]["withdrawn"] is True
    assert "声明已撤下" in page.get("/stating/powers")
    published(world)
    assert "本县还没有授予过权限。" in page.get("/stating/powers")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"window": ISSUING}, "E-LINK-103"),
        ({"service_item": OWN_ITEM}, "E-POWER-008"),
        ({"agreement": " "}, "E-STATE-003"),
        ({"valid_from": "明天"}, "E-STATE-004"),
    ],
)
def test_what_cannot_be_granted_is_told(world: World, page: Stating, changes: dict[str, Any], code: str) -> None:
    """To oneself, for another's item, without an agreement, from no day: named by its code, and nothing is said."""
    assert code in page.post("/stating/powers", **FORM | changes).text
    assert said(world) == []


def test_a_window_sees_what_it_was_granted(world: World) -> None:
    """By whom, for which item, which of the four; nothing of it can be changed there."""
    granted(world, "inform", "verify")
    page = Stating(world, WINDOW).get("/stating/powers")
    assert f"{ISSUING}" in page
    assert "一次性告知权、原件核验权" in page
    assert "本县还没有授予过权限。" in page
    assert "窗口授权" in Stating(world, WINDOW).get("/stating")
    back = {"window": WINDOW, "service_item": ITEM}
    assert "E-POWER-008" in Stating(world, WINDOW).post("/stating/powers/back", **back).text


def test_nobody_may_accept_what_has_no_promised_day(world: World) -> None:
    """An item without a promise in the catalogue: the power is refused where it would be granted."""
    publish(world, {f"implementation/{ISSUING}/{ITEM}": None})
    page = Stating(world, ISSUING)
    assert "E-POWER-008" in page.post("/stating/powers", **FORM).text
    offer: Any = catalogue()[f"implementation/{ISSUING}/{ITEM}"]
    publish(world, {offer.key: replace(offer, promise_day=3000)})
    assert "E-POWER-005" in page.post("/stating/powers", **FORM).text
    assert page.post("/stating/powers", **FORM | {"powers": ["verify"]}).status_code == 200


@pytest.mark.long
def test_the_approval_page_says_when_a_result_goes_by_parcel(world: World) -> None:
    """Before anybody decides: the window may not print it."""
    case_no = begin_at(world, "application.accepted")
    said = "收件地没有结果送达权"
    publish(world)
    with browser_of(world, Role.APPROVER) as browser:
        assert said not in browser.get(f"/approvals/{case_no}").text
        granted(world, "accept", "verify")
        assert said in browser.get(f"/approvals/{case_no}").text
