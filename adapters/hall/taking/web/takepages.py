"""The routes: `/take` finds, `/items` tells and begins, `/drafts` is typed in, `/cases` says what became of it.

For clerks. Whatever changes something answers htmx; what cannot be done is told as everywhere, and a form that is not
complete has each problem put to its field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.case.workplace import Workplace
from adapters.hall.revealing import book
from adapters.hall.taking import fields, pressing, wiping
from adapters.hall.taking.looking import ScanLooks
from adapters.hall.taking.paper.powerpapers import PowerPapers, accepted_here
from adapters.hall.taking.paper.receipt import NOTES, TITLE, Receipts, limit
from adapters.hall.taking.picturing import Picturing
from adapters.hall.taking.sharing import LicenseShares
from adapters.hall.taking.supplementing import Supplements
from adapters.hall.taking.taker import Taker
from adapters.hall.taking.web import asked, powerpages, scanpages, sharepages, supplementpages, wipedpage, words
from adapters.hall.taking.web.forming import Forms
from adapters.hall.taking.web.scanpages import DraftId
from adapters.hall.taking.wiping import Wiped
from pages import clockface
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.uploads.receiving import Shelf
from pages.wording import mark as _
from pages.wording import sentence, without_persons
from schemas.errors import YunhuobanError
from schemas.identifiers.masking import masked_name

County = Annotated[str, Path(pattern=r"^[0-9]{6}$")]
Item = Annotated[str, Path(pattern=r"^[0-9A-Z]{31,33}$")]
Typed = Annotated[Mapping[str, str], Depends(asked.typed)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What stands behind the pages."""

    taker: Taker
    receipts: Receipts
    powers: PowerPapers
    place: Workplace
    shelf: Shelf
    """Where files come in; the node has one."""
    window: str
    """This station's number until one is said."""


def attach(app: FastAPI, counter: Counter, access: Access) -> None:
    """Put the pages into an application that has the guard."""
    frame = Frame(name=_("窗口收件"), access=access, packages=["adapters.hall.taking.web", "adapters.hall.sharing"])
    routes = APIRouter(prefix="/take", dependencies=[needs(Role.CLERK)])
    taker_, forms, picturing = counter.taker, Forms(frame), Picturing()
    looks, supplements = ScanLooks(counter.place, picturing), Supplements(counter.place, taker_.held)
    _finding(routes, frame, taker_, supplements, counter.window)
    _typing(routes, forms, taker_)
    scanpages.taking_in(routes, forms, taker_, counter.shelf, picturing)
    powerpages.attach(routes, forms, taker_, counter.powers)
    sharepages.sharing(routes, frame, forms, LicenseShares(counter.place, taker_.held, picturing))
    supplementpages.supplementing(routes, forms, taker_, supplements, counter.window)
    _told(routes, frame, taker_, looks, supplements)
    _receipts(routes, frame, counter.receipts)
    scanpages.showing(routes, frame, looks)
    app.include_router(routes)
    app.include_router(wipedpage.router(frame, partial(_wiped, counter.place)))
    scanpages.allow(app)


def _finding(routes: APIRouter, frame: Frame, taker_: Taker, supplements: Supplements, window: str) -> None:
    def here(request: Request) -> str:
        return asked.window_of(request, window)

    @routes.get("")
    def start(request: Request) -> HTMLResponse:
        mine = taker_.drafts(person_of(request))
        return frame.page(
            request,
            "take.html",
            window_no=here(request),
            drafts=[(each, item, county, _holder(each.typed)) for each, item, county in mine],
            taken=taker_.lately_taken(),
            wanted=supplements.wanted(),
        )

    @routes.get("/search")
    def search(request: Request, q: str = "") -> HTMLResponse:
        hits = taker_.search(q[:100])
        shown = [(row, sentence(row.why_not, language_of(request)) if row.why_not else None) for row in hits.rows]
        return frame.page(request, "hits.html", rows=shown, total=hits.total, asked=q.strip(), limit=limit, words=words)

    @routes.post("/window")
    def choose_window(request: Request, window_no: Annotated[str, Form(max_length=100)] = "") -> Response:
        said = asked.checked_window(window_no)
        answer = Response(headers={"HX-Refresh": "true"})
        answer.set_cookie(
            asked.WINDOW_COOKIE,
            said,
            max_age=asked.WINDOW_SECONDS,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
            path="/",  # groups are opened at the same window
        )
        return answer

    @routes.get("/items/{county}/{service_item}")
    def item(request: Request, county: County, service_item: Item) -> HTMLResponse:
        what, partner = taker_.item(county, service_item)
        why = sentence(what.why_not, language_of(request)) if what.why_not else None
        return frame.page(
            request, "item.html", what=what, partner=partner, why=why, limit=limit, words=words, window_no=here(request)
        )

    @routes.post("/items/{county}/{service_item}/start")
    def begin(
        request: Request, county: County, service_item: Item, trial: Annotated[str, Form(max_length=5)] = ""
    ) -> Response:
        draft_id = taker_.start(
            county, service_item, person=person_of(request), window_no=here(request), trial=trial == "trial"
        )
        return _to(f"/take/drafts/{draft_id}")


