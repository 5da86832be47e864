"""The county's page application with people who sign in, over real HTTP, and a browser without script."""

from collections.abc import Iterator

import pytest

from adapters.hall.desk.printdesk import build_app
from adapters.hall.people.opening import CountyPeople
from pages.access import Access
from pages.serving import Serving
from tests.journey.pages_fakes import Desk
from tests.people_browser import Browser
from tests.people_world import People


@pytest.fixture
def desk() -> Desk:
    """The print desk's source."""
    return Desk()


@pytest.fixture
def serving(people: People, desk: Desk) -> Iterator[Serving]:
    """The desk with sign-in, as a node composes it, in the test's own time."""
    county = CountyPeople(
        shelf=people.shelf, accounts=people.accounts, organisation=people.organisation, sign_in=people.sign_in
    )
    access = Access(people=people.sign_in)
    app = build_app(desk, access, None, people.sign_in)
    app.include_router(county.pages(access))
    with Serving(app) as running:
        yield running


@pytest.fixture
def browser(serving: Serving) -> Iterator[Browser]:
    """Somebody's browser."""
    made = Browser(serving.port)
    yield made
    made.http.close()
