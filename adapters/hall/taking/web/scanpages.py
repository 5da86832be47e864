"""The routes of scans: taken in by `pages.uploads`, shown as pictures page by page; the file goes to no browser."""

from typing import Annotated, BinaryIO, Final

from fastapi import APIRouter, FastAPI, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from adapters.hall.taking import scans
from adapters.hall.taking.looking import ScanLooks
from adapters.hall.taking.picturing import Picturing
from adapters.hall.taking.scans import Scan
from adapters.hall.taking.taker import Taker
from adapters.hall.taking.web.forming import Forms
from pages.frame import Frame
from pages.listening import bodies
from pages.people.permission import person_of
from pages.uploads.receiving import Shelf

DraftId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Number = Annotated[int, Path(ge=1, le=1000)]
_SCANS: Final = "/drafts/{draft_id}/scans/{material}"


def allow(app: FastAPI) -> None:
    """Let scans be larger than forms; what is a little too large is told by the shelf, in its own words."""
    bodies.allow(app, f"/take{_SCANS}", 2 * scans.MOST_FILE_BYTES)


def taking_in(routes: APIRouter, forms: Forms, taker_: Taker, shelf: Shelf, picturing: Picturing) -> None:
    """Scans of a draft come and go."""

    @routes.post(_SCANS)
    async def add_scan(
        request: Request, draft_id: DraftId, material: Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")]
    ) -> HTMLResponse:
        person = person_of(request)

        def keep(file: BinaryIO) -> None:
            taker_.add_scan(draft_id, material, picturing.look(file), person)

        async with shelf.receive(request, most_bytes=scans.MOST_FILE_BYTES) as file:
            await run_in_threadpool(keep, file)
        sheet = await run_in_threadpool(taker_.sheet, draft_id, person)
        return forms.answer(request, "scanned.html", sheet, pressed=False)

    @routes.post("/drafts/{draft_id}/scans/{scan_id}/remove")
    def remove_scan(request: Request, draft_id: DraftId, scan_id: DraftId) -> HTMLResponse:
        sheet = taker_.remove_scan(draft_id, scan_id, person_of(request))
        return forms.answer(request, "scanned.html", sheet, pressed=False)


def showing(routes: APIRouter, frame: Frame, looks: ScanLooks) -> None:
    """Scans of drafts and of taken applications, page by page."""

    def page(request: Request, scan: Scan, number: int, back: str) -> HTMLResponse:
        here = f"{back}/scans/{scan.scan_id}"
        at = min(number, scan.pages)
        return frame.page(request, "scan.html", scan=scan, number=at, back=back, place=here)

    @routes.get("/drafts/{draft_id}/scans/{scan_id}")
    def of_draft(
        request: Request, draft_id: DraftId, scan_id: DraftId, page_no: Annotated[int, Query(ge=1, le=1000)] = 1
    ) -> HTMLResponse:
        scan = looks.of_draft(draft_id, scan_id, person_of(request))
        return page(request, scan, page_no, f"/take/drafts/{draft_id}")

    @routes.get("/drafts/{draft_id}/scans/{scan_id}/{number}.png")
    def draft_picture(request: Request, draft_id: DraftId, scan_id: DraftId, number: Number) -> Response:
        return _png(looks.draft_picture(draft_id, scan_id, number, person_of(request)))

    @routes.post("/cases/{draft_id}/looks")
    def say_why(request: Request, draft_id: DraftId, purpose: Annotated[str, Form(max_length=20)] = "") -> Response:
        looks.say_why(draft_id, purpose, person_of(request))
        return Response(headers={"HX-Refresh": "true"})

    @routes.get("/cases/{draft_id}/scans/{scan_id}")
    def of_case(
        request: Request, draft_id: DraftId, scan_id: DraftId, page_no: Annotated[int, Query(ge=1, le=1000)] = 1
    ) -> HTMLResponse:
        scan = looks.of_case(draft_id, scan_id, person_of(request))
        return page(request, scan, page_no, f"/take/cases/{draft_id}")

    @routes.get("/cases/{draft_id}/scans/{scan_id}/{number}.png")
    def case_picture(request: Request, draft_id: DraftId, scan_id: DraftId, number: Number) -> Response:
        return _png(looks.case_picture(draft_id, scan_id, number, person_of(request)))


def _png(picture: bytes) -> Response:
    return Response(picture, media_type="image/png")
