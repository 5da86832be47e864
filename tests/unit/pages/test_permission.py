"""A route asks for a role, and whoever has none of its roles does not pass."""

from fastapi import Request
from fastapi.testclient import TestClient

from pages.access import LOOPBACK, Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Person, Role


def test_a_route_is_closed_to_who_has_none_of_its_roles():
    """The same page, opened by a clerk and by county IT: only the clerk's own work answers him."""
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
        answer = client.post("/sheets", headers={"X-CSRF-Token": access.csrf(session)})
        if Role.CLERK in roles:
            assert answer.json() == "done"
        else:
            assert answer.status_code == 403
            assert "E-PAGE-060" in answer.text
    assert [each.roles for each in seen] == [frozenset({Role.CLERK})]
