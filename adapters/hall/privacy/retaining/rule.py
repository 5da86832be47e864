"""What a rule of retention is: what is due by it, and how that is made unreadable."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from adapters.instants import to_millis


class Rule(Protocol):
    """One kind of data with its period."""

    @property
    def name(self) -> str:
        """As it stands in the chain; one that was used never means another thing."""

    @property
    def days(self) -> int:
        """The period."""

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Keys of what is due, which name nobody."""

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:
        """Make these unreadable; what accounts for something loses its personal fields only."""


def before(now: datetime, days: int) -> int:
    """The stored time before which something is due."""
    return to_millis(now - timedelta(days=days))
