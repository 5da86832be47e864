"""The routes of supplements: begun at the page of their case, typed as a draft, sent by a press."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from adapters.hall.taking import pressing
from adapters.hall.taking.supplementing import Supplements
from adapters.hall.taking.taker import Taker
from adapters.hall.taking.web import asked
from adapters.hall.taking.web.forming import Forms
from adapters.hall.taking.web.scanpages import DraftId
from pages.access import language_of
from pages.people.permission import person_of
from pages.wording import sentence
from schemas.errors import YunhuobanError


def supplementing(routes: APIRouter, forms: Forms, taker_: Taker, supplements: Supplements, window: str) -> None:
    """`window` is this station's number until one is said."""

    @routes.post("/cases/{draft_id}/supplement")
    def begin(request: Request, draft_id: DraftId) -> Response:
        window_no = asked.window_of(request, window)
        begun = supplements.start(draft_id, person=person_of(request), window_no=window_no)
        return Response(headers={"HX-Redirect": f"/take/drafts/{begun}"})

    @routes.post("/drafts/{draft_id}/supply")
    def supply(request: Request, draft_id: DraftId, attempt: Annotated[int, Form(ge=1, le=10**6)]) -> Response:
        try:
            case = supplements.submit(draft_id, attempt, person_of(request))
        except YunhuobanError as error:
            if error.code is not pressing.NOT_COMPLETE:
                raise
            sheet = taker_.sheet(draft_id, person_of(request))
            return forms.not_complete(request, sheet, sentence(error, language_of(request)))
        return Response(headers={"HX-Redirect": f"/take/cases/{case}"})
