"""`/agents`: the agents' cases under way, and the county's list of towns and villages from which they may come."""

from collections.abc import Mapping
from typing import Annotated, BinaryIO, Final

from fastapi import APIRouter, FastAPI, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from adapters.case.workplace import Workplace
from adapters.hall.agents import places
from adapters.hall.agents.cases import AgentCases
from adapters.hall.agents.places import Level
from adapters.hall.revealing.showing import WORDS_AT
from pages.access import Access
from pages.frame import Frame
from pages.listening import bodies
from pages.people.permission import needs, person_of
from pages.people.person import ROLE_NAMES, Role
from pages.uploads.receiving import Shelf
from pages.wording import mark as _

LEVELS: Final[Mapping[Level, str]] = {Level.TOWN: _("乡镇（街道）"), Level.VILLAGE: _("村（社区）")}
_PLACES: Final = "/agents/places"
Text = Annotated[str, Form(max_length=200)]


def attach(app: FastAPI, place: Workplace, shelf: Shelf, access: Access) -> None:
    """Put the routes into an application that has the guard."""
    frame = Frame(name=_("帮办代办"), access=access, packages=["adapters.hall.agents"])
    routes = APIRouter(prefix="/agents")
    cases = AgentCases(place)

    @routes.get("", dependencies=[needs(Role.CLERK, Role.APPROVER, Role.AUDITOR)])
    def listed(request: Request) -> HTMLResponse:
        return frame.page(
            request,
            "agents.html",
            rows=cases.listed(),
            kinds=WORDS_AT["intake.agent"],
            channels=WORDS_AT["intake.channel"],
            role_names=ROLE_NAMES,
        )

    _places(routes, frame, place, shelf)
    app.include_router(routes)
    bodies.allow(app, f"{_PLACES}/file", 2 * places.MOST_BYTES)


def _places(routes: APIRouter, frame: Frame, place: Workplace, shelf: Shelf) -> None:
    acting = [needs(Role.COUNTY_IT)]

    @routes.get("/places", dependencies=acting)
    def all_places(request: Request) -> HTMLResponse:
        with place.store.read() as tx:
            found = places.listed(tx)
        return frame.page(request, "places.html", rows=found, levels=LEVELS, county=place.county)

    @routes.post("/places", dependencies=acting)
    def add(request: Request, code: Text = "", name: Text = "") -> Response:
        one = places.checked(place.county, code, name)
        with place.store.write() as tx:
            places.keep(tx, [one], by=person_of(request).account, now=place.clock())
        return _back()

    @routes.post("/places/file", dependencies=acting)
    async def add_file(request: Request) -> Response:
        account = person_of(request).account

        def keep(file: BinaryIO) -> None:
            found = places.of_csv(place.county, file.read())
            with place.store.write() as tx:
                places.keep(tx, found, by=account, now=place.clock())

        async with shelf.receive(request, most_bytes=places.MOST_BYTES) as file:
            await run_in_threadpool(keep, file)
        return _back()

    @routes.post("/places/remove", dependencies=acting)
    def remove(code: Annotated[str, Form(pattern=r"^[0-9]{12}$")]) -> Response:
        with place.store.write() as tx:
            places.remove(tx, code)
        return _back()


def _back() -> Response:
    return Response(headers={"HX-Redirect": _PLACES})
