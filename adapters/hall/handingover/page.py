"""`/handing-over` beside the print desk: one case's printed sheets, the hand-over, and the receipt on paper."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.handingover.desk import HandOverDesk
from adapters.hall.handwriting import pad
from adapters.hall.presses import ActionId
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _

METHODS = {"in_person": _("当面交付"), "parcel": _("邮寄")}

Text = Annotated[str, Form(max_length=200)]


def router(desk: HandOverDesk, access: Access, *, hall: str) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("交付"), access=access, packages=["adapters.hall.handingover"])
    routes = APIRouter(prefix="/handing-over")
    looking, acting = [needs(Role.CLERK, Role.AUDITOR)], [needs(Role.CLERK)]

    @routes.get("/{case_no}", dependencies=looking)
    def case(request: Request, case_no: str) -> HTMLResponse:
        return frame.page(
            request,
            "delivery.html",
            found=desk.open(case_no),
            methods=METHODS,
            size=pad.PAD,
            action_id=str(uuid.uuid4()),
            may_act=Role.CLERK in person_of(request).roles,
        )

    @routes.get("/{case_no}/receipt", dependencies=looking)
    def receipt(request: Request, case_no: str) -> HTMLResponse:
        return frame.page(request, "receipt.html", found=desk.open(case_no), methods=METHODS, hall=hall)

    @routes.get("/{case_no}/signature.png", dependencies=looking)
    def signature(case_no: str) -> Response:
        return Response(desk.signature(case_no), media_type="image/png")

    @routes.post("/{case_no}", dependencies=acting)
    def hand_over(
        request: Request,
        case_no: str,
        action_id: ActionId,
        method: Text = "",
        recipient: Text = "",
        waybill: Text = "",
        signature: Annotated[str, Form(max_length=100_000)] = "",
        signed_on_paper: Text = "",
    ) -> Response:
        desk.hand_over(
            case_no,
            method=method,
            recipient=recipient,
            waybill=waybill,
            signature=signature,
            signed_on_paper=bool(signed_on_paper),
            person=person_of(request),
            action_id=action_id,
        )
        return Response(status_code=200, headers={"HX-Redirect": f"/handing-over/{case_no}"})

    return routes
