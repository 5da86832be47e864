"""`/sign-in` and its steps: plain forms that need no script, and from there to where one wanted to go.

Each answer is a redirect to the next step, so that going back or loading anew sends nothing twice; a refusal is shown
above the same form. The recovery codes are the one page that is an answer itself: they are nowhere afterwards.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pages.access import Access, language_of
from pages.cookies import give_session, session_cookie
from pages.frame import Frame
from pages.people import paths
from pages.people.attempts import WAIT
from pages.people.elsewhere import Elsewhere
from pages.people.permission import needs
from pages.people.person import Role
from pages.people.signed import Step
from pages.people.signin import EXPIRED, SignIn
from pages.people.web import qr
from pages.wording import mark as _
from pages.wording import sentence
from schemas.errors import YunhuobanError

EVERYBODY: Final = frozenset(Role)
Typed = Annotated[str, Form(max_length=200)]
Next = Annotated[str, Form(max_length=600)]
Places = Annotated[Sequence[Annotated[str, Form(max_length=64)]], Form(max_length=100)]


class _Steps:
    """What the routes of all steps do alike."""

    def __init__(self, people: SignIn, access: Access) -> None:
        self._people = people
        self._frame = Frame(name=_("登录"), access=access, packages=["pages.people.web"])

    def shown(
        self, request: Request, template: str, *, error: YunhuobanError | None = None, wanted: str = "", **values: Any
    ) -> HTMLResponse:
        """A step's form, below what was wrong with the last one."""
        told = {"shown": sentence(error, language_of(request)) if error else None, "wanted": paths.own(wanted)}
        status_code = 200 if error is None else 429 if error.code is WAIT else 403
        return self._frame.page(request, template, status_code=status_code, **told, **values)

    def tried(
        self, request: Request, wanted: str, step: Callable[[], str], again: Callable[[YunhuobanError], Response]
    ) -> Response:
        """Do a step and lead on with the session that it gave; from the beginning when the sign-in has ended."""
        try:
            session = step()
        except YunhuobanError as error:
            return self.from_the_start(request, wanted, error) if error.code is EXPIRED else again(error)
        due = self._due(session)
        there = paths.own(wanted) if due in (None, Step.DONE) else paths.leading(paths.STEPS[due], wanted)
        answer = RedirectResponse(there, status_code=303)
        give_session(answer, request.scope, session)
        return answer

    def from_the_start(self, request: Request, wanted: str, error: YunhuobanError | None = None) -> Response:
        """The first form."""
        return self.shown(request, "sign_in.html", error=error, wanted=wanted, account="")

    def due(self, request: Request) -> Step | None:
        """What is asked of this browser's session; none when there is no such session."""
        return self._due(request.state.session)

    def elsewhere(self, request: Request, wanted: str) -> Response:
        """This step is not due: to the one that is."""
        due = self.due(request)
        if due is Step.DONE:
            return RedirectResponse(paths.own(wanted), status_code=303)
        path = paths.SIGN_IN if due is None else paths.STEPS[due]
        return RedirectResponse(paths.leading(path, wanted), status_code=303)

    def _due(self, session: str) -> Step | None:
        signed = self._people.signed(session, attended=True)
        return None if signed is None else signed.step


