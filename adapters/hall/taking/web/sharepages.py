"""The routes of 免提交 and 加注件: licenses of a holder, masked, of which one is named or copied for a material."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse

from adapters.hall.sharing import annotating
from adapters.hall.taking.sharing import LicenseShares
from adapters.hall.taking.web.forming import Forms
from adapters.hall.taking.web.scanpages import DraftId
from pages.frame import Frame
from pages.people.permission import person_of
from schemas.workdays.hours import beijing_day

Material = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")]
Identifier = Annotated[str, Form(max_length=128)]


def sharing(routes: APIRouter, frame: Frame, forms: Forms, shares: LicenseShares) -> None:
    """Found, named or copied, and taken back."""

    @routes.post("/drafts/{draft_id}/held/{material}")
    def find(
        request: Request, draft_id: DraftId, material: Material, number: Annotated[str, Form(max_length=40)] = ""
    ) -> HTMLResponse:
        rows = shares.find(draft_id, number, person_of(request))
        usual = beijing_day(shares.now()) + timedelta(days=annotating.USUAL_DAYS)
        return frame.page(request, "held.html", rows=rows, draft_id=draft_id, key=material, usual=usual)

    @routes.post("/drafts/{draft_id}/named/{material}")
    def name(request: Request, draft_id: DraftId, material: Material, identifier: Identifier = "") -> HTMLResponse:
        sheet = shares.name(draft_id, material, identifier, person_of(request))
        return forms.answer(request, "scanned.html", sheet, pressed=False)

    @routes.post("/drafts/{draft_id}/copied/{material}")
    def copy(
        request: Request,
        draft_id: DraftId,
        material: Material,
        identifier: Identifier = "",
        purpose: Annotated[str, Form(max_length=200)] = "",
        until: Annotated[str, Form(max_length=20)] = "",
    ) -> HTMLResponse:
        person = person_of(request)
        sheet = shares.copy(draft_id, material, identifier, purpose=purpose, until=until, person=person)
        return forms.answer(request, "scanned.html", sheet, pressed=False)
