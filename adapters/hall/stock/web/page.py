"""`/stock` beside the print desk: the keeper's book, what a clerk holds, and each sheet's story.

A scanner types a number and Enter: a form whose other fields are still empty is held back by the browser, which puts
the cursor there. Whoever signed in acts under the own account; at a page that was opened by this machine's one-time
address nobody signed in, and the account is asked for.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.hall.desk.acting import Presses
from adapters.hall.desk.second import SecondPersons, SecondSignature, has_account
from adapters.hall.stock import acts, book, counting, serials, words
from adapters.hall.stock.serials import Span
from adapters.hall.stock.web.desk import StockDesk
from adapters.hall.stock.web.forms import CLERKS, KEEPERS, ActForm, BoxForm, CountForm, Does
from pages.access import Access
from pages.frame import NOT_THERE, Frame
from pages.labels import STOCK_KINDS
from pages.people.permission import needs, person_of
from pages.people.person import Role, of_machine
from pages.wording import mark as _
from schemas.errors import YunhuobanError

_MACHINE: Final = of_machine(frozenset()).account
_LOOKING: Final = needs(Role.STOCK_KEEPER, Role.CLERK, Role.COUNTY_IT, Role.AUDITOR)
_KEEPING: Final = needs(Role.STOCK_KEEPER)
_USING: Final = needs(Role.CLERK)
_FILE: Final = re.compile(r"([0-9]{4}-[0-9]{2})(\.xlsx|\.pdf)")
_TYPES: Final = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
}


def router(desk: StockDesk, access: Access, people: SecondPersons | None = None) -> APIRouter:
    """The pages' routes, for an application that has the guard; `people` verify whoever signs second."""
    frame = Frame(name=_("空白证照"), access=access, packages=["adapters.hall.stock.web"])
    routes = APIRouter(prefix="/stock")
    presses = Presses()

    def book_page(request: Request, act: str, done: Span | None = None, gap: Span | None = None) -> HTMLResponse:
        values = _values(request) | {"done": done, "act": act, "gap": gap, "found": desk.overview()}
        return frame.page(request, "book.html" if _is_part(request) else "stock.html", **values)

    def hands_page(request: Request, account: str, done: Span | None = None) -> HTMLResponse:
        values = _values(request) | {"done": done, "account": account, "station": desk.station}
        values |= {"rows": desk.held(account or None)}
        return frame.page(request, "hands.html" if _is_part(request) else "mine.html", **values)

    def press(request: Request, table: Mapping[str, Does], act: str, form: ActForm) -> str:
        """Do what a form asks, once however often it is sent; returns the account."""
        if act not in table:
            raise YunhuobanError(NOT_THERE, place="act")
        by = _acting(request, form.account)
        presses.once(form.action_id, lambda: table[act](desk, form, by))
        return by

    @routes.get("", dependencies=[_LOOKING])
    def start(request: Request) -> HTMLResponse:
        return book_page(request, "issue")

    @routes.get("/mine", dependencies=[_LOOKING])
    def mine(request: Request, account: str = "") -> HTMLResponse:
        return hands_page(request, _own(request) or account.strip())

    @routes.get("/sheets", dependencies=[_LOOKING])
    def look(serial: str = "") -> Response:
        """What a scanner typed into the box."""
        return RedirectResponse(f"/stock/sheets/{serials.canonical(serial)}", status_code=303)

    @routes.get("/sheets/{serial:path}", dependencies=[_LOOKING])
    def sheet(request: Request, serial: str, kind: str = "") -> HTMLResponse:
        return frame.page(request, "sheet.html", told=desk.story(serial, kind), **_values(request))

    @routes.get("/month/{name}", dependencies=[_LOOKING])
    def month(name: str) -> Response:
        wanted = _FILE.fullmatch(name)
        if wanted is None:
            raise YunhuobanError(NOT_THERE, place="month")
        headers = {"Content-Disposition": f'attachment; filename="stock-{name}"'}
        data = desk.month_file(wanted[1], wanted[2])
        return Response(data, media_type=_TYPES[wanted[2]], headers=headers)

    @routes.post("/receive", dependencies=[_KEEPING])
    def receive(request: Request, form: Annotated[BoxForm, Form()]) -> HTMLResponse:
        by, delivery = _acting(request, form.account), form.delivery
        gaps: list[Span | None] = []
        presses.once(form.action_id, lambda: gaps.append(desk.receive(delivery, by=by).gap))
        return book_page(request, "receive", delivery.span, gaps[0] if gaps else None)

    @routes.post("/count", dependencies=[_KEEPING])
    def count(request: Request, form: Annotated[CountForm, Form()]) -> HTMLResponse:
        by, found = _acting(request, form.account), counting.read_list(form.numbers)

        def act() -> None:
            desk.count(form.kind.strip(), found, by=by, holder=form.holder)

        presses.once(form.action_id, act)
        return book_page(request, "count")

    @routes.post("/destroy", dependencies=[_KEEPING])
    def destroy(
        request: Request, form: Annotated[ActForm, Form()], second: Annotated[SecondSignature, Depends()]
    ) -> HTMLResponse:
        """The second person signs here with both factors; at this machine's own page both are written down as typed."""
        by = _acting(request, form.account)

        def act() -> None:
            witness = second.signed(request, people) if has_account(request) else form.witness
            desk.destroy(form.span, form.kind, by=by, witness=witness, reference=form.reference)

        presses.once(form.action_id, act)
        return book_page(request, "destroy", form.span)

    @routes.post("/{act}", dependencies=[_KEEPING])
    def keep(request: Request, act: str, form: Annotated[ActForm, Form()]) -> HTMLResponse:
        press(request, KEEPERS, act, form)
        return book_page(request, act, form.span)

    @routes.post("/mine/{act}", dependencies=[_USING])
    def use(request: Request, act: str, form: Annotated[ActForm, Form()]) -> HTMLResponse:
        by = press(request, CLERKS, act, form)
        return hands_page(request, by, form.span)

    return routes


def _own(request: Request) -> str:
    """The account of whoever signed in; empty at this machine's own page, where nobody did."""
    account = person_of(request).account
    return "" if account == _MACHINE else account


def _acting(request: Request, typed: str) -> str:
    """Under whose account an act is written down; a signed-in person's own, whatever was typed. Raises E-STOCK-007."""
    return acts.account(_own(request) or typed)


def _is_part(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def _values(request: Request) -> dict[str, Any]:
    roles = person_of(request).roles
    return {
        "words": words,
        "own": _own(request),
        "keeps": Role.STOCK_KEEPER in roles,
        "uses": Role.CLERK in roles,
        "known_kinds": STOCK_KINDS,
        "spoiled_because": book.SPOILED_BECAUSE,
        "lost_because": book.LOST_BECAUSE,
        "signed_in": has_account(request),
        "action_id": lambda: str(uuid.uuid4()),
    }
