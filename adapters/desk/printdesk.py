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

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse

from adapters.desk.preview import first_page_png
from adapters.desk.view import DeskSource, PrintJob
from adapters.joining.web import joinpage
from adapters.joining.web.joinpage import JoiningSource
from adapters.printers import words
from pages import clockface
from pages.access import Access
from pages.frame import NOT_THERE, Frame
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


def build_app(desk: DeskSource, access: Access, joining: JoiningSource | None = None) -> FastAPI:
    """The desk's page application over a source of jobs, with the page of the county's joining beside it if wanted.

    Opens nothing by itself.
    """
    frame = Frame(name=_("打印台"), access=access, packages=["adapters.desk", "adapters.joining.web"])
    app = frame.application()
    if joining is not None:
        joinpage.attach(app, frame, joining)
    presses = Presses()

    def found(authorisation_no: str) -> PrintJob:
        job = desk.job(authorisation_no)
        if job is None:
            raise YunhuobanError(NOT_THERE, place="authorisation_no")
        return job

    def whole(request: Request, job: PrintJob | None) -> HTMLResponse:
        if request.headers.get("HX-Request") == "true":
            return frame.page(request, "job_and_list.html", **_values(desk, job))
        standing = joining.view() if joining is not None else None
        return frame.page(request, "desk.html", hall=desk.hall(), words=words, joined=standing, **_values(desk, job))

    def press(request: Request, authorisation_no: str, action_id: str, act: Callable[[], None]) -> HTMLResponse:
        found(authorisation_no)
        presses.once(action_id, act)
        return whole(request, found(authorisation_no))

    @app.get("/")
    def start(request: Request) -> HTMLResponse:
        return whole(request, None)

    @app.get("/printer")
    def printer(request: Request) -> HTMLResponse:
        return frame.page(request, "printer.html", hall=desk.hall(), words=words)

    @app.get("/cases")
    def cases(request: Request) -> HTMLResponse:
        return frame.page(request, "cases.html", rows=desk.cases(), clockface=clockface)

    @app.get("/cases/{case_no}")
    def case(request: Request, case_no: str) -> HTMLResponse:
        line = desk.case(case_no)
        if line is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return frame.page(request, "case.html", case=line, lines=clockface.lines(line.clock))

    @app.get("/authorisations")
    def authorisations(request: Request, chosen: str = "") -> HTMLResponse:
        return frame.page(request, "side.html", **(_values(desk, None) | {"chosen": chosen}))

    @app.get("/authorisations/{authorisation_no}")
    def job(request: Request, authorisation_no: str) -> HTMLResponse:
        return whole(request, found(authorisation_no))

    @app.get("/authorisations/{authorisation_no}/progress")
    def progress(request: Request, authorisation_no: str, state: str) -> HTMLResponse:
        """What the printer says; the whole job when its state is another than the page shows."""
        now = found(authorisation_no)
        if now.row.state == state:
            return frame.page(request, "progress.html", job=now)
        answer = whole(request, now)
        answer.headers["HX-Retarget"] = "#job"
        answer.headers["HX-Reswap"] = "outerHTML"
        return answer

    @app.get("/authorisations/{authorisation_no}/preview.png")
    def preview(authorisation_no: str) -> Response:
        found(authorisation_no)
        return Response(first_page_png(desk.preview_pdf(authorisation_no)), media_type="image/png")

    @app.post("/authorisations/{authorisation_no}/print")
    def print_(request: Request, authorisation_no: str, action_id: ActionId) -> HTMLResponse:
        return press(request, authorisation_no, action_id, lambda: desk.print(authorisation_no, action_id=action_id))

    @app.post("/authorisations/{authorisation_no}/confirm")
    def confirm(
        request: Request, authorisation_no: str, action_id: ActionId, stock_serial: Serial = ""
    ) -> HTMLResponse:
        serial = _serial(stock_serial)
        if not serial and not found(authorisation_no).row.trial:
            raise YunhuobanError(SERIAL_MISSING, place="stock_serial")
        return press(
            request,
            authorisation_no,
            action_id,
            lambda: desk.confirm(authorisation_no, stock_serial=serial, action_id=action_id),
        )

    @app.post("/authorisations/{authorisation_no}/spoil")
    def spoil(
        request: Request,
        authorisation_no: str,
        action_id: ActionId,
        reason: Annotated[str, Form(max_length=40)] = "",
        stock_serial: Serial = "",
    ) -> HTMLResponse:
        if reason not in REASONS:
            raise YunhuobanError(REASON_MISSING, place="reason")
        serial = _serial(stock_serial)
        return press(
            request,
            authorisation_no,
            action_id,
            lambda: desk.spoil(authorisation_no, stock_serial=serial, reason=REASONS[reason], action_id=action_id),
        )

    return app


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


def _values(desk: DeskSource, job: PrintJob | None) -> dict[str, Any]:
    return {
        "rows": desk.authorisations(),
        "troubles": desk.troubles(),
        "job": job,
        "chosen": job.row.authorisation_no if job else "",
        "reasons": REASONS,
        "action_id": lambda: str(uuid.uuid4()),
    }