def router(people: SignIn, access: Access) -> APIRouter:
    """The routes, for an application whose guard has the same access."""
    steps, routes, places = _Steps(people, access), APIRouter(), Elsewhere(people.shelf, people.sessions)

    @routes.get(paths.SIGN_IN)
    def sign_in(request: Request, next: str = "/") -> Response:  # noqa: A002 -- the name in the address
        if getattr(request.state, "has_account", False):
            return RedirectResponse(paths.own(next), status_code=303)
        return steps.from_the_start(request, next)

    @routes.post(paths.SIGN_IN)
    def enter(request: Request, account: Typed = "", password: Typed = "", next: Next = "/") -> Response:  # noqa: A002
        name = account.strip().lower()
        return steps.tried(
            request,
            next,
            lambda: people.enter(name, password, address_of(request)),
            lambda error: steps.shown(request, "sign_in.html", error=error, wanted=next, account=name),
        )

    @routes.get(paths.STEPS[Step.SECOND])
    def second(request: Request, next: str = "/") -> Response:  # noqa: A002
        if steps.due(request) is not Step.SECOND:
            return steps.elsewhere(request, next)
        return steps.shown(request, "second.html", wanted=next)

    @routes.post(paths.STEPS[Step.SECOND])
    def take_second(request: Request, code: Typed = "", next: Next = "/") -> Response:  # noqa: A002
        return steps.tried(
            request,
            next,
            lambda: people.second(request.state.session, code, address_of(request)),
            lambda error: steps.shown(request, "second.html", error=error, wanted=next),
        )

    @routes.get(paths.STEPS[Step.ENROL])
    def enrol(request: Request, next: str = "/") -> Response:  # noqa: A002
        if steps.due(request) is not Step.ENROL:
            return steps.elsewhere(request, next)
        secret, _uri = people.enrolment(request.state.session)
        return steps.shown(request, "enrol.html", wanted=next, secret=secret)

    @routes.get(f"{paths.STEPS[Step.ENROL]}/code.svg")
    def enrol_code(request: Request) -> Response:
        _secret, uri = people.enrolment(request.state.session)
        return Response(qr.svg(uri), media_type="image/svg+xml")

    @routes.post(paths.STEPS[Step.ENROL])
    def take_enrolment(request: Request, code: Typed = "", next: Next = "/") -> Response:  # noqa: A002
        try:
            session, codes = people.enrol(request.state.session, code, address_of(request))
        except YunhuobanError as error:
            if error.code is EXPIRED:
                return steps.from_the_start(request, next, error)
            secret, _uri = people.enrolment(request.state.session)
            return steps.shown(request, "enrol.html", error=error, wanted=next, secret=secret)
        request.state.csrf = access.csrf(session)
        answer = steps.shown(request, "recovery.html", wanted=next, codes=codes)
        give_session(answer, request.scope, session)
        return answer

    @routes.get(paths.STEPS[Step.CHANGE])
    def change(request: Request, next: str = "/") -> Response:  # noqa: A002
        step = steps.due(request)
        if step not in (Step.CHANGE, Step.DONE):
            return steps.elsewhere(request, next)
        told = places.places(request.state.session) if step is Step.DONE else []
        return steps.shown(request, "password.html", wanted=next, due=step is Step.CHANGE, places=told)

    @routes.post(paths.STEPS[Step.CHANGE])
    def take_change(
        request: Request,
        old: Typed = "",
        new: Typed = "",
        again: Typed = "",
        next: Next = "/",  # noqa: A002
    ) -> Response:
        session, due = request.state.session, steps.due(request) is Step.CHANGE
        told = [] if due else places.places(session)
        return steps.tried(
            request,
            next,
            lambda: people.change_password(session, old=old, new=new, again=again, address=address_of(request)),
            lambda error: steps.shown(request, "password.html", error=error, wanted=next, due=due, places=told),
        )

    @routes.post(paths.ELSEWHERE, dependencies=[needs(*EVERYBODY)])
    def end_elsewhere(request: Request, place: Places = (), password: Typed = "", next: Next = "/") -> Response:  # noqa: A002
        session, there = request.state.session, paths.leading(paths.STEPS[Step.CHANGE], next)
        try:
            places.end(session, place, password=password, address=address_of(request))
        except YunhuobanError as error:
            if error.code is EXPIRED:
                return steps.from_the_start(request, next, error)
            told = places.places(session)
            return steps.shown(request, "password.html", error=error, wanted=next, due=False, places=told)
        return RedirectResponse(there, status_code=303)

    @routes.post(paths.SIGN_OUT, dependencies=[needs(*EVERYBODY)])
    def sign_out(request: Request) -> Response:
        access.forget(request.state.session)
        people.sign_out(request.state.session, address_of(request))
        answer = RedirectResponse(paths.SIGN_IN, status_code=303)
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # nothing of ours is in either; nobody need trust that
        answer.delete_cookie(session_cookie(request.scope), secure=request.url.scheme == "https", httponly=True)
        return answer

    return routes


def address_of(request: Request) -> str:
    """From where a request came, for the record."""
    return request.client.host if request.client else ""
