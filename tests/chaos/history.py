"""What clients did and what was done to the system, in the order in which it happened: one JSON line each.

Two kinds of events share the file. An *operation* of a client has two lines: `invoke` before it is tried, and then
`ok` (it was acknowledged: committed in the local system, confirmed by the page), `fail` (it certainly did not happen)
or `info` (nobody knows: the answer was lost). A line about the surroundings (`fault`, `heal`, `note`) has only `info`.

Lines are appended whole under a lock and are not forced to the disk: the history outlives every process of the stage,
but not the machine. Nothing here names a person: cases are named by their local number, everything else by codes.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

Kind = Literal["submit", "withdraw", "print", "confirm", "spoil", "settle", "fault", "heal", "note"]
Phase = Literal["invoke", "ok", "fail", "info"]
OPERATIONS: Final = frozenset({"submit", "withdraw", "print", "confirm", "spoil", "settle"})
FILE: Final = "history.jsonl"


class NotDoneError(Exception):
    """Raised by a client inside `History.operation` when what it tried certainly did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line."""

    at: str
    """Wall clock, UTC, ISO 8601 with microseconds; a clock step may turn it back."""
    monotonic: float
    """Seconds of the recorder's own monotonic clock."""
    process: str
    """Who did it: `window-130928`, `nemesis`, `wuqiao`."""
    kind: Kind
    phase: Phase
    case: str = ""
    """For `submit` and `withdraw` the local system's number of the application; for `print`, `confirm`, `spoil` and
    `settle` the authorisation number; empty where no one case is meant."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Codes and numbers only. The checker reads:

    - of `submit`: `county`; `count` that was asked for (1 when missing); `cases`, the local numbers that were given,
      where one operation took several; `flawed`, whether the application must be denied;
    - of `confirm`, `spoil` and `settle`: `serial`, and of `settle` also `result` (printed or spoiled);
    - of `fault`: `refusals` and `dead_letters`, how many of each it may leave behind (a forged or poisoned message).
    """


class History:
    """Appends to one file; safe for several threads of one process."""

    def __init__(self, folder: Path) -> None:
        """Go on with the folder's history, or begin one."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self._lock = threading.Lock()
        self._file = self.path.open("a", encoding="utf-8")

    def record(self, process: str, kind: Kind, phase: Phase, case: str = "", **details: Any) -> None:
        """Append one event. Raises ValueError for a kind or phase that the checker does not know."""
        if kind not in get_args(Kind) or phase not in get_args(Phase):
            raise ValueError(f"no such event: {kind} {phase}")
        with self._lock:  # the times are taken under it, so that they rise with the lines
            line = {
                "at": datetime.now(UTC).isoformat(timespec="microseconds"),
                "monotonic": round(time.monotonic(), 6),
                "process": process,
                "kind": kind,
                "phase": phase,
                "case": case,
                "details": details,
            }
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()

    @contextmanager
    def operation(self, process: str, kind: Kind, case: str = "", **details: Any) -> Iterator[dict[str, Any]]:
        """An operation around what is tried inside: ok at its end, fail on NotDoneError, else info; errors go on.

        What is put into the dictionary given is added to the details of the second line.
        """
        self.record(process, kind, "invoke", case, **details)
        found: dict[str, Any] = {}
        try:
            yield found
        except NotDoneError:
            self.record(process, kind, "fail", case, **details, **found)
            raise
        except BaseException as error:
            self.record(process, kind, "info", case, **details, **found, error=type(error).__name__)
            raise
        self.record(process, kind, "ok", case, **details, **found)

    def fault(self, name: str, **details: Any) -> None:
        """The nemesis begins to do something."""
        self.record("nemesis", "fault", "info", fault=name, **details)

    def heal(self, name: str, **details: Any) -> None:
        """The nemesis has ended it."""
        self.record("nemesis", "heal", "info", fault=name, **details)

    def note(self, process: str, **details: Any) -> None:
        """Anything that the checker or a reader should know."""
        self.record(process, "note", "info", **details)

    def events(self) -> list[Event]:
        """Everything recorded so far."""
        return read(self.path)

    def close(self) -> None:
        """Nothing more is recorded."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(path: Path) -> list[Event]:
    """The events of a recorded history; a last line that was cut off is none. Raises ValueError for others."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [Event(**json.loads(line)) for line in lines[:-1] if line]
