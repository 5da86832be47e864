"""`/stating/bundles`: the county's bundles with what each saves the applicant, and the form that states one."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.presses import ActionId, fresh
from adapters.hall.stating.bundles import BundleDesk, parts
from adapters.hall.stating.desk import STANDINGS, days
from adapters.hall.stating.page import STATING, Section
from pages.frame import Frame
from pages.labels import REDUCTIONS
from pages.people.permission import needs
from pages.wording import mark as _

MOST_PARTS: Final = 20
_MORE: Final = 4
"""Rows of the form that are left for further parts."""
_PATH: Final = "/stating/bundles"
_MOST: Final = 10_000

Number = Annotated[str, Form(max_length=30)]
Text = Annotated[str, Form(max_length=200)]
Count = Annotated[int, Form(ge=0, le=_MOST)]
Day = Annotated[str, Form(max_length=10)]
Rows = Annotated[list[Annotated[str, Form(max_length=60)]], Form(default_factory=list, max_length=MOST_PARTS)]


def section(desk: BundleDesk) -> Section:
    """As `/stating` lists it."""
    return Section(
        path="bundles",
        name=_("一件事目录"),
        purpose=_("本县几个机关合起来办的事：有哪些部分，什么须先办成，跑几次、几个环节、几天。"),
        attach=partial(_attach, desk),
    )


def _attach(desk: BundleDesk, routes: APIRouter, frame: Frame) -> None:
    acting = [needs(*STATING)]

    @routes.get("", dependencies=acting)
    def bundles(request: Request, bundle: Annotated[str, Query(max_length=30)] = "") -> HTMLResponse:
        lines = desk.lines()
        chosen = next((each.said.record for each in lines if each.said.record["bundle"] == bundle), None)
        there = chosen["bundle_parts"] if chosen is not None else ()
        return frame.page(
            request,
            "stated_bundles.html",
            lines=lines,
            chosen=chosen,
            rows=[*there, *([None] * min(_MORE if there else _MORE + 1, MOST_PARTS - len(there)))],
            items=desk.items(),
            names=REDUCTIONS,
            standings=STANDINGS,
            today=desk.today(),
            action_id=fresh(),
            press=fresh,
        )

    @routes.post("", dependencies=acting)
    def state(
        bundle: Number,
        name: Text,
        item: Rows,
        after: Rows,
        visits: Count,
        steps: Count,
        limit_days: Count,
        action_id: ActionId,
        valid_from: Day = "",
        valid_to: Day = "",
    ) -> Response:
        begins, ends = days(valid_from, valid_to)
        record = {
            "bundle": bundle.strip(),
            "name": name.strip(),
            "bundle_parts": parts(item, after),
            "visits": visits,
            "steps": steps,
            "days": limit_days,
            "valid_from": begins,
            "valid_to": ends,
        }
        desk.state(record, action_id=action_id)
        return Response(headers={"HX-Redirect": _PATH})

    @routes.post("/withdraw", dependencies=acting)
    def withdraw(bundle: Number, action_id: ActionId) -> Response:
        desk.withdraw(bundle, action_id=action_id)
        return Response(headers={"HX-Redirect": _PATH})
