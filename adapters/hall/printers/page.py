"""`/printers` beside the print desk, for county IT: each printer, its trays and supplies, and its calibration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from adapters.hall.printers import calibrating, words
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.looking import Look
from adapters.hall.printers.register import Offset, Registered
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

NO_WHITE_PAPER: Final = declare(
    "E-PRINT-174",
    "没有确认纸盒里是白纸，校准页没有打印。",
    "请收回空白证照、放入白纸，再勾选“纸盒里现在是白纸”。",
)
SHEET_SENT: Final = _("校准页已送往打印机。量好后在下面登记偏移，再打印一页核对。")
OFFSET_KEPT: Final = _("偏移已登记。请再打印一页校准页核对。")

Target = Annotated[str, Form(max_length=200)]
Number = Annotated[float, Form()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibratable:
    """What can be calibrated: a template in a tray."""

    value: str
    form: calibrating.Form
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One printer on the page."""

    look: Look
    registered: Registered | None  # none: the single printer of county.toml
    offsets: list[Offset]
    targets: list[Calibratable]


def router(printers: HallPrinters, access: Access, *, clock: Callable[[], datetime]) -> APIRouter:
    """The page's routes, for an application that has the guard."""
    frame = Frame(name=_("打印机"), access=access, packages=["adapters.hall.printers"])
    routes = APIRouter()
    county_it = [needs(Role.COUNTY_IT)]

    def one(request: Request, name: str, done: str) -> HTMLResponse:
        (found,) = [each for each in _shown(printers) if each.look.name == name]
        return frame.page(request, "printer_card.html", shown=found, words=words, done=done)

    @routes.get("/printers", dependencies=county_it)
    def all_(request: Request) -> HTMLResponse:
        return frame.page(request, "printers.html", printers=_shown(printers), words=words, done="")

    @routes.get("/printers/{name}", dependencies=county_it)
    def card(request: Request, name: str) -> HTMLResponse:
        printers.register.content().named(name)
        return one(request, name, "")

    @routes.post("/printers/{name}/sheet", dependencies=county_it)
    def sheet(request: Request, name: str, target: Target, white: Annotated[str, Form()] = "") -> HTMLResponse:
        """Print a calibration sheet, once a person has said that the tray holds white paper."""
        if not white:
            raise YunhuobanError(NO_WHITE_PAPER, place="white")
        registered, printer = printers.named(name)
        form, source = _target(target)
        calibrating.print_sheet(registered, printer, form, source, printers.register.content())
        return one(request, name, SHEET_SENT)

    @routes.post("/printers/{name}/offsets", dependencies=county_it)
    def offsets(
        request: Request, name: str, target: Target, x_mm: Number, y_mm: Number, scale: Number = 1.0
    ) -> HTMLResponse:
        """Keep what was measured, with who measured it."""
        form, source = _target(target)
        calibrating.keep(
            printers.register, name, form, source,
            x_mm=x_mm, y_mm=y_mm, scale=scale, by=person_of(request).account, now=clock(),
        )  # fmt: skip
        return one(request, name, OFFSET_KEPT)

    return routes


def _shown(printers: HallPrinters) -> list[Shown]:
    content = printers.register.content()
    found = []
    for look in printers.looks():
        registered = content.named(look.name) if look.name else None
        found.append(
            Shown(
                look=look,
                registered=registered,
                offsets=content.current(registered) if registered else [],
                targets=_targets(registered) if registered else [],
            )
        )
    return found


def _targets(printer: Registered) -> list[Calibratable]:
    """Every installed template in every tray that holds its sheet."""
    return [
        Calibratable(value=f"{form.key}@{source}", form=form, source=source)
        for form in calibrating.forms()
        for source in ([tray.source for tray in printer.trays if tray.media is form.media] if printer.trays else [""])
    ]


def _target(value: str) -> tuple[calibrating.Form, str]:
    key, _at, source = value.partition("@")
    return calibrating.form(key), source
