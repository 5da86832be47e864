"""Where a county stands with its hub, in the browser: the state, what happens next, the key fingerprint to read out.

Opened, it asks the joining page by itself and again every minute; where there is none it shows what is known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.countyit.joining.standings import Standing
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs
from pages.people.person import Role
from pages.wording import mark as _
from schemas.errors import Code
from schemas.joining.wire import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinView:
    """What the page shows."""

    county: str
    name: str
    standing: Standing
    keys_fingerprint: str
    reason: str
    problems: Sequence[Problem]
    address: str
    """Of the joining page; empty where files are carried."""
    told_at: datetime | None
    """When the hub last said so; none: it is what is known here."""
    section: str
    """What `county.toml` still has to say of the hub; empty when it does."""
    trouble: Code | None
    """Why the hub could not be asked just now."""


class JoiningSource(Protocol):
    """Where the page gets it."""

    def view(self) -> JoinView | None:
        """What is known here; none for a county that was enrolled without an invitation."""

    def ask(self) -> None:
        """Ask the joining page. What passes by itself is in the view afterwards. Raises E-JOIN-… for the rest."""


def attach(app: FastAPI, frame: Frame, source: JoiningSource) -> None:
    """Give the page to an application; its templates are in the package `adapters.countyit.joining.web`."""

    @app.get("/joining", dependencies=[needs(Role.COUNTY_IT)])
    def joining(request: Request) -> HTMLResponse:
        return frame.page(request, "joining.html", shown=source.view())

    @app.post("/joining/ask", dependencies=[needs(Role.COUNTY_IT)])
    def ask(request: Request) -> HTMLResponse:
        source.ask()
        return frame.page(request, "standing.html", shown=source.view())


def build_app(source: JoiningSource, access: Access) -> FastAPI:
    """The page alone, for a county whose node cannot run yet."""
    frame = Frame(name=_("加入"), access=access, packages=["adapters.countyit.joining.web"])
    app = frame.application()
    attach(app, frame, source)

    @app.get("/", dependencies=[needs(Role.COUNTY_IT)])
    def start() -> RedirectResponse:
        return RedirectResponse("/joining", status_code=303)

    return app
