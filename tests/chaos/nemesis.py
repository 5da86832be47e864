"""Carries out a plan: inflicts each fault in its time, heals it in its time, and writes both into the history."""

import heapq
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.chaos.arena import Arena
from tests.chaos.faults.fault import Fault, NotInflictedError
from tests.chaos.plan import Step
from tests.chaos.recovery import Recoveries

_LOOK_SECONDS: Final = 0.2
_HEAL_SECONDS: Final = 120.0
_HEAL_PAUSE_SECONDS: Final = 1.0


class Nemesis:
    """One run of one plan."""

    def __init__(
        self,
        arena: Arena,
        steps: Sequence[Step],
        faults: Mapping[str, Fault],
        recoveries: Recoveries,
        *,
        each_look: Callable[[float, str], None] = lambda _seconds, _what: None,
    ) -> None:
        """`each_look` hears the seconds and what stands now."""
        self._arena = arena
        self._faults = faults
        self._recoveries = recoveries
        self._each_look = each_look
        self._standing: dict[int, Step] = {}
        # (when, 0 for healing first, number, step)
        self._due = [(step.at_seconds, 1, step.number, step) for step in steps]
        heapq.heapify(self._due)
        self.cycles: Counter[str] = Counter()
        """Faults inflicted and healed."""
        self.missed: Counter[str] = Counter()
        """Faults that could not be inflicted, because another one stood in the way."""
        self.problems: list[str] = []

    def run(self, stop: threading.Event) -> None:
        """Everything of the plan in its time, or less when told to stop; nothing stands afterwards."""
        started = time.monotonic()
        try:
            while self._due and not stop.is_set():
                passed = time.monotonic() - started
                when, inflicts, _, step = self._due[0]
                if when > passed:
                    self._recoveries.look()
                    self._each_look(passed, ", ".join(f"{s.fault} {s.target}" for s in self._standing.values()))
                    stop.wait(min(_LOOK_SECONDS, when - passed))
                    continue
                heapq.heappop(self._due)
                if inflicts:
                    self._inflict(step, time.monotonic() - started)
                else:
                    self._heal(step)
        finally:
            for step in list(self._standing.values()):
                self._heal(step)

    def watch(self, until: Callable[[], bool]) -> None:
        """Go on measuring recoveries until then."""
        while not until():
            self._recoveries.look()
            time.sleep(_LOOK_SECONDS)

    def _inflict(self, step: Step, passed: float) -> None:
        self._recoveries.disturb()
        details = {"target": step.target, "seconds": step.seconds, "number": step.number}
        self._arena.history.fault(step.fault, **details)
        self._standing[step.number] = step
        try:
            self._faults[step.fault].inflict(self._arena, step)
        except NotInflictedError as error:
            self.missed[step.fault] += 1
            self._arena.history.note("nemesis", missed=step.number, why=str(error)[:200])
            self._heal(step, counts=False)
            return
        except Exception as error:  # noqa: BLE001 -- a nemesis that falls silent proves nothing: the run turns red
            self.problems.append(f"{step.fault} {step.target}: {type(error).__name__}: {error}"[:300])
            self._heal(step, counts=False)
            return
        if step.seconds:
            heapq.heappush(self._due, (passed + step.seconds, 0, step.number, step))
        else:
            self._heal(step)

    def _heal(self, step: Step, *, counts: bool = True) -> None:
        deadline = time.monotonic() + _HEAL_SECONDS
        while True:
            try:
                self._faults[step.fault].heal(self._arena, step)
                break
            except Exception as error:  # noqa: BLE001 -- tried again; what cannot be healed turns the run red
                if time.monotonic() > deadline:
                    self.problems.append(f"{step.fault} {step.target} not healed: {error}"[:300])
                    break
                time.sleep(_HEAL_PAUSE_SECONDS)
        self._standing.pop(step.number, None)
        self._arena.history.heal(step.fault, target=step.target, number=step.number)
        if counts:
            self.cycles[step.fault] += 1
            if not self._standing:
                self._recoveries.begin(step.fault)
