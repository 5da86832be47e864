"""Whose turn it is to write on SQLite: print claims first, and nobody waits longer than the one who is writing now.

SQLite itself knows no order: a writer that finds it busy sleeps up to a tenth of a second and tries again, and may lose
to the others for as long as they are many. So the one who goes first shuts a gate (an exclusive `flock` beside the
database, gone with its process), and the others begin no transaction while it is shut. PostgreSQL needs none of this.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

LOOK_SECONDS: Final = 0.002


class Gate:
    """The gate of one database, seen from one process."""

    def __init__(self, database: Path) -> None:
        """Its file lies beside the database's."""
        self._file = database.with_name(database.name + ".gate")

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Keep everybody else from beginning to write; who else goes first waits here."""
        handle = self._opened()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def is_shut(self) -> bool:
        """Whether somebody goes first now."""
        handle = self._opened()
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def _opened(self) -> int:
        return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def begin_writing(
    connection: Connection, gate: Gate, *, goes_first: bool, busy_seconds: float, within_seconds: float
) -> None:
    """BEGIN IMMEDIATE as soon as nobody writes and the gate allows. Raises OperationalError after `within_seconds`.

    `busy_seconds` is how long the connection waits in whatever comes then.
    """
    deadline = time.monotonic() + within_seconds
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while True:
            late = time.monotonic() >= deadline
            if goes_first or late or not gate.is_shut():
                try:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                except OperationalError as error:
                    if late or "locked" not in str(error.orig):
                        raise
                else:
                    return
            time.sleep(LOOK_SECONDS)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={round(busy_seconds * 1000)}")
