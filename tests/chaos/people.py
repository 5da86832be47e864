"""The people of a run: applicants come to both windows, and the clerks there print, look at each sheet, and settle it.

A clerk knows the page, the printer and the tray, and nothing else. An outcome that nobody knows is decided by looking
at the tray, once the printer is at rest and in order.
"""

import random
import re
import threading
import time
from collections.abc import Callable
from typing import Final

import httpx

from adapters.printing.ipp import Activity, Printer
from pages.labels import PRINT_STATES
from schemas.errors import YunhuobanError
from tests.chaos.arena import COUNTIES, Arena

_LOOK_SECONDS: Final = 0.4
_ASK_AGAIN_SECONDS: Final = 5.0
_SURE_SECONDS: Final = 3.0
"""How long a printer must have been at rest before a person believes that no sheet will come any more."""
_SPOILT_OF_100: Final = 4
_FLAWED_OF_100: Final = 8
_ROW: Final = re.compile(r'<li id="row-([0-9A-Z-]+)">.*?class="state [a-z]+">.*?</span>([^<]+)</span>', re.DOTALL)
_WORDS: Final = {label.text: state for state, label in PRINT_STATES.items()}


class Applicants:
    """Takes applications at both windows until told to stop, never more at once than `most_open`."""

    def __init__(self, arena: Arena, seed: int, *, pace_seconds: float, most_open: int, most: int) -> None:
        """Nobody comes before `start`."""
        self._arena = arena
        self._chance = random.Random(f"applicants {seed}")
        self._pace_seconds, self._most_open, self._most = pace_seconds, most_open, most
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="applicants", daemon=True)
        self.taken: dict[str, list[str]] = {code: [] for code in COUNTIES}
        """Local numbers by county, each acknowledged by its local system."""
        self.errors: list[str] = []

    @property
    def count(self) -> int:
        """Applications taken so far."""
        return sum(map(len, self.taken.values()))

    def start(self) -> None:
        """Open the doors."""
        self._thread.start()

    def stop(self) -> None:
        """Close them."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._chance.uniform(0.5, 1.5) * self._pace_seconds):
            if self.count >= self._most:
                return
            try:
                if self.count - self._arena.finished() >= self._most_open:
                    continue
                code = self._chance.choice(COUNTIES)
                flawed = self._chance.randrange(100) < _FLAWED_OF_100
                seed = self._chance.getrandbits(31)
                self.taken[code] += self._arena.road.submit(code, flawed=flawed, seed=seed)
            except Exception as error:  # noqa: BLE001 -- a thread that dies would be silence; the run turns red by it
                self.errors.append(f"applicants: {type(error).__name__}: {error}"[:300])


class Clerk:
    """The clerk of one hall, at its page until told to go home."""

    def __init__(self, arena: Arena, code: str, seed: int) -> None:
        """Nobody is there before `start`."""
        self._arena = arena
        self._window = arena.road.windows[code]
        self._chance = random.Random(f"clerk {code} {seed}")
        self._printer = Printer(arena.road.stage.printer.url, timeout_seconds=2)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"clerk-{code}", daemon=True)
        self._settled: set[str] = set()
        self._serials: dict[str, str] = {}
        self._pressed_at: dict[str, float] = {}
        self._quiet_since: float | None = None
        self.trouble = ""
        """Why the last look came to nothing; empty when it did not."""

    def start(self) -> None:
        """Come in."""
        self._thread.start()

    def stop(self) -> None:
        """Go home."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                self._look()
                self.trouble = ""
            except (httpx.HTTPError, YunhuobanError, OSError, RuntimeError, AssertionError) as error:
                self.trouble = f"{type(error).__name__}: {error}"[:300]  # the page is away, or would not: again later

    def _look(self) -> None:
        shown = {number: _WORDS[word.strip()] for number, word in _ROW.findall(self._window.get("/authorisations"))}
        for number, state in shown.items():
            if self._stop.is_set():
                return
            if number not in self._settled:
                self._act(number, state, shown)

    def _act(self, number: str, state: str, shown: dict[str, str]) -> None:
        match state:
            case "authorised" if not {"claimed", "printing"} & set(shown.values()):
                self._print(number)
                shown[number] = "claimed"
            case "claimed" if time.monotonic() - self._pressed_at.get(number, 0.0) > _ASK_AGAIN_SECONDS:
                self._print(number)
            case "printing" if self._window.stage(number) == "out":
                good = not number.endswith("-1") or self._chance.randrange(100) >= _SPOILT_OF_100
                self._settle(number, good=good)
            case "unknown" if self._printer_is_at_rest():
                came = any(sheet["job_name"] == number for sheet in self._arena.road.stage.printer.sheets())
                self._settle(number, good=came, reason="nothing")
            case "printed" | "spoiled" | "revoked" | "expired":
                self._settled.add(number)

    def _print(self, number: str) -> None:
        self._pressed_at[number] = time.monotonic()
        self._window.print(number)

    def _settle(self, number: str, *, good: bool, reason: str = "jam") -> None:
        """The number stands on the sheet: asked again, a clerk reads the same one."""
        if good:
            self._window.confirm(number, self._serial(number))
        else:
            self._window.spoil(number, reason, "" if reason == "nothing" else self._serial(number))

    def _serial(self, number: str) -> str:
        if number not in self._serials:
            self._serials[number] = self._window._serials()
        return self._serials[number]

    def _printer_is_at_rest(self) -> bool:
        """Whether it has been idle, without complaint, for a while: then nothing comes out of it any more."""
        try:
            state = self._printer.state()
            quiet = state.activity is Activity.IDLE and not state.stopping_reasons
        except YunhuobanError:
            quiet = False
        now = time.monotonic()
        if not quiet:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        return self._quiet_since is not None and now - self._quiet_since >= _SURE_SECONDS


def everybody(arena: Arena, seed: int) -> tuple[Clerk, ...]:
    """A clerk for each hall."""
    return tuple(Clerk(arena, code, seed) for code in COUNTIES)


Say = Callable[[str], None]
