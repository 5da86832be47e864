"""The proof of a case, downloaded from its page.

It holds what the hub may see, envelopes with encrypted content among it, and is checked offline with `hub verify`. That
somebody took it stands in the operators' record; so it is asked for by a form, like everything that leaves a trace.
"""

from typing import Protocol

from fastapi import FastAPI, Request, Response

from hub.record.noting import Actor
from hub.web.acting import actor_of
from hub.web.rights import LOOKING
from pages.frame import NOT_THERE
from schemas.errors import YunhuobanError
from schemas.identifiers.case import CaseNo


class Proofs(Protocol):
    """Where the file comes from."""

    def proof(self, case_no: str, who: Actor) -> bytes:
        """The file of one case. Raises E-JRNL-… or E-VERIFY-002."""


def attach(app: FastAPI, proofs: Proofs) -> None:
    """Give the way to the hub's application."""

    @app.post("/cases/{case_no}/proof", dependencies=[LOOKING])
    def proof(request: Request, case_no: str) -> Response:
        number = _number(case_no)
        made = proofs.proof(number, actor_of(request))
        named = {"Content-Disposition": f'attachment; filename="{number}.proof.json"'}
        return Response(made, media_type="application/json", headers=named)


def _number(text: str) -> str:
    """Only a real case number names a file."""
    try:
        return str(CaseNo.parse(text))
    except YunhuobanError:
        raise YunhuobanError(NOT_THERE) from None
