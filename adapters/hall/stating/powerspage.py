"""`/stating/powers`: the window powers that this county grants, changes and takes back, and those it was granted."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.presses import ActionId, fresh
from adapters.hall.stating.desk import STANDINGS, days
from adapters.hall.stating.page import STATING, Section
from adapters.hall.stating.powers import MEANINGS, NAMES, PowersDesk
from pages.frame import Frame
from pages.people.permission import needs
from pages.wording import mark as _

_PATH: Final = "/stating/powers"

County = Annotated[str, Form(pattern=r"^[0-9]{6}$")]
Item = Annotated[str, Form(pattern=r"^[0-9A-Z]{31,33}$")]
Text = Annotated[str, Form(max_length=300)]
Day = Annotated[str, Form(max_length=10)]


def section(desk: PowersDesk) -> Section:
    """As `/stating` lists it."""
    return Section(
        path="powers",
        name=_("窗口授权"),
        purpose=_("本县授予外县窗口的收件受理、一次性告知、原件核验、结果送达权限，和外县授予本县窗口的权限。"),
        attach=partial(_attach, desk),
    )


def _attach(desk: PowersDesk, routes: APIRouter, frame: Frame) -> None:
    acting = [needs(*STATING)]

    @routes.get("", dependencies=acting)
    def powers(
        request: Request,
        window: Annotated[str, Query(max_length=6)] = "",
        item: Annotated[str, Query(max_length=33)] = "",
    ) -> HTMLResponse:
        granted = desk.granted()
        chosen = next((each for each in granted if (each.county, each.service_item) == (window, item)), None)
        return frame.page(
            request,
            "powers.html",
            granted=granted,
            received=desk.received(),
            chosen=chosen,
            partners=desk.partners(),
            items=desk.items(),
            names=NAMES,
            meanings=MEANINGS,
            standings=STANDINGS,
            today=desk.today(),
            action_id=fresh(),
            press=fresh,
        )

    @routes.post("", dependencies=acting)
    def grant(
        window: County,
        service_item: Item,
        action_id: ActionId,
        agreement: Text = "",
        valid_from: Day = "",
        valid_to: Day = "",
        powers: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        begins, ends = days(valid_from, valid_to)
        desk.grant(
            window=window,
            service_item=service_item,
            powers=powers or (),
            agreement=agreement,
            valid_from=begins,
            valid_to=ends,
            action_id=action_id,
        )
        return Response(headers={"HX-Redirect": _PATH})

    @routes.post("/back", dependencies=acting)
    def take_back(
        window: County, service_item: Item, action_id: ActionId, withdraw: Annotated[str, Form(max_length=5)] = ""
    ) -> Response:
        desk.take_back(window, service_item, withdraw=withdraw == "yes", action_id=action_id)
        return Response(headers={"HX-Redirect": _PATH})
