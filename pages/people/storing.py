"""What the people need of a store, handed over by a composition root: transactions, sealing, a clock and the tables."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from pages.people.tables import PeopleTables


class Transactions(Protocol):
    """A store; what is written is committed at the end of the block, all of it or nothing."""

    def read(self) -> AbstractContextManager[Connection]:
        """One reading transaction."""

    def write(self) -> AbstractContextManager[Connection]:
        """One writing transaction."""


class Sealing(Protocol):
    """Encryption at rest, bound to the place where the value lies."""

    def seal(self, data: bytes, *, place: str) -> bytes:
        """Encrypt."""

    def open(self, blob: bytes, *, place: str) -> bytes:
        """Decrypt; raises when it lies elsewhere or was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All of it together."""

    store: Transactions
    sealing: Sealing
    tables: PeopleTables
    clock: Callable[[], datetime]
    words: Callable[[], Collection[str]] = tuple
    """What the place is called, in small letters: no password. Asked only when one is given."""

    def now(self) -> int:
        """Milliseconds since 1970."""
        return int(self.clock().timestamp() * 1000)
