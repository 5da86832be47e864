"""The embedded database: one file on the hub's own host.

SQLite in WAL mode loses commits on a power cut unless `synchronous=FULL`; a deferred BEGIN that reads and then
writes fails at once when another writer is there, so every write begins IMMEDIATE. That also makes writers wait for
each other from the first statement on: none ever sees what another is about to change.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event

from hub.store.turns import Gate, begin_writing

READING: Final[Mapping[str, Any]] = {"yunhuoban_read": True}
"""A reading transaction waits for nobody, and sees what was committed before its first statement."""


def engine(url: str, gate: Gate | None, *, goes_first: bool, busy_seconds: float) -> Engine:
    """Make the engine; nothing is opened yet. A writer waits at most `busy_seconds` for another, and for the gate."""
    made = create_engine(url, connect_args={"timeout": busy_seconds}, hide_parameters=True)

    @event.listens_for(made, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={round(busy_seconds * 1000)}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("yunhuoban_read", False):
            connection.exec_driver_sql("BEGIN")
        elif gate is None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            within = options.get("yunhuoban_within_seconds", busy_seconds)
            begin_writing(connection, gate, goes_first=goes_first, busy_seconds=busy_seconds, within_seconds=within)

    return made
