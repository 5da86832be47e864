"""Troubles of counties: off, not fetching, a clock that is wrong, a message it cannot take, a case that is late."""

import threading
from collections.abc import Callable
from datetime import timedelta

from tests.rehearsal.crowd import Crowd
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles.trouble import Trouble

WAITING_MINUTES = 5
_AHEAD = timedelta(minutes=3)
_DAYS_AGO = timedelta(days=-3)
_EVERY_SECONDS = 20.0


def offline(stage: Stage, crowd: Crowd, code: str) -> Trouble:
    """Its machine is off."""
    node, name = crowd.nodes[code], stage.names[code]
    return Trouble(
        name="county-offline",
        title="一个县断线 / a county's machine is off",
        kind="county-offline",
        place=name,
        on_page=f"^{name}.*没有连上来",
        begin=lambda: crowd.do(node.cut),
        end=lambda: crowd.do(node.come_back),
    )


def not_fetching(stage: Stage, crowd: Crowd, code: str, other: str) -> Trouble:
    """It is connected and takes nothing, while applications for it come."""
    node, name = crowd.nodes[code], stage.names[code]

    def begin() -> None:
        node.stop_fetching()
        for _ in range(3):
            crowd.open_case(other, code)

    return Trouble(
        name="county-not-fetching",
        title="一个县连着却不取件 / a county is connected and fetches nothing",
        kind="waiting",
        place=name,
        on_page=f"{name}.*没有签收",
        begin=lambda: crowd.do(begin),
        end=lambda: crowd.do(node.fetch),
        page_grace_seconds=300.0,
        more_grace_seconds=WAITING_MINUTES * 60.0,
    )


def wrong_clock(stage: Stage, crowd: Crowd, code: str, other: str) -> Trouble:
    """Its clock runs three minutes ahead; it goes on sending now and then."""
    name, going = stage.names[code], _Again(lambda: crowd.do(lambda: crowd.open_case(code, other)))

    def begin() -> None:
        crowd.set_clock(code, _AHEAD)
        going.start()

    def end() -> None:
        crowd.set_clock(code, timedelta(0))
        threading.Timer(_EVERY_SECONDS * 2, going.stop).start()

    return Trouble(
        name="clock-ahead",
        title="一个县的时钟快三分钟 / a county's clock is three minutes ahead",
        kind="clock",
        place=name,
        on_page=f"{name}.*的时钟",
        begin=begin,
        end=end,
    )


def poison(stage: Stage, crowd: Crowd, code: str, other: str) -> Trouble:
    """It cannot take a message and rejects it for good."""

    def begin() -> None:
        crowd.nodes[code].rejects = 1
        crowd.open_case(other, code)

    return Trouble(
        name="dead-letter",
        title="一份报文谁也处理不了 / a message that nobody can handle",
        kind="dead-letters",
        place=stage.names[other],
        on_page="死信等人处理",
        begin=lambda: crowd.do(begin),
        end=stage.replay_dead,
    )


def late_case(stage: Stage, crowd: Crowd, code: str, other: str) -> Trouble:
    """The day that an authority promised has passed, and it has not decided."""
    opened: list[str] = []

    def begin() -> None:
        opened.append(crowd.open_case(other, code, promised_in=_DAYS_AGO, stops_before="decision.made"))

    return Trouble(
        name="late-case",
        title="一件办件过了承诺的期限 / a case is past the day that was promised",
        kind="late-cases",
        place=stage.names[code],
        on_page="办件超过了时限",
        begin=lambda: crowd.do(begin),
        end=lambda: crowd.do(lambda: crowd.go_on(opened[-1])),
    )


class _Again:
    """Does something now and then until it is stopped."""

    def __init__(self, what: Callable[[], object]) -> None:
        self._what = what
        self._ending = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="again", daemon=True).start()

    def stop(self) -> None:
        self._ending.set()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._what()
            self._ending.wait(_EVERY_SECONDS)
