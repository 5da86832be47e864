"""A route asks for a role, and whoever has none of its roles does not pass."""

from typing import Annotated

import structlog
from fastapi import Form, Request
from fastapi.testclient import TestClient

from pages import logs
from pages.access import LOOPBACK, Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Person, Role


def test_a_route_is_closed_to_who_has_none_of_its_roles():
    """The same page, opened by a clerk and by county IT: only the clerk's own work answers him; a refusal is logged."""
    seen: list[Person] = []
    for roles in (frozenset({Role.CLERK}), frozenset({Role.COUNTY_IT})):
        access = Access(roles=roles)
        app = Frame(name="t", access=access, packages=[]).application()

        @app.post("/sheets", dependencies=[needs(Role.CLERK, Role.APPROVER)])
        def sheets(request: Request) -> str:
            seen.append(person_of(request))
            return "done"

        client = TestClient(app, base_url=f"http://{LOOPBACK}:8000")
        client.get(access.address(8000).removeprefix("http://127.0.0.1:8000"))
        session = client.cookies["yhb-session-8000"]
        with structlog.testing.capture_logs() as lines:
            answer = client.post("/sheets?secret=1", headers={"X-CSRF-Token": access.csrf(session)})
        if Role.CLERK in roles:
            assert answer.json() == "done"
        else:
            assert answer.status_code == 403
            assert "E-PAGE-060" in answer.text
            (line,) = lines
            said = {name: line[name] for name in ("event", "code", "account", "method", "route")}
            assert said == {
                "event": "page.refused",
                "code": "E-PAGE-060",
                "account": "desk",
                "method": "POST",
                "route": "/sheets",
            }
            assert logs.allow(None, "", dict(line)).items() >= said.items(), "and all of it may be logged"
    assert [each.roles for each in seen] == [frozenset({Role.CLERK})]


def test_a_form_of_another_page_is_logged_as_refused():
    """And another's host, a token that was used, a form that is not whole: by the code, without what was sent."""
    access = Access()
    app = Frame(name="t", access=access, packages=[]).application()

    @app.post("/typed", dependencies=[needs(*Role)])
    def typed(number: Annotated[int, Form()]) -> int:
        return number

    client = TestClient(app, base_url=f"http://{LOOPBACK}:8000")
    with structlog.testing.capture_logs() as lines:
        client.get("/?token=stolen")
        client.get("/", headers={"Host": "evil.example"})
        client.get(access.address(8000).removeprefix("http://127.0.0.1:8000"))
        client.post("/typed", data={"number": "130928199003070014"})
        own = {"X-CSRF-Token": access.csrf(client.cookies["yhb-session-8000"])}
        client.post("/typed", data={"number": "Zhang San"}, headers=own)
    told = [each["code"] for each in lines if each["event"] == "page.refused"]
    assert told == ["E-PAGE-002", "E-PAGE-004", "E-PAGE-003", "E-PAGE-006"]
    assert not [each for each in ("stolen", "evil", "130928199003070014", "Zhang") if each in str(lines)]
