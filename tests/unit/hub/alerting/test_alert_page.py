"""`/alerts`: everybody of the hub sees what stands, and the operator takes it on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from hub.alerting import book
from hub.alerting.conditions import Matter
from hub.alerting.desk import StoreAlerts
from hub.web import alerts
from pages.access import CSRF_FIELD, Access
from pages.frame import Frame
from pages.people.person import HUB_ROLES, Role
from tests.hub_world import ISSUING, World


def client(world: World, roles: frozenset[Role]) -> Iterator[TestClient]:
    """A browser at the hub's machine, whose holder has these roles."""
    access = Access(roles=roles)
    app = Frame(name="hub", access=access, packages=["hub.web"]).application()
    app.include_router(alerts.router(StoreAlerts(world.store, lambda: world.now), access))
    with TestClient(app, base_url="http://127.0.0.1:8000") as browser:
        browser.get(access.address(8000).removeprefix("http://127.0.0.1:8000"))
        browser.csrf = access.csrf(next(iter(browser.cookies.values())))  # type: ignore[attr-defined]
        yield browser


@pytest.fixture
def operator(world: World) -> Iterator[TestClient]:
    """The machine's own, on trial."""
    yield from client(world, HUB_ROLES)


@pytest.fixture
def auditor(world: World) -> Iterator[TestClient]:
    """Somebody who looks on."""
    yield from client(world, frozenset({Role.AUDITOR}))


def begin(world: World) -> str:
    """A county that has been away for long; the number of the alert."""
    for minutes in (0, 10):
        world.later(minutes=minutes)
        with world.store.write() as tx:
            book.take_turn(tx, "one", world.now)
            book.observe(tx, {"county-offline": [Matter(subject=ISSUING)]}, world.now)
            book.looked(tx, world.now)
    with world.store.read() as tx:
        (row,) = book.standing(tx)
        return str(row.id)


def test_the_operator_takes_an_alert_on(world: World, operator: TestClient) -> None:
    """With a word on what is done about it; from then on the page says who, and the form is gone."""
    number = begin(world)
    page = operator.get("/alerts")
    assert page.headers["cache-control"] == "no-store"
    assert f"County {ISSUING} {ISSUING}" in page.text
    assert "docs/zh-CN/runbooks.md#county-offline" in page.text
    path, form = f"/alerts/{number}/acknowledge", {CSRF_FIELD: operator.csrf, "note": "已电话联系"}  # type: ignore[attr-defined]
    assert operator.post(path, data=form | {CSRF_FIELD: "wrong"}).status_code == 403
    assert "E-ALERT-003" in operator.post(path, data=form | {"note": " "}).text
    page = operator.post(path, data=form)
    assert "已电话联系" in page.text
    assert path not in page.text
    assert "E-ALERT-002" in operator.post(path, data=form).text


def test_who_looks_on_sees_it_and_takes_nothing_on(world: World, auditor: TestClient) -> None:
    """No form, and a refusal for who sends one all the same."""
    number = begin(world)
    assert "acknowledge" not in auditor.get("/alerts").text
    form = {CSRF_FIELD: auditor.csrf, "note": "x"}  # type: ignore[attr-defined]
    assert "E-PAGE-060" in auditor.post(f"/alerts/{number}/acknowledge", data=form).text


def test_a_keeper_that_does_not_look_is_said_so(world: World, operator: TestClient) -> None:
    """No alerts is good news only while somebody looks."""
    begin(world)
    assert "没有检查，下面的内容可能过时" not in operator.get("/alerts").text
    world.now += timedelta(minutes=6)
    assert "没有检查，下面的内容可能过时" in operator.get("/alerts").text
