"""The print desk of one hall: see the license and its checks, print it once, account for the sheet.

Left the authorisations of this hall and what went wrong in this county; in the middle the license; right the checks
and the one thing to do next. Every press of a button carries an id of its own, so that a double click or a repeated
request is one action; what a press means is decided by the source behind the page, never here.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.countyit.joining.web import joinpage
from adapters.countyit.joining.web.joinpage import JoiningSource
from adapters.hall.desk.preview import first_page_png
from adapters.hall.desk.second import SecondPersons, SecondSignature, has_account
from adapters.hall.desk.view import DeskSource, PrintJob, PrintState
from adapters.hall.printers import words
from adapters.hall.stock.atprint import EXPLANATIONS
from pages import clockface
from pages.access import Access
from pages.frame import NOT_THERE, Frame
from pages.people.permission import NOT_YOUR_ROLE, needs, person_of
from pages.people.person import COUNTY_ROLES, Role
from pages.wording import mark as _
from schemas import errors, privacy
from schemas.errors import YunhuobanError

REMEMBERED: Final = 1000  # presses; the source's own unique rows hold beyond that and over a restart
SERIAL_MISSING: Final = errors.declare(
    "E-PAGE-020", "没有填空白证照编号。", "请照着纸上的编号填写，或用扫码枪扫入，再确认。"
)
REASON_MISSING: Final = errors.declare("E-PAGE-021", "没有填作废原因。", "请选一个原因，再按“打印作废”。")
SERIAL_ODD: Final = errors.declare(
    "E-PAGE-023",
    "这不是空白证照编号：编号里有数字、没有空格，也不会是身份证号码。",
    "请照着纸上的编号重新填写，或用扫码枪扫入。",
)
STILL_RUNNING: Final = errors.declare("E-PAGE-022", "刚才那一下还在处理。", "请等几秒，看状态变化，不必再按。")

LOOKERS: Final = (Role.CLERK, Role.AUDITOR)
FIRST_PAGES: Final = {Role.APPROVER: "/approvals", Role.STOCK_KEEPER: "/stock", Role.COUNTY_IT: "/status"}
NOTHING_CAME: Final = "nothing"

# Offered as a list, because free text might name the holder.
REASONS: Final = {
    "jam": _("卡纸"),
    "misfeed": _("走偏或折皱"),
    "toner": _("字迹不清"),
    "wrong_stock": _("放错空白证照"),
    "nothing": _("没有出纸"),
    "other": _("其他"),
}

ActionId = Annotated[str, Form(min_length=36, max_length=36)]
Serial = Annotated[str, Form(max_length=40)]


def build_app(
    desk: DeskSource, access: Access, joining: JoiningSource | None = None, people: SecondPersons | None = None
) -> FastAPI:
    """The desk's page application over a source of jobs, with the page of the county's joining beside it if wanted.

    `people` know who may sign as the second person. Opens nothing by itself.
    """
    frame = Frame(name=_("打印台"), access=access, packages=["adapters.hall.desk", "adapters.countyit.joining.web"])
    app = frame.application()
    if joining is not None:
        joinpage.attach(app, frame, joining)
    _attach_cases(app, frame, desk)
    presses = Presses()
    looking, acting = needs(*LOOKERS), needs(Role.CLERK)

    def found(authorisation_no: str) -> PrintJob:
        job = desk.job(authorisation_no)
        if job is None:
            raise YunhuobanError(NOT_THERE, place="authorisation_no")
        return job

    def whole(request: Request, job: PrintJob | None) -> HTMLResponse:
        if request.headers.get("HX-Request") == "true":
            return frame.page(request, "job_and_list.html", **_values(desk, job, request))
        standing = joining.view() if joining is not None else None
        values = _values(desk, job, request) | {"hall": desk.hall(), "words": words, "joined": standing}
        return frame.page(request, "desk.html", **values)

    def press(request: Request, authorisation_no: str, action_id: str, act: Callable[[], None]) -> HTMLResponse:
        found(authorisation_no)
        presses.once(action_id, act)
        return whole(request, found(authorisation_no))

    @app.get("/", dependencies=[needs(*COUNTY_ROLES)])
    def start(request: Request) -> Response:
        """The desk, or the first page of somebody whose work is another."""
        if not person_of(request).roles & set(LOOKERS):
            return RedirectResponse(_first_page(request), status_code=303)
        return whole(request, None)

    @app.get("/printer", dependencies=[looking])
    def printer(request: Request) -> HTMLResponse:
        return frame.page(request, "printer.html", hall=desk.hall(), words=words)

    @app.get("/authorisations", dependencies=[looking])
    def authorisations(request: Request, chosen: str = "") -> HTMLResponse:
        return frame.page(request, "side.html", **(_values(desk, None, request) | {"chosen": chosen}))

    @app.get("/authorisations/{authorisation_no}", dependencies=[looking])
    def job(request: Request, authorisation_no: str) -> HTMLResponse:
        return whole(request, found(authorisation_no))

    @app.get("/authorisations/{authorisation_no}/progress", dependencies=[looking])
    def progress(request: Request, authorisation_no: str, state: str) -> HTMLResponse:
        """What the printer says; the whole job when its state is another than the page shows."""
        now = found(authorisation_no)
        if now.row.state == state:
            return frame.page(request, "progress.html", job=now)
        answer = whole(request, now)
        answer.headers["HX-Retarget"] = "#job"
        answer.headers["HX-Reswap"] = "outerHTML"
        return answer

    @app.get("/authorisations/{authorisation_no}/preview.png", dependencies=[looking])
    def preview(authorisation_no: str) -> Response:
        found(authorisation_no)
        return Response(first_page_png(desk.preview_pdf(authorisation_no)), media_type="image/png")

    @app.post("/authorisations/{authorisation_no}/print", dependencies=[acting])
    def print_(request: Request, authorisation_no: str, action_id: ActionId) -> HTMLResponse:
        by = person_of(request).account
        return press(
            request, authorisation_no, action_id, lambda: desk.print(authorisation_no, by=by, action_id=action_id)
        )

    @app.post("/authorisations/{authorisation_no}/confirm", dependencies=[acting])
    def confirm(
        request: Request,
        authorisation_no: str,
        action_id: ActionId,
        stock_serial: Serial = "",
        skipped: Annotated[str, Form(max_length=20)] = "",
    ) -> HTMLResponse:
        serial = _serial(stock_serial)
        if not serial and not found(authorisation_no).row.trial:
            raise YunhuobanError(SERIAL_MISSING, place="stock_serial")
        by = person_of(request).account
        return press(
            request,
            authorisation_no,
            action_id,
            lambda: desk.confirm(authorisation_no, stock_serial=serial, by=by, action_id=action_id, skipped=skipped),
        )

    @app.post("/authorisations/{authorisation_no}/spoil", dependencies=[acting])
    def spoil(
        request: Request,
        authorisation_no: str,
        action_id: ActionId,
        second: Annotated[SecondSignature, Depends()],
        reason: Annotated[str, Form(max_length=40)] = "",
        stock_serial: Serial = "",
    ) -> HTMLResponse:
        if reason not in REASONS:
            raise YunhuobanError(REASON_MISSING, place="reason")
        serial, by = _serial(stock_serial), person_of(request).account
        unknown = found(authorisation_no).row.state is PrintState.UNKNOWN

        def act() -> None:
            needed = unknown and reason == NOTHING_CAME
            witness = second.signed(request, people) if needed else ""
            desk.spoil(
                authorisation_no,
                stock_serial=serial,
                reason=REASONS[reason],
                by=by,
                witness=witness,
                action_id=action_id,
            )

        return press(request, authorisation_no, action_id, act)

    return app


def _attach_cases(app: FastAPI, frame: Frame, desk: DeskSource) -> None:
    """The county's cases and their clocks: for whoever works on them, and who looks on."""
    looking = needs(*LOOKERS, Role.APPROVER)

    @app.get("/cases", dependencies=[looking])
    def cases(request: Request) -> HTMLResponse:
        return frame.page(request, "cases.html", rows=desk.cases(), clockface=clockface)

    @app.get("/cases/{case_no}", dependencies=[looking])
    def case(request: Request, case_no: str) -> HTMLResponse:
        line = desk.case(case_no)
        if line is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return frame.page(request, "case.html", case=line, lines=clockface.lines(line.clock))


