"""All counties in one thread: they open cases at a steady pace, sign for what comes, and do the next step."""

import random
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pika.adapters.select_connection import IOLoop

from certs import contexts
from deploy.crowd.counties import MadeCounty
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.messages import HUB, TYPES
from tests.rehearsal.node import Arrival, Door, Node
from tests.rehearsal.wires import NEXT, OPENING, Case

_CONNECT_APART_SECONDS: Final = 0.05
_THINKING_SECONDS: Final = (4.0, 40.0)
_BEIJING: Final = timedelta(hours=8)


class Crowd:
    """The counties; what is asked of them from other threads is done in theirs."""

    def __init__(self, made: Mapping[str, MadeCounty], folder: Path, door: Door, *, cases_per_minute: float) -> None:
        """`folder` holds `anchors.pem` and each county's connection certificate and key."""
        self._loop = IOLoop()
        self._made = made
        self._every_seconds = 60.0 / cases_per_minute
        self._chance = random.Random(1)
        self._cases: dict[str, Case] = {}
        self._serials = dict.fromkeys(made, 0)
        self._ahead: dict[str, timedelta] = {}
        self._left_out: set[str] = set()
        self._stopped: set[str] = set()
        self._ending = False
        self.nodes = {
            code: Node(
                code,
                door,
                contexts.client_context(folder / "anchors.pem", folder / f"{code}.pem", folder / f"{code}.key"),
                self._loop,
                self._arrived,
            )
            for code in made
        }
        self._thread = threading.Thread(target=self._loop.start, name="crowd", daemon=True)

    def start(self) -> None:
        """Connect one after another, then open cases."""
        for at, node in enumerate(self.nodes.values()):
            self._loop.call_later(at * _CONNECT_APART_SECONDS, node.connect)
        self._loop.call_later(len(self.nodes) * _CONNECT_APART_SECONDS + 1.0, self._open_again)
        self._thread.start()

    def stop(self) -> None:
        """All machines off."""

        def end() -> None:
            self._ending = True
            for node in self.nodes.values():
                with suppress(Exception):  # one that is just connecting cannot be closed
                    node.cut()
            self._loop.call_later(1.0, self._loop.stop)

        self.do(end)
        self._thread.join(10.0)

    def do(self, what: Callable[[], object]) -> None:
        """Have something done in the counties' thread, soon."""
        self._loop.add_callback_threadsafe(lambda: what() and None)

    def connected(self) -> int:
        """How many are there."""
        return sum(node.connected for node in self.nodes.values())

    def cases(self) -> int:
        """How many were opened."""
        return len(self._cases)

    def set_clock(self, code: str, ahead: timedelta) -> None:
        """A county's clock is wrong by so much."""
        self._ahead[code] = ahead

    def leave_out(self, code: str) -> None:
        """No new case is for this county or of it: what happens to it is the trouble's alone."""
        self._left_out.add(code)

    def open_case(
        self,
        window: str,
        issuing: str,
        *,
        kind: str = OPENING,
        promised_in: timedelta = timedelta(days=10),
        stops_before: str | None = None,
    ) -> str:
        """One application or question more; returns its number. In the counties' thread."""
        self._serials[window] += 1
        day = (datetime.now(UTC) + _BEIJING).date()
        number = str(CaseNo.mint(DivisionCode.parse(window), day, self._serials[window]))
        case = Case(case_no=number, window=self._made[window], issuing=self._made[issuing], promised_in=promised_in)
        case.stops_before = stops_before
        self._cases[number] = case
        self._do_step(case, kind)
        return number

    def adopt(self, case: Case) -> None:
        """A case of earlier times is theirs, too."""
        self._cases[case.case_no] = case

    def refuse(self, number: str, by: str) -> None:
        """A county refuses what the other one said last in a case. In the counties' thread."""
        self.nodes[by].send(self._cases[number].refused(by, self._now(by)))

    def say(self, number: str, kind: str) -> None:
        """A step out of turn, by whoever takes it. In the counties' thread."""
        self._do_step(self._cases[number], kind)

    def stopped(self, number: str) -> bool:
        """Whether a case has come to the step that nobody takes."""
        return number in self._stopped

    def go_on(self, number: str) -> None:
        """Whoever is to take that step takes it at last. In the counties' thread."""
        case = self._cases[number]
        step, case.stops_before = case.stops_before, None
        if step is not None:
            self._do_step(case, step)

    def _open_again(self) -> None:
        if self._ending:
            return
        window, issuing = self._chance.sample([code for code in self._made if code not in self._left_out], 2)
        self.open_case(window, issuing)
        self._loop.call_later(self._every_seconds, self._open_again)

    def _do_step(self, case: Case, kind: str) -> None:
        if kind in case.done:
            return
        sender = case.window if TYPES[kind].sender == "window" else case.issuing
        self.nodes[sender.code].send(case.step(kind, self._now(sender.code)))

    def _arrived(self, each: Arrival) -> None:
        if each.type == "print.granted":
            self._go_on(self._granted(each), each.type)
        elif each.type in TYPES and TYPES[each.type].chained:
            with suppress(YunhuobanError):
                case = self._cases.get(Envelope.parse(each.body).case_no)
                if case is not None and TYPES[each.type].receiver != HUB:
                    now = self._now(each.county)
                    self.nodes[each.county].send(case.received(each.message_id, each.body, each.county, now))
                    self._go_on(case, each.type)

    def _granted(self, each: Arrival) -> Case | None:
        number = codec.decode(each.body, "Grant")["authorisation_no"]
        return self._cases.get(number.removeprefix("A-"))

    def _go_on(self, case: Case | None, kind: str) -> None:
        follows = NEXT.get(kind)
        if case is None or follows is None:
            return
        if follows == case.stops_before:
            self._stopped.add(case.case_no)
            return
        thinking = 0.0 if case.stops_before else self._chance.uniform(*_THINKING_SECONDS)
        self._loop.call_later(thinking, lambda: self._do_step(case, follows))

    def _now(self, code: str) -> datetime:
        return datetime.now(UTC) + self._ahead.get(code, timedelta(0))
