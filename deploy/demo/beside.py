"""Plays a board beside the cases in a thread of its own, and shows its rows: a live table, or a line as each ends."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.demo.board import Board, table

_LOOK_SECONDS: Final = 0.4
"""Each look is a page that a node makes; the cases beside it have the machine as well."""


class _Shown:
    """The table as it is at each moment, for `Live`."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def __rich__(self) -> Table:
        return table(self._board.rows)


@contextmanager
def played(board: Board, console: Console) -> Iterator[None]:
    """Play beside what the block does, and to the end after it; what stops the block stops the board, too."""
    stopped = threading.Event()
    with ThreadPoolExecutor(1) as one:
        if console.is_terminal:
            with Live(_Shown(board), console=console, refresh_per_second=4):
                playing = one.submit(_play, board, stopped, None)
                with _stopping(stopped):
                    yield
                    playing.result()
        else:
            playing = one.submit(_play, board, stopped, console)
            with _stopping(stopped):
                yield
                playing.result()


@contextmanager
def _stopping(stopped: threading.Event) -> Iterator[None]:
    try:
        yield
    finally:
        stopped.set()


def _play(board: Board, stopped: threading.Event, console: Console | None) -> None:
    started, told = time.monotonic(), set[int]()
    while True:
        board.turn(time.monotonic() - started)
        for number, row in enumerate(board.rows):
            if console is not None and row.over and number not in told:
                told.add(number)
                console.print(row.line)
        if board.over or stopped.wait(_LOOK_SECONDS):
            return
