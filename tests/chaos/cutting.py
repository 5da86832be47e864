"""The end of a process at a chosen step, and a store under which it may happen."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from hub.store import Store
from hub.store.sqlite import READING

Cut = Callable[[str], None]
"""Called with the name of a step before and after it is durable; raises PowerCut to end the process there."""


class CutStore(Store):
    """A store under which its process may end, before or after a commit."""

    def __init__(self, store: Any, name: str, cut: Cut) -> None:
        """Over an opened one, of hub or county."""
        super().__init__(store._engine, READING)
        self._name = name
        self._cut = cut
        self._watch = sqlite3.connect(str(store._engine.url.database))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As the real one."""
        with super().write() as tx:
            yield tx
            self._cut(f"{self._name} before commit")
        self._cut(f"{self._name} after commit")

    def changes(self) -> int:
        """Another number whenever another connection has changed something."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close every connection."""
        self._watch.close()
        super().close()
