"""`/stating/details`: what this county adds about its items, and the form that states it."""

import uuid
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.presses import ActionId
from adapters.hall.stating.details import MOST_STEPS, DetailsDesk
from adapters.hall.stating.page import STATING, Section
from pages import outcomes
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs
from pages.wording import mark as _

_PATH: Final = "/stating/details"
SECTION: Final = Section(
    path="details", name=_("事项补充说明"), purpose=_("哪些特别程序不计入期限、踏勘是否暂停计时、有几个环节。")
)
_PROCEDURES: Final = outcomes.OUTCOMES["procedure.opened"]

Item = Annotated[str, Form(pattern=r"^[0-9A-Z]{31}$")]
Tick = Annotated[str, Form(max_length=5)]


def router(desk: DetailsDesk, access: Access) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("事项补充说明"), access=access, packages=["adapters.hall.stating"])
    routes = APIRouter(prefix=_PATH, dependencies=[needs(*STATING)])

    @routes.get("")
    def details(request: Request, item: Annotated[str, Query(max_length=33)] = "") -> HTMLResponse:
        lines = desk.lines()
        return frame.page(
            request,
            "details.html",
            lines=lines,
            chosen=next((each for each in lines if each.service_item == item), None),
            procedures=_PROCEDURES,
            most_steps=MOST_STEPS,
            action_id=str(uuid.uuid4()),
        )

    @routes.post("")
    def state(
        service_item: Item,
        action_id: ActionId,
        steps: Annotated[int, Form(ge=-999, le=9999)] = 1,
        procedures: Annotated[list[str] | None, Form()] = None,
        visit_pauses: Tick = "",
        online: Tick = "",
        withdraw: Tick = "",
    ) -> Response:
        desk.state(
            service_item,
            procedures=[each for each in procedures or () if each in _PROCEDURES],
            visit_pauses=visit_pauses == "yes",
            steps=steps,
            online=online == "yes",
            withdraw=withdraw == "yes",
            action_id=action_id,
        )
        return Response(headers={"HX-Redirect": _PATH})

    return routes
