"""The routes of 免提交 and 加注件: licenses of a holder, masked, of which one is named or copied for a material."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse

from adapters.hall.taking.sharing import LicenseShares
from adapters.hall.taking.web.forming import Forms
from adapters.hall.taking.web.scanpages import DraftId
from pages.frame import Frame
from pages.people.permission import person_of

Material = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,40}$")]
Identifier = Annotated[str, Form(max_length=128)]


def sharing(routes: APIRouter, frame: Frame, forms: Forms, shares: LicenseShares) -> None:
    """Found, named, and taken back."""

    @routes.post("/drafts/{draft_id}/held/{material}")
    def find(
        request: Request, draft_id: DraftId, material: Material, number: Annotated[str, Form(max_length=40)] = ""
    ) -> HTMLResponse:
        rows = shares.find(draft_id, number, person_of(request))
        return frame.page(request, "held.html", rows=rows, draft_id=draft_id, key=material)

    @routes.post("/drafts/{draft_id}/named/{material}")
    def name(request: Request, draft_id: DraftId, material: Material, identifier: Identifier = "") -> HTMLResponse:
        sheet = shares.name(draft_id, material, identifier, person_of(request))
        return forms.answer(request, "scanned.html", sheet, pressed=False)
