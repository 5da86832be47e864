"""Cases of the afternoon: a trial and one in earnest, with the county as window and with the county deciding.

Clerks work in their own systems and at the print desk's page; nothing of ours is called past the pages.
"""

import itertools
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from deploy.demo.clerk import Clerk
from deploy.demo.stage import Stage
from deploy.demo.world import WUQIAO, YONGJI
from deploy.onboarding.afternoon import Afternoon
from deploy.onboarding.hall import Hall
from pages.addresses import ask

_PRINTED: Final = ("打印合格", "打印")
_numbers: Final[Iterator[int]] = itertools.count(8_000_000)


def as_window(afternoon: Afternoon, hall: Hall, *, trial: bool) -> None:
    """Somebody applies at the county for an item of 永济; the license is printed and handed over here."""
    desk = Clerk(_desk(afternoon.stage, afternoon.dialect.plan.code), serials=_serials(trial=trial))
    printing = _Printing(desk)
    local = hall.take(YONGJI.item, YONGJI.name, Random(next(_numbers)), trial=trial)
    afternoon.wait(f"{local} printed", lambda: printing.turn() and _came(hall, local, *_PRINTED))
    hall.hand_over(local)
    desk.close()


def as_authority(afternoon: Afternoon, hall: Hall, *, trial: bool) -> None:
    """Somebody applies at 吴桥 for the county's own item; it accepts, decides and seals, 吴桥 prints."""
    stage, plan = afternoon.stage, afternoon.dialect.plan
    desk = Clerk(_desk(stage, WUQIAO.code), serials=_serials(trial=trial))
    printing = _Printing(desk)
    more = ["--item", plan.item, "--city", plan.name, *(["--trial"] if trial else [])]
    stage.submit(WUQIAO.code, 1, more=more)
    (case_no,) = afternoon.wait("an application has come", hall.received)
    hall.accept(case_no)
    hall.decide(case_no)
    afternoon.wait(f"{case_no} printed", lambda: printing.turn() and printing.confirmed)
    desk.close()


class _Printing:
    """A clerk who prints what is authorised from now on and looks at each sheet."""

    def __init__(self, desk: Clerk) -> None:
        self._desk = desk
        self._before = set(desk.open_authorisations())
        self._pressed: set[str] = set()
        self.confirmed: set[str] = set()

    def turn(self) -> bool:
        """Press what is there to be pressed, once each."""
        for number in self._desk.open_authorisations():
            if number not in self._pressed | self._before:
                self._desk.press_print(number)
                self._pressed.add(number)
        for number in sorted(self._pressed - self.confirmed):
            if self._desk.sheet_is_out(number):
                self._desk.confirm(number)
                self.confirmed.add(number)
        return True


def _desk(stage: Stage, code: str) -> str:
    """A fresh address of a county's print desk: each counts once."""
    return ask(stage.world.county(code) / "page.address")


def _came(hall: Hall, local: str, *steps: str) -> bool:
    return any(each.step in steps for each in hall.came_back(local))


def _serials(*, trial: bool) -> Callable[[], str]:
    """Numbers of the sheets in the tray; a specimen uses none."""
    return lambda: "" if trial else f"S{next(_numbers)}"
