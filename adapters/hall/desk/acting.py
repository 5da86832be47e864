"""What a clerk does with one authorisation: print it once, confirm the sheet, or void it.

Every press of a button carries an id of its own, so that a double click or a repeated request is one action; what a
press means is decided by the source behind the page, never here.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse

from adapters.hall.desk.second import SecondPersons, SecondSignature
from adapters.hall.desk.view import DeskSource, PrintJob, PrintState
from adapters.hall.presses import ActionId
from pages.people.permission import needs, person_of
from pages.people.person import Role
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

Serial = Annotated[str, Form(max_length=40)]


def attach(
    app: FastAPI,
    at: Callable[[Request], DeskSource],
    found: Callable[[Request, str], PrintJob],
    whole: Callable[[Request, PrintJob], HTMLResponse],
    people: SecondPersons | None,
) -> None:
    """Add the routes. `at` is the desk that a browser sees, `people` know second persons.

    `found` gives an authorisation or refuses, `whole` shows it.
    """
    presses, acting = Presses(), needs(Role.CLERK)

    def press(request: Request, authorisation_no: str, action_id: str, act: Callable[[], None]) -> HTMLResponse:
        found(request, authorisation_no)
        presses.once(action_id, act)
        return whole(request, found(request, authorisation_no))

    @app.post("/authorisations/{authorisation_no}/print", dependencies=[acting])
    def print_(request: Request, authorisation_no: str, action_id: ActionId) -> HTMLResponse:
        by = person_of(request).account
        return press(
            request,
            authorisation_no,
            action_id,
            lambda: at(request).print(authorisation_no, by=by, action_id=action_id),
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
        if not serial and not found(request, authorisation_no).row.trial:
            raise YunhuobanError(SERIAL_MISSING, place="stock_serial")
        by = person_of(request).account
        return press(
            request,
            authorisation_no,
            action_id,
            lambda: at(request).confirm(
                authorisation_no, stock_serial=serial, by=by, action_id=action_id, skipped=skipped
            ),
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
        unknown = found(request, authorisation_no).row.state is PrintState.UNKNOWN

        def act() -> None:
            needed = unknown and reason == NOTHING_CAME
            witness = second.signed(request, people) if needed else ""
            at(request).spoil(
                authorisation_no,
                stock_serial=serial,
                reason=REASONS[reason],
                by=by,
                witness=witness,
                action_id=action_id,
            )

        return press(request, authorisation_no, action_id, act)


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