def _typing(routes: APIRouter, forms: Forms, taker_: Taker) -> None:
    @routes.get("/drafts/{draft_id}")
    def draft(request: Request, draft_id: DraftId) -> Response:
        sheet = taker_.sheet(draft_id, person_of(request))
        if sheet.together is not None:
            return RedirectResponse(f"/groups/{sheet.together.number}/form", status_code=303)
        _what, partner = taker_.item(sheet.draft.issuing_county, sheet.draft.service_item)
        template = "supplement.html" if sheet.notice is not None else "draft.html"
        return forms.answer(request, template, sheet, pressed=False, partner=partner)

    @routes.post("/drafts/{draft_id}/fields")
    def keep(request: Request, draft_id: DraftId, typed: Typed) -> HTMLResponse:
        sheet = taker_.keep(draft_id, typed, person_of(request))
        pressed, rows_too = typed.get("pressed") == "1", fields.AGENT in typed
        return forms.answer(request, "kept.html", sheet, pressed=pressed, rows_too=rows_too, shown=None)

    @routes.post("/drafts/{draft_id}/rows")
    def add_row(request: Request, draft_id: DraftId) -> HTMLResponse:
        sheet = taker_.add_row(draft_id, person_of(request))
        rows = sheet.checked.rows
        return forms.answer(request, "materials.html", sheet, pressed=False, focus=rows[-1].key if rows else "")

    @routes.post("/drafts/{draft_id}/discard")
    def discard(request: Request, draft_id: DraftId) -> Response:
        taker_.discard(draft_id, person_of(request))
        return _to("/take")

    @routes.post("/drafts/{draft_id}/submit")
    def submit(request: Request, draft_id: DraftId, attempt: Annotated[int, Form(ge=1, le=10**6)]) -> Response:
        try:
            taker_.submit(draft_id, attempt, person_of(request))
        except YunhuobanError as error:
            if error.code is not pressing.NOT_COMPLETE:
                raise
            sheet = taker_.sheet(draft_id, person_of(request))
            return forms.not_complete(request, sheet, sentence(error, language_of(request)))
        return _to(f"/take/cases/{draft_id}")


def _told(routes: APIRouter, frame: Frame, taker_: Taker, looks: ScanLooks, supplements: Supplements) -> None:
    @routes.get("/cases/{draft_id}")
    def case(request: Request, draft_id: DraftId) -> HTMLResponse:
        draft, standing = taker_.standing(draft_id)
        if not draft.pressed or draft.supplement_of:
            raise YunhuobanError(NOT_THERE, place="draft_id")
        return frame.page(
            request,
            "case.html",
            draft=draft,
            standing=standing,
            holder=_holder(draft.typed),
            checked_how=fields.IDENTITY_METHODS.get(draft.typed.get(fields.IDENTITY, ""), ""),
            checked=draft.stamps.get(fields.IDENTITY),
            came_from=fields.CHANNELS.get(draft.typed.get(fields.CHANNEL, ""), ""),
            delivered=fields.DELIVERY_METHODS.get(draft.typed.get(fields.METHOD, ""), ""),
            words=words,
            accepted_here=accepted_here(draft),
            posts=taker_.owes_papers(draft),
            supplement=supplements.standing(draft_id),
            without_persons=without_persons,
            worths=looks.worths(draft_id),
            listed=looks.listed(draft_id, person_of(request)),
            purposes=book.PURPOSES,
            lines=clockface.lines(standing.case.clock) if standing.case is not None else [],
        )

    @routes.post("/cases/{draft_id}/correct")
    def correct(request: Request, draft_id: DraftId) -> Response:
        taker_.correct(draft_id, person_of(request))
        return _to(f"/take/drafts/{draft_id}")


def _receipts(routes: APIRouter, frame: Frame, receipts: Receipts) -> None:
    @routes.get("/cases/{draft_id}/receipt")
    def receipt(request: Request, draft_id: DraftId) -> HTMLResponse:
        made = receipts.of(draft_id, language_of(request))
        return frame.page(request, "receipt.html", receipt=made, title=TITLE, notes=NOTES)

    @routes.get("/cases/{draft_id}/progress.svg")
    def progress(request: Request, draft_id: DraftId) -> Response:
        made = receipts.of(draft_id, language_of(request))
        if not made.progress_qr:
            raise YunhuobanError(NOT_THERE, place="draft_id")
        return Response(made.progress_qr, media_type="image/svg+xml")

    @routes.get("/cases/{draft_id}/receipt.pdf")
    def receipt_pdf(request: Request, draft_id: DraftId) -> Response:
        made = receipts.of(draft_id, language_of(request))
        name = f'inline; filename="{made.case_no}.pdf"'
        pdf = receipts.pdf(made, language_of(request))
        return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})


def _wiped(place: Workplace) -> Sequence[Wiped]:
    with place.store.read() as tx:
        return wiping.record(tx)


def _holder(typed: Mapping[str, str]) -> str:
    """The applicant as lists show him: a person masked, a body by its public name."""
    name = typed.get("applicant.name", "").strip()
    return masked_name(name) if name and typed.get("applicant.kind", "natural_person") == "natural_person" else name


def _to(place: str) -> Response:
    return Response(headers={"HX-Redirect": place})
