"""The pages of dead letters: look at them, try a replay dry, order it, stop it, discard one.

Everybody of the hub may look; the operator acts. One letter is sent again by one person; a batch, and discarding, take
two. Nothing is sent here: the keeper's process does, at the pace of the order.
"""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.people.second import Two
from hub.replaying import choosing
from hub.replaying.choosing import Wanted
from hub.replaying.ordering import MOST, RATES, SLOWLY
from hub.web.acting import Reason, SecondSignature, actor_of, has_account
from hub.web.deadview import LETTER_STATES, ORDER_STATES, REASONS, DeadLetters
from hub.web.rights import LOOKING, OPERATING
from pages.frame import NOT_THERE, Frame
from pages.rownumbers import RowNumber
from schemas.errors import YunhuobanError

_AFTER: Final = r"[0-9]{1,15}:[0-9a-f-]{36}"
Text = Annotated[str, Query(max_length=64)]
Sent = Annotated[str, Form(max_length=64)]
After = Annotated[str, Query(pattern=f"^({_AFTER})?$")]
Count = Annotated[int, Form(ge=0, le=100_000)]
Second = Annotated[SecondSignature, Depends()]


class Asked:
    """The filter in an address."""

    def __init__(self, queue: Text = "", source: Text = "", reason: Text = "", type: Text = "") -> None:  # noqa: A002 -- as the address has it
        self.wanted = Wanted(queue=queue, source=source, reason=reason, type=type)


def attach(app: FastAPI, frame: Frame, letters: DeadLetters, two: Two) -> None:
    """Give the pages to the hub's application."""

    def page(request: Request, template: str, **values: Any) -> HTMLResponse:
        values |= {"letter_states": LETTER_STATES, "order_states": ORDER_STATES, "reasons": REASONS}
        return frame.page(request, template, two=has_account(request) or not two.trial, **values)

    @app.get("/dead", dependencies=[LOOKING])
    def dead(request: Request, asked: Annotated[Asked, Depends()], after: After = "") -> HTMLResponse:
        rows = letters.letters(asked.wanted, _place(after))
        last = rows[-1] if len(rows) == choosing.PAGE else None
        more = f"{round(last.died_at.timestamp() * 1000)}:{last.number}" if last else ""
        return page(request, "dead.html", rows=rows, heaps=letters.heaps(), wanted=asked.wanted, more=more)

    @app.get("/dead/try", dependencies=[LOOKING])
    def attempt(request: Request, asked: Annotated[Asked, Depends()]) -> HTMLResponse:
        tried = letters.attempt(asked.wanted)
        return page(request, "dead_try.html", tried=tried, wanted=asked.wanted, most=MOST, rates=RATES, slowly=SLOWLY)

    @app.post("/dead/replay", dependencies=[OPERATING])
    def replay_many(
        request: Request, second: Second, counted: Count, rate: Count, reason: Reason = "",
        queue: Sent = "", source: Sent = "", died: Sent = "", type: Sent = "",  # noqa: A002 -- as the form has it
    ) -> Response:  # fmt: skip
        wanted = Wanted(queue=queue, source=source, reason=died, type=type)
        signed = second.signed(request, two)
        number = letters.order_many(wanted, actor_of(request), counted=counted, rate=rate, reason=reason, second=signed)
        return RedirectResponse(f"/replays/{number}", status_code=303)

    @app.get("/dead/{number}", dependencies=[LOOKING])
    def one(request: Request, number: str) -> HTMLResponse:
        opened = letters.opened(number)
        if opened is None:
            raise YunhuobanError(NOT_THERE)
        return page(request, "dead_letter.html", opened=opened, letter=opened.letter)

    @app.post("/dead/{number}/replay", dependencies=[OPERATING])
    def replay(request: Request, number: str, reason: Reason = "") -> Response:
        batch = letters.order_one(number, actor_of(request), reason=reason)
        return RedirectResponse(f"/replays/{batch}", status_code=303)

    @app.post("/dead/{number}/discard", dependencies=[OPERATING])
    def discard(request: Request, number: str, second: Second, reason: Reason = "") -> Response:
        letters.discard(number, actor_of(request), reason=reason, second=second.signed(request, two))
        return RedirectResponse(f"/dead/{number}", status_code=303)

    @app.get("/replays", dependencies=[LOOKING])
    def orders(request: Request) -> HTMLResponse:
        return page(request, "replays.html", orders=letters.orders())

    @app.get("/replays/{batch}", dependencies=[LOOKING])
    def order(request: Request, batch: RowNumber) -> HTMLResponse:
        found = letters.order(batch)
        if found is None:
            raise YunhuobanError(NOT_THERE)
        return page(request, "replay.html", order=found)

    @app.post("/replays/{batch}/stop", dependencies=[OPERATING])
    def stop(request: Request, batch: RowNumber, reason: Reason = "") -> Response:
        letters.stop(batch, actor_of(request), reason=reason)
        return RedirectResponse(f"/replays/{batch}", status_code=303)


def _place(after: str) -> tuple[int, str] | None:
    died_at, _, number = after.partition(":")
    return (int(died_at), number) if number else None
