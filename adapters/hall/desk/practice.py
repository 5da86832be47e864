"""Practice at the desk: only trial cases are there, and nothing that is real can be seen, printed or said.

The mode is the browser's: a cookie for pages that are opened, a header from pages that are open already, so that a page
that carries the mark stays what it says after practice was ended in another tab. Trial sheets go onto white paper, and
have no number (`adapters.hall.printers.hall`, `adapters.printing.stock`).
"""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import FastAPI, Form, Request, Response

from adapters.hall.desk.view import AuthorisationRow, CaseLine, DeskSource, Hall, PrintJob, Trouble
from pages.people.permission import needs
from pages.people.person import Role
from schemas.errors import YunhuobanError, declare

ONLY_TRIAL: Final = declare(
    "E-PRINT-311", "现在是练习，这一份不是试办件。", "请先按“结束练习”，再办这一份；练习只办试办件。"
)
COOKIE: Final = "yhb-practice"
HEADER: Final = "X-Practice"


class Practice:
    """A desk of which only the trial cases are left."""

    def __init__(self, desk: DeskSource) -> None:
        self._desk = desk

    def hall(self) -> Hall:
        """The same hall and printers."""
        return self._desk.hall()

    def authorisations(self) -> Sequence[AuthorisationRow]:
        """Those of trial cases."""
        return [row for row in self._desk.authorisations() if row.trial]

    def search(self, asked: str, *, by: str) -> Sequence[AuthorisationRow]:
        """Those of trial cases; the look is written down as ever."""
        return [row for row in self._desk.search(asked, by=by) if row.trial]

    def job(self, authorisation_no: str) -> PrintJob | None:
        """One of a trial case. Raises E-PRINT-311."""
        job = self._desk.job(authorisation_no)
        if job is not None and not job.row.trial:
            raise YunhuobanError(ONLY_TRIAL, place=authorisation_no)
        return job

    def preview_pdf(self, authorisation_no: str) -> bytes:
        """Raises E-PRINT-311."""
        self.job(authorisation_no)
        return self._desk.preview_pdf(authorisation_no)

    def print(self, authorisation_no: str, *, by: str, action_id: str) -> None:
        """Raises E-PRINT-311."""
        self.job(authorisation_no)
        self._desk.print(authorisation_no, by=by, action_id=action_id)

    def confirm(self, authorisation_no: str, *, stock_serial: str, by: str, action_id: str, skipped: str = "") -> None:
        """Raises E-PRINT-311."""
        self.job(authorisation_no)
        self._desk.confirm(authorisation_no, stock_serial=stock_serial, by=by, action_id=action_id, skipped=skipped)

    def spoil(
        self, authorisation_no: str, *, stock_serial: str, reason: str, by: str, witness: str, action_id: str
    ) -> None:
        """Raises E-PRINT-311."""
        self.job(authorisation_no)
        self._desk.spoil(
            authorisation_no, stock_serial=stock_serial, reason=reason, by=by, witness=witness, action_id=action_id
        )

    def troubles(self) -> Sequence[Trouble]:
        """None: what did not pass is real work."""
        return ()

    def cases(self) -> Sequence[CaseLine]:
        """Those on trial."""
        return [line for line in self._desk.cases() if line.trial]

    def case(self, case_no: str) -> CaseLine | None:
        """One on trial; none when it is real."""
        line = self._desk.case(case_no)
        return line if line is not None and line.trial else None


def practising(request: Request) -> bool:
    """Whether this browser practises, or asks from a page that says so."""
    return request.cookies.get(COOKIE) == "on" or request.headers.get(HEADER) == "1"


def attach(app: FastAPI) -> None:
    """Add the switch."""

    @app.post("/practice", dependencies=[needs(Role.CLERK)])
    def practice(request: Request, practice: Annotated[str, Form(max_length=3)] = "") -> Response:
        """Begin or end, for this browser; the page is loaded anew, with the mark or without."""
        answer = Response(status_code=200, headers={"HX-Refresh": "true"})
        if practice == "on":
            secure = request.scope["scheme"] == "https"
            answer.set_cookie(COOKIE, "on", httponly=True, secure=secure, samesite="strict", path="/")
        else:
            answer.delete_cookie(COOKIE, path="/")
        return answer