def _first_page(request: Request) -> str:
    """Where somebody begins who has nothing to do at the desk. Raises E-PAGE-060."""
    roles = person_of(request).roles
    for role, path in FIRST_PAGES.items():
        if role in roles:
            return path
    raise YunhuobanError(NOT_YOUR_ROLE, place="role")


def _serial(typed: str) -> str:
    """A number on stock, as typed or scanned; it travels in the clear, where no name may stand. Raises E-PAGE-023."""
    serial = typed.strip()
    if not privacy.is_code(serial):
        raise YunhuobanError(SERIAL_ODD, place="stock_serial")
    return serial


class Presses:
    """Presses of buttons by their id: the first acts, a repeated one waits for nothing and does nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: OrderedDict[str, bool] = OrderedDict()

    def once(self, action_id: str, act: Callable[[], None]) -> None:
        """Act unless this press was acted on. Raises E-PAGE-022 while it still runs; a failed press may be repeated."""
        with self._lock:
            if action_id in self._done:
                if not self._done[action_id]:
                    raise YunhuobanError(STILL_RUNNING, place="action_id")
                return
            self._done[action_id] = False
            while len(self._done) > REMEMBERED:
                self._done.popitem(last=False)
        try:
            act()
        except BaseException:
            with self._lock:
                self._done.pop(action_id, None)
            raise
        with self._lock:
            self._done[action_id] = True


def _values(desk: DeskSource, job: PrintJob | None, request: Request) -> dict[str, Any]:
    return {
        "rows": desk.authorisations(),
        "troubles": desk.troubles(),
        "job": job,
        "chosen": job.row.authorisation_no if job else "",
        "reasons": REASONS,
        "two_persons": has_account(request),
        "may_act": Role.CLERK in person_of(request).roles,
        "explanations": EXPLANATIONS,
        "action_id": lambda: str(uuid.uuid4()),
    }
