"""`/stating/bundles`: a county states its 一件事 for all, over HTTP, with what each saves the applicant."""

import re
import uuid
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from adapters.hall.stating import bundlespage
from adapters.hall.stating.bundles import BundleDesk, parts
from adapters.hall.stating.desk import StatingDesk
from adapters.hall.stating.page import router
from adapters.store import tables
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from tests.around_pages import PORT, ZHANG, place_of
from tests.county_records import ITEM
from tests.county_world import ISSUING, World
from tests.grouping_world import OTHER_ITEM, publish
from tests.stated_records import TODAY

FORM: dict[str, Any] = {
    "bundle": "CG-1",
    "name": "开餐馆一件事",
    "item": [ITEM, OTHER_ITEM, ""],
    "after": ["", "1", ""],
    "visits": "1",
    "steps": "3",
    "limit_days": "4",
    "valid_from": TODAY.isoformat(),
    "valid_to": "",
}


@pytest.fixture
def browser(world: World) -> httpx.Client:
    """An approver of the issuing county."""
    publish(world)
    access = Access()
    access.person = ZHANG
    app = Frame(name="t", access=access, packages=[], now=world.clock).application()
    app.include_router(router([bundlespage.section(BundleDesk(StatingDesk(place_of(world, ISSUING))))], access))
    client: httpx.Client = TestClient(app, base_url=f"http://{LOOPBACK}:{PORT}", follow_redirects=False)
    client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"))
    client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(PORT)])
    return client


def words(answer: httpx.Response) -> str:
    """Without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.text)).split())


def said(world: World) -> list[dict[str, Any]]:
    """What the county has said, the oldest first."""
    columns = tables.outbox.c
    rows = world.issuing.rows(select(columns.body).where(columns.type == "bundle.stated").order_by(columns.seq))
    return [codec.decode(Envelope.parse(row.body).data, "Bundle") for row in rows]


def test_a_bundle_is_stated_changed_and_withdrawn(browser: httpx.Client, world: World) -> None:
    """One signed statement for each press, the same press once; the page says how far it is and what it saves."""
    page = words(browser.get("/stating/bundles"))
    assert "开餐馆一件事" in page
    assert "已进入目录" in page
    assert "7 → 5 −29 %" in page, "two and five working days against five"
    press = str(uuid.uuid4())
    for _ in range(2):
        answer = browser.post("/stating/bundles", data={"action_id": press, **FORM})
        assert answer.headers["HX-Redirect"] == "/stating/bundles", words(answer)
    (first,) = said(world)
    assert (first["county"], first["days"]) == (ISSUING, 4)
    assert first["bundle_parts"] == [
        {"service_item": ITEM, "after": []},
        {"service_item": OTHER_ITEM, "after": [1]},
    ]
    assert "已报送，等下一份目录" in words(browser.get("/stating/bundles?bundle=CG-1"))
    browser.post("/stating/bundles/withdraw", data={"action_id": str(uuid.uuid4()), "bundle": "CG-1"})
    assert [each["withdrawn"] for each in said(world)] == [False, True]


@pytest.mark.long
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"item": [ITEM, "", ""]}, "E-STATE-005"),
        ({"after": ["2", "", ""]}, "E-STATE-005"),
        ({"after": ["", "the first", ""]}, "E-STATE-005"),
        ({"item": [ITEM, ITEM[:-1] + "9", ""]}, "E-STATE-005"),
        ({"bundle": "cg 1"}, "E-STATE-002"),
        ({"name": " "}, "E-STATE-003"),
        ({"valid_from": "tomorrow"}, "E-STATE-004"),
    ],
)
def test_what_cannot_be_a_bundle_is_refused(
    browser: httpx.Client, world: World, changes: dict[str, Any], code: str
) -> None:
    """With its code, and nothing is said."""
    answer = browser.post("/stating/bundles", data={"action_id": str(uuid.uuid4()), **FORM, **changes})
    assert code in answer.text
    assert said(world) == []


def test_what_comes_before_is_typed_as_numbers() -> None:
    """In any of the usual ways; a row without an item is none."""
    assert parts(["a", "", "b"], ["", "9", "1、2"]) == [
        {"service_item": "a", "after": []},
        {"service_item": "b", "after": [1, 2]},
    ]
    with pytest.raises(YunhuobanError) as refused:
        parts(["a"], ["-1"])
    assert refused.value.code.code == "E-STATE-005"
