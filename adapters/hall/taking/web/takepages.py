"""The routes: `/take` finds, `/items` tells and begins, `/drafts` is typed in, `/cases` says what became of it.

For clerks. Whatever changes something answers htmx; what cannot be done is told as everywhere, and a form that is not
complete has each problem put to its field.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Form, Path, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from adapters.hall.taking import fields, materials, pressing, scans
from adapters.hall.taking.paper.receipt import NOTES, TITLE, Receipts, limit
from adapters.hall.taking.sheet import Sheet
from adapters.hall.taking.taker import Taker
from adapters.hall.taking.web import asked, words
from pages import clockface
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.listening import bodies
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import sentence
from schemas.errors import YunhuobanError
from schemas.identifiers.masking import masked_name

DraftId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
County = Annotated[str, Path(pattern=r"^[0-9]{6}$")]
Item = Annotated[str, Path(pattern=r"^[0-9A-Z]{31,33}$")]
Typed = Annotated[Mapping[str, str], Depends(asked.typed)]
Uploaded = Annotated[Sequence[tuple[str, bytes]], Depends(asked.uploaded)]
_SCANS: Final = "/drafts/{draft_id}/scans/{material}"


def attach(app: FastAPI, taker_: Taker, receipts: Receipts, access: Access, *, window: str) -> None:
    """Put the pages into an application that has the guard. `window` is this station's number until one is said."""
    frame = Frame(name=_("窗口收件"), access=access, packages=["adapters.hall.taking.web"])
    routes = APIRouter(prefix="/take", dependencies=[needs(Role.CLERK)])
    _finding(routes, frame, taker_, window)
    _typing(routes, frame, taker_)
    _told(routes, frame, taker_, receipts)
    app.include_router(routes)
    bodies.allow(app, f"/take{_SCANS}", scans.MOST_UPLOAD_BYTES)


def _finding(routes: APIRouter, frame: Frame, taker_: Taker, window: str) -> None:
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
            path="/take",
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


def _typing(routes: APIRouter, frame: Frame, taker_: Taker) -> None:
    def form(request: Request, template: str, sheet: Sheet, *, pressed: bool, **more: Any) -> HTMLResponse:
        return frame.page(request, template, **_values(request, sheet, pressed=pressed), **({"focus": ""} | more))

    @routes.get("/drafts/{draft_id}")
    def draft(request: Request, draft_id: DraftId) -> HTMLResponse:
        sheet = taker_.sheet(draft_id, person_of(request))
        _what, partner = taker_.item(sheet.draft.issuing_county, sheet.draft.service_item)
        return form(request, "draft.html", sheet, pressed=False, partner=partner)

    @routes.post("/drafts/{draft_id}/fields")
    def keep(request: Request, draft_id: DraftId, typed: Typed) -> HTMLResponse:
        sheet = taker_.keep(draft_id, typed, person_of(request))
        changed_rows = fields.AGENT in typed
        return form(request, "kept.html", sheet, pressed=typed.get("pressed") == "1", rows_too=changed_rows, shown=None)

    @routes.post("/drafts/{draft_id}/rows")
    def add_row(request: Request, draft_id: DraftId) -> HTMLResponse:
        sheet = taker_.add_row(draft_id, person_of(request))
        return form(request, "materials.html", sheet, pressed=False, focus=sheet.checked.rows[-1].key)

    @routes.post(_SCANS)
    async def add_scans(
        request: Request,
        draft_id: DraftId,
        material: Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")],
        upload: Uploaded,
    ) -> HTMLResponse:
        person = person_of(request)
        for name, data in upload:
            await run_in_threadpool(taker_.add_scan, draft_id, material, name, data, person)
        sheet = await run_in_threadpool(taker_.sheet, draft_id, person)
        return form(request, "materials.html", sheet, pressed=False)

    @routes.post("/drafts/{draft_id}/scans/{scan_id}/remove")
    def remove_scan(request: Request, draft_id: DraftId, scan_id: DraftId) -> HTMLResponse:
        return form(request, "materials.html", taker_.remove_scan(draft_id, scan_id, person_of(request)), pressed=False)

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
            shown = sentence(error, language_of(request))
            return form(request, "kept.html", sheet, pressed=True, rows_too=False, shown=shown)
        return _to(f"/take/cases/{draft_id}")


def _told(routes: APIRouter, frame: Frame, taker_: Taker, receipts: Receipts) -> None:
    @routes.get("/cases/{draft_id}")
    def case(request: Request, draft_id: DraftId) -> HTMLResponse:
        draft, standing = taker_.standing(draft_id)
        if not draft.case_no:
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
            lines=clockface.lines(standing.case.clock) if standing.case is not None else [],
        )

    @routes.post("/cases/{draft_id}/correct")
    def correct(request: Request, draft_id: DraftId) -> Response:
        taker_.correct(draft_id, person_of(request))
        return _to(f"/take/drafts/{draft_id}")

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


def _values(request: Request, sheet: Sheet, *, pressed: bool) -> dict[str, Any]:
    """What the form's templates show of a draft; what is only not filled yet is told after a press."""
    language = language_of(request)

    def problems(path: str) -> list[Any]:
        found = [each for each in sheet.checked.at(path) if pressed or not each.open]
        return [(sentence(each.error, language), each.hinders) for each in found]

    return {
        "sheet": sheet,
        "draft": sheet.draft,
        "what": sheet.what,
        "groups": [
            (group, name, [each for each in sheet.fields if each.group is group])
            for group, name in fields.GROUPS.items()
        ],
        "Form": fields.Form,
        "problems": problems,
        "pressed": pressed,
        "left": len(sheet.checked.hindrances),
        "materials": materials,
        "scans": scans,
        "limit": limit,
        "words": words,
        "anchor": anchor,
        "paths": [each.path for each in sheet.fields]
        + [row.path(part) for row in sheet.checked.rows for part in materials.PARTS],
    }


def anchor(path: str) -> str:
    """A field's name as part of an id in the page."""
    return path.replace(".", "-")


def _holder(typed: Mapping[str, str]) -> str:
    """The applicant as lists show him: a person masked, a body by its public name."""
    name = typed.get("applicant.name", "").strip()
    return masked_name(name) if name and typed.get("applicant.kind", "natural_person") == "natural_person" else name


def _to(place: str) -> Response:
    return Response(headers={"HX-Redirect": place})
