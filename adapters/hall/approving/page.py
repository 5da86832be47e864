"""`/approvals` beside the print desk: inbox, one case, one paper at a time; on a phone or a tablet as well.

Everything that is typed stays on the page until the act succeeded: a refusal is shown above the paper, which keeps its
answers.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from adapters.hall.approving import acts, filepages
from adapters.hall.approving.acts import Act
from adapters.hall.approving.desk import ApprovalDesk, OpenCase
from adapters.hall.approving.files import CaseFiles
from adapters.hall.approving.papers import DEFECT_FIELDS
from adapters.hall.approving.specimen import Specimens
from adapters.hall.desk.second import has_account
from adapters.hall.grouping import words as grouping
from adapters.hall.handwriting import pad
from adapters.hall.presses import ActionId
from adapters.hall.revealing import showing
from pages import clockface, outcomes
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _

MOST_DEFECTS: Final = 20
_LOOKING: Final = (Role.APPROVER, Role.AUDITOR)


async def _posted(request: Request) -> FormData:
    """The fields of a form whose names only the paper knows."""
    return await request.form(max_fields=200, max_files=0)


Posted = Annotated[FormData, Depends(_posted)]


def router(
    desk: ApprovalDesk, files: CaseFiles, specimens: Specimens, access: Access, clock: Callable[[], datetime]
) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("审批台"), access=access, packages=["adapters.hall.approving", "adapters.hall.sharing"])
    routes = APIRouter(prefix="/approvals")
    looking, acting = [needs(*_LOOKING)], [needs(Role.APPROVER)]

    def case_page(request: Request, found: OpenCase, template: str = "approval.html") -> HTMLResponse:
        return frame.page(
            request,
            template,
            case=found,
            lines=clockface.lines(found.line.clock),
            names=acts.NAMES,
            words=showing.TRANSLATED,
            group_words=grouping,
            case_no=found.line.case_no,
            **filepages.shown(files, found.line.case_no, request),
            may_act=Role.APPROVER in person_of(request).roles,
        )

    @routes.get("", dependencies=looking)
    def inbox(request: Request, q: str = "") -> Response:
        asked = q.strip()[:200]
        if asked and (found := desk.search(asked)) is not None:
            return RedirectResponse(f"/approvals/{found}", status_code=303)
        return frame.page(
            request,
            "approvals.html",
            rows=desk.inbox(),
            waiting=desk.waiting(),
            names=acts.NAMES,
            clockface=clockface,
            asked=asked,
        )

    @routes.get("/specimens/{name}.png", dependencies=acting)
    def specimen(name: str) -> Response:
        return Response(specimens.picture(name), media_type="image/png")

    @routes.get("/{case_no}", dependencies=looking)
    def case(request: Request, case_no: str) -> HTMLResponse:
        return case_page(request, desk.open(case_no))

    @routes.post("/{case_no}/reveal", dependencies=looking)
    def reveal(request: Request, case_no: str, purpose: Annotated[str, Form(max_length=20)] = "") -> HTMLResponse:
        found = desk.reveal(case_no, person=person_of(request), purpose=purpose)
        return case_page(request, found, "application.html")

    filepages.attach(routes, frame, files)

    @routes.get("/{case_no}/{act}", dependencies=acting)
    def paper(request: Request, case_no: str, act: Act) -> HTMLResponse:
        return frame.page(
            request,
            "paper.html",
            case_no=case_no,
            act=act,
            name=acts.NAMES[act],
            paper=desk.paper(case_no, act),
            choices=outcomes.OUTCOMES.get(acts.TYPES[act], {}),
            action_id=str(uuid.uuid4()),
            rows=range(1, MOST_DEFECTS + 1),
            asks_signature=act in acts.SIGNED,
            proposes=act in acts.TWO_PERSONS,
            size=pad.PAD,
        )

    @routes.post("/{case_no}/grant/specimen", dependencies=acting)
    def draw(request: Request, case_no: str, posted: Posted) -> HTMLResponse:
        application, decision = desk.draft(case_no, Act.GRANT, _texts(posted), person=person_of(request))
        return frame.page(request, "specimen.html", name=specimens.draw(application, decision, clock()))

    @routes.post("/{case_no}/{act}", dependencies=acting)
    def act(request: Request, case_no: str, act: Act, action_id: ActionId, posted: Posted) -> Response:
        desk.act(
            case_no,
            act,
            _texts(posted),
            _defects(posted),
            signature=_signature(posted) if act in acts.SIGNED else None,
            person=person_of(request),
            action_id=action_id,
        )
        return _back_to(case_no)

    _second_person(routes, frame, desk)
    return routes


def _second_person(routes: APIRouter, frame: Frame, desk: ApprovalDesk) -> None:
    """What waits for the second person: read, approved and signed, or returned."""
    acting = [needs(Role.APPROVER)]

    @routes.get("/{case_no}/proposals/{proposal_id}", dependencies=acting)
    def proposal(request: Request, case_no: str, proposal_id: str) -> HTMLResponse:
        found = desk.seconding.open(case_no, proposal_id, person=person_of(request), alone=not has_account(request))
        return frame.page(
            request, "proposal.html", case_no=case_no, found=found, name=acts.NAMES[found.proposal.act], size=pad.PAD
        )

    @routes.post("/{case_no}/proposals/{proposal_id}/approve", dependencies=acting)
    def approve(request: Request, case_no: str, proposal_id: str, posted: Posted) -> Response:
        desk.seconding.approve(
            case_no,
            proposal_id,
            person=person_of(request),
            alone=not has_account(request),
            signature=_signature(posted),
        )
        return _back_to(case_no)

    @routes.post("/{case_no}/proposals/{proposal_id}/return", dependencies=acting)
    def give_back(
        request: Request, case_no: str, proposal_id: str, why: Annotated[str, Form(max_length=1000)] = ""
    ) -> Response:
        desk.seconding.give_back(case_no, proposal_id, why, person=person_of(request))
        return _back_to(case_no)


def _back_to(case_no: str) -> Response:
    return Response(status_code=200, headers={"HX-Redirect": f"/approvals/{case_no}"})


def _texts(posted: FormData) -> Mapping[str, str]:
    return {name: value for name, value in posted.multi_items() if isinstance(value, str)}


def _signature(posted: FormData) -> bytes | None:
    """What was drawn; None when it was signed on paper. Raises E-HAND-001."""
    return None if posted.get("signed_on_paper") else pad.picture(str(posted.get("signature", "")))


def _defects(posted: FormData) -> Sequence[Mapping[str, str]]:
    """The rows of the notice that are not empty."""
    columns = {name: [str(each) for each in posted.getlist(f"defect_{name}")] for name in DEFECT_FIELDS}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=False)]
    return [row for row in rows if any(value.strip() for value in row.values())]
