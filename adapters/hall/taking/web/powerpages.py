"""What a window does in the issuing county's place: the 一次性告知书 of a form, the 受理通知书 of a case."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.taking.paper.powerpapers import PowerPapers
from adapters.hall.taking.taker import Taker
from adapters.hall.taking.web.forming import Forms
from adapters.hall.taking.web.scanpages import DraftId
from pages.access import language_of
from pages.people.permission import person_of


def attach(routes: APIRouter, forms: Forms, taker_: Taker, papers: PowerPapers) -> None:
    """Beside the routes of the form and of what was taken."""

    @routes.post("/drafts/{draft_id}/once")
    def inform(request: Request, draft_id: DraftId) -> HTMLResponse:
        sheet = taker_.inform(draft_id, person_of(request))
        return forms.answer(request, "missing.html", sheet, pressed=False)

    @routes.get("/drafts/{draft_id}/once.pdf")
    def once(request: Request, draft_id: DraftId) -> Response:
        return _pdf(papers.once(draft_id, language_of(request)), f"{draft_id}-once")

    @routes.get("/cases/{draft_id}/acceptance.pdf")
    def acceptance(request: Request, draft_id: DraftId) -> Response:
        return _pdf(papers.acceptance(draft_id, language_of(request)), f"{draft_id}-acceptance")


def _pdf(made: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)
