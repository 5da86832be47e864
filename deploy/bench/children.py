"""The bench's own processes: each is started with one JSON argument, prints one JSON line, and ends with its parent."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

ROOT: Final = Path(__file__).resolve().parents[2]
_GOODBYE_SECONDS: Final = 20.0
_LOOK_SECONDS: Final = 0.5


@contextmanager
def running(*commands: Sequence[str], log: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Python modules as processes with their stderr in one file; ended by SIGTERM when the block is left."""
    children: list[subprocess.Popen[str]] = []
    with log.open("a") as errors:
        try:
            for command in commands:
                children.append(_start(command, errors))  # noqa: PERF401 -- one by one: those started are ended
            yield children
        finally:
            end(children)


def _start(command: Sequence[str], errors: TextIO) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )


def end(children: Sequence[subprocess.Popen[str]]) -> None:
    """Ask them to end, and make them when they do not."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _GOODBYE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


def answer(module: str, parameters: Mapping[str, Any], *, log: Path, limit_seconds: float) -> dict[str, Any]:
    """Run one of the bench's modules to its end and return what it said. Raises RuntimeError when it failed."""
    with running([module, json.dumps(parameters)], log=log) as (child,):
        return line(child, log=log, limit_seconds=limit_seconds)


def line(child: subprocess.Popen[str], *, log: Path, limit_seconds: float) -> dict[str, Any]:
    """The next JSON line of a process. Raises RuntimeError when it ends or dawdles instead."""
    watchdog = threading.Timer(limit_seconds, child.kill)
    watchdog.start()
    try:
        said = child.stdout.readline() if child.stdout is not None else ""
    finally:
        watchdog.cancel()
    if not said:
        raise RuntimeError(f"{child.args!r} ended without a word; see {log}")
    found: dict[str, Any] = json.loads(said)
    return found


def parameters() -> dict[str, Any]:
    """In the process itself: its one argument; from here on it ends when its parent is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    given: dict[str, Any] = json.loads(sys.argv[1])
    return given


def say(**values: Any) -> None:
    """In the process itself: one JSON line to whoever started it."""
    print(json.dumps(values), flush=True)
