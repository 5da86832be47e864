"""The people of a road, writing down in a history what they try and what they are told."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from deploy.demo.stage import Stage
from tests.chaos.history import History, NotDoneError
from tests.journey.road import Answer, Road, Window


class RecordedWindow(Window):
    """A window whose every press of a button is an operation of the history."""

    def __init__(self, window: Window, county: str, history: History) -> None:
        """In the place of a road's own window."""
        super().__init__(window._folder, window._serials, window._came)
        self._process = f"window-{county}"
        self._history = history

    def print(self, number: str) -> None:
        """打印."""
        with self._history.operation(self._process, "print", number):
            super().print(number)

    def confirm(self, number: str, serial: str) -> Answer:
        """确认合格; a refusal is no confirmation."""
        return self._word("confirm", number, serial, lambda: super(RecordedWindow, self).confirm(number, serial))

    def spoil(self, number: str, reason: str, serial: str) -> Answer:
        """打印作废."""
        return self._word("spoil", number, serial, lambda: super(RecordedWindow, self).spoil(number, reason, serial))

    def _word(self, kind: Any, number: str, serial: str, say: Callable[[], Answer]) -> Answer:
        answers: list[Answer] = []
        with suppress(NotDoneError), self._history.operation(self._process, kind, number, serial=serial):
            answers.append(say())
            _demand(answers[0])
        return answers[0]


class RecordedRoad(Road):
    """A road whose windows and submissions are recorded."""

    def __init__(self, stage: Stage, history: History) -> None:
        """Over a started stage."""
        super().__init__(stage)
        self.history = history
        self.windows = {code: RecordedWindow(each, code, history) for code, each in self.windows.items()}

    def submit(
        self, code: str, count: int = 1, *, flawed: bool = False, by_hand: bool = False, seed: int | None = None
    ) -> list[str]:
        """Take applications at a window; all of them stand in its own system when this returns."""
        details: dict[str, Any] = {"county": code, "count": count, "flawed": flawed}
        with self.history.operation(f"window-{code}", "submit", **details) as found:
            found["cases"] = super().submit(code, count, flawed=flawed, by_hand=by_hand, seed=seed)
        return list(found["cases"])


def _demand(answer: Answer) -> None:
    if answer.status != 200:
        raise NotDoneError
