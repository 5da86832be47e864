"""`/supervision`: cards by colour, county and pair; one card with how it was counted; the weekly and monthly count.

The operator enters what a county says, security or the auditor rules on it: never the same person, for the roles
exclude each other (三员), which is why no second signature is asked for here.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.supervision import bulletin
from hub.supervision.counting import Bulletin
from hub.supervision.levels import CAUSES, GROUNDS, LEVELS, RULES, RULINGS, STANDINGS, UNITS
from hub.supervision.listing import Filter
from hub.supervision.period import Period
from hub.supervision.ruling import MOST_CHARACTERS, UNKNOWN_CARD
from hub.supervision.sheets import MEDIA_TYPES
from hub.web.rights import LOOKING, OPERATING, RULING
from hub.web.supervisionview import SupervisionSource
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.people.permission import person_of
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import say
from schemas.errors import YunhuobanError

_COUNTY: Final = re.compile("[0-9]{6}")
_PAIR: Final = re.compile(r"([0-9]{6})-([0-9]{6})")
_RULERS: Final = frozenset({Role.SECURITY, Role.AUDITOR})
_WORDS: Final[Mapping[str, Any]] = {
    "levels": LEVELS,
    "rules": RULES,
    "standings": STANDINGS,
    "grounds": GROUNDS,
    "rulings": RULINGS,
    "causes": CAUSES,
    "most": MOST_CHARACTERS,
}
Code = Annotated[str, Form(max_length=20)]
Text = Annotated[str, Form(max_length=4 * MOST_CHARACTERS)]


def router(view: SupervisionSource, access: Access) -> APIRouter:
    """The pages' routes, for an application that has the guard."""
    frame = Frame(name=_("电子监察"), access=access, packages=["hub.web"])
    routes = APIRouter(prefix="/supervision")

    @routes.get("", dependencies=[LOOKING])
    def supervision(
        request: Request, level: str = "", county: str = "", pair: str = "", case: str = "", every: bool = False
    ) -> HTMLResponse:
        found = _PAIR.fullmatch(pair)
        parties = (found[1], found[2]) if found else None
        wanted = Filter(
            level=level if level in LEVELS else "",
            county=county[:6],
            case_no=case[:24],
            pair=parties,
            unsettled=not every,
        )
        now = view.now()
        return frame.page(
            request,
            "list_supervision.html",
            rows=view.cards(wanted),
            counted=view.unsettled(),
            outages=view.outages(),
            names=view.names(),
            wanted=wanted,
            week=Period.week_of(now),
            month=Period.month_of(now),
            **_WORDS,
        )

    @routes.get("/period/{name}", dependencies=[LOOKING])
    def period(request: Request, name: str, county: str = "") -> HTMLResponse:
        return frame.page(request, "period.html", told=_told(view, name, county), **_WORDS)

    @routes.get("/workbook/{name}", dependencies=[LOOKING])
    def workbook(request: Request, name: str, county: str = "") -> Response:
        return _file(request, _told(view, name, county), "xlsx")

    @routes.get("/pdf/{name}", dependencies=[LOOKING])
    def pdf(request: Request, name: str, county: str = "") -> Response:
        return _file(request, _told(view, name, county), "pdf")

    @routes.get("/cards/{card_no}", dependencies=[LOOKING])
    def card(request: Request, card_no: str) -> HTMLResponse:
        found = view.card(card_no)
        if found is None:
            raise YunhuobanError(UNKNOWN_CARD, place="card", found=card_no[:20])
        row, basis = found
        roles = person_of(request).roles
        return frame.page(
            request,
            "supervision_card.html",
            row=row,
            basis=basis,
            limit_said=_limit(basis.limit, language_of(request)),
            names=view.names(),
            may_explain=Role.OPERATOR in roles and row.explanation is None and row.ruling is None,
            may_rule=bool(roles & _RULERS) and row.ruling is None,
            **_WORDS,
        )

    @routes.post("/cards/{card_no}/explain", dependencies=[OPERATING])
    def explain(request: Request, card_no: str, ground: Code, text: Text) -> Response:
        view.explain(card_no, ground=ground, text=text, by=person_of(request).account)
        return _back(card_no)

    @routes.post("/cards/{card_no}/rule", dependencies=[RULING])
    def rule(request: Request, card_no: str, ruling: Code, text: Text) -> Response:
        view.rule(card_no, ruling=ruling, text=text, by=person_of(request).account)
        return _back(card_no)

    return routes


def _told(view: SupervisionSource, name: str, county: str) -> Bulletin:
    """Of all counties, or of the one that is asked for."""
    told = view.bulletin(Period.read(name))
    return told.of(county) if _COUNTY.fullmatch(county) else told


def _file(request: Request, told: Bulletin, form: str) -> Response:
    whose = f"-{told.county}" if told.county else ""
    name = f"supervision-{told.period.name}{whose}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    data = bulletin.file_of(told, name, language_of(request))
    return Response(data, media_type=MEDIA_TYPES[form], headers=headers)


def _limit(limit: str, language: str) -> str:
    """A limit as a basis keeps it, in words: `5 working_day`, also with `+ 3 working_day`, or a day."""
    parts = [part.split(" ") for part in limit.split(" + ")]
    return " + ".join(say(UNITS[unit[0]], language, count=count) if unit else count for count, *unit in parts)


def _back(card_no: str) -> Response:
    if not re.fullmatch(r"[0-9A-F]{16}", card_no):
        raise YunhuobanError(NOT_THERE, place="card")
    return RedirectResponse(f"/supervision/cards/{card_no}", status_code=303)
