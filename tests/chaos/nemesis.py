"""Carries out a plan: inflicts each fault in its time, heals it in its time, and writes both into the history.

Each fault has a thread of its own, so that a slow one holds up nobody; two that touch the same part never stand at
once, however late the machine makes the first. When a fault comes late, all later ones come as much later.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.chaos.arena import Arena
from tests.chaos.faults.fault import Fault, NotInflictedError
from tests.chaos.plan import Step, parts
from tests.chaos.recovery import Recoveries

_LOOK_SECONDS: Final = 0.1
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
        self._steps = steps
        self._faults = faults
        self._recoveries = recoveries
        self._each_look = each_look
        self._standing: dict[int, Step] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.cycles: Counter[str] = Counter()
        """Faults inflicted and healed."""
        self.missed: Counter[str] = Counter()
        """Faults that could not be inflicted, because another one stood in the way or time was up."""
        self.problems: list[str] = []

    def run(self, limit_seconds: float) -> None:
        """Everything of the plan in its time, and nothing after `limit_seconds`; nothing stands afterwards."""
        started = time.monotonic()
        threads = []
        late = 0.0
        try:
            for step in self._steps:
                while (passed := time.monotonic() - started) < step.at_seconds + late or self._in_the_way(step):
                    self._look(passed)
                    time.sleep(_LOOK_SECONDS)
                if passed > limit_seconds:
                    self.missed[step.fault] += 1
                    continue
                late = max(late, passed - step.at_seconds)
                with self._lock:
                    self._standing[step.number] = step
                threads.append(threading.Thread(target=self._carry_out, args=(step,), name=f"fault-{step.number}"))
                threads[-1].start()
            while any(thread.is_alive() for thread in threads):
                self._look(time.monotonic() - started)
                time.sleep(_LOOK_SECONDS)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _look(self, passed: float) -> None:
        self._recoveries.look()
        self._each_look(passed, ", ".join(f"{step.fault} {step.target}" for step in list(self._standing.values())))

    def _in_the_way(self, step: Step) -> bool:
        mine = parts(self._faults[step.fault].kind, step.target)
        with self._lock:
            return any(mine & parts(self._faults[s.fault].kind, s.target) for s in self._standing.values())

    def _carry_out(self, step: Step) -> None:
        self._recoveries.disturb()
        self._arena.history.fault(step.fault, target=step.target, seconds=step.seconds, number=step.number)
        done = False
        try:
            self._faults[step.fault].inflict(self._arena, step)
            done = True
            self._stop.wait(step.seconds)
        except NotInflictedError as error:
            self._arena.history.note("nemesis", missed=step.number, why=str(error)[:300])
        except Exception as error:  # noqa: BLE001 -- a nemesis that falls silent proves nothing: the run turns red
            self.problems.append(f"{step.fault} {step.target}: {type(error).__name__}: {error}"[:300])
        self._heal(step)
        self._arena.history.heal(step.fault, target=step.target, number=step.number)
        with self._lock:
            (self.cycles if done else self.missed)[step.fault] += 1
            del self._standing[step.number]
            if done and not self._standing:
                self._recoveries.begin(step.fault)

    def _heal(self, step: Step) -> None:
        deadline = time.monotonic() + _HEAL_SECONDS
        while True:
            try:
                self._faults[step.fault].heal(self._arena, step)
            except Exception as error:  # noqa: BLE001 -- tried again; what cannot be healed turns the run red
                if time.monotonic() > deadline or self._stop.is_set():  # at the end the arena ends all of it
                    self.problems.append(f"{step.fault} {step.target} not healed: {error}"[:300])
                    return
                time.sleep(_HEAL_PAUSE_SECONDS)
            else:
                return
