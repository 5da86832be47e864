"""The slip that whoever asks or complains takes along: one code for the matter, and where it shows how far it is.

民情通办: what somebody reported has one number, whatever channel it came by; the QR code leads to the hub's public
page, as the one on a receipt of materials does. Nothing on it says what was asked or who asked.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.around import kinds
from adapters.hall.around.desk import AroundDesk
from adapters.hall.around.kinds import Kind
from adapters.hall.taking.paper.receipt import ProgressLink
from adapters.licenses import qr
from pages.frame import NOT_THERE, Frame
from pages.people.permission import needs
from pages.people.person import Role
from schemas.errors import YunhuobanError

ASKED: Final = frozenset({Kind.QUESTION, Kind.APPEAL})
"""What somebody at the window asked; the other matters are the offices' own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One paper."""

    number: str
    kind: Kind
    item_name: str
    other_name: str
    taken_at: datetime
    until: date | None
    """By which day the other county answers; None: it has answered."""


def slip(desk: AroundDesk, number: str) -> Slip:
    """Of a question or complaint that this county passed on. Raises E-PAGE-005 for any other."""
    found = desk.open(number)
    line = found.line
    if line.kind not in ASKED or not line.asks or not found.entries:
        raise YunhuobanError(NOT_THERE, place="case_no")
    return Slip(
        number=number,
        kind=line.kind,
        item_name=line.item_name or line.service_item,
        other_name=line.other_name or line.other,
        taken_at=found.entries[0].at,
        until=line.due,
    )


def attach(routes: APIRouter, frame: Frame, desk: AroundDesk, progress_link: ProgressLink) -> None:
    """The routes under `/around`; they come before the one of a step."""
    reading = [needs(Role.CLERK)]

    @routes.get("/{number}/slip", dependencies=reading)
    def page(request: Request, number: str) -> HTMLResponse:
        made = slip(desk, number)
        link = progress_link(number)
        return frame.page(request, "slip.html", slip=made, linked=link is not None, names=kinds.NAMES)

    @routes.get("/{number}/progress.svg", dependencies=reading)
    def code(number: str) -> Response:
        link = progress_link(slip(desk, number).number)
        if link is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return Response(qr.svg(link), media_type="image/svg+xml")
