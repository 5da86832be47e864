"""PostgreSQL, for several hub hosts: what differs from the embedded database, and why the same code is safe on both.

SQLite lets one writer in at a time. Here writers run side by side in READ COMMITTED, and each statement sees what was
committed before it. Three things keep them apart (`hub.store.writing`): who decides about a case holds its lock from
before it reads until it commits; the journal's head row, locked last, puts batches in order; and unique rows are the
fence behind both. Whoever runs into it is rolled back and does its work again, and then sees what was there first.
A reading transaction is REPEATABLE READ: a check or a proof must not see half of a commit.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from schemas.errors import YunhuobanError, declare

STORE_UNSAFE: Final = declare(
    "E-STORE-021",
    "数据库服务器的设置会丢失或损坏已确认的数据（{place}）。",
    "请让数据库管理员把 fsync 与 full_page_writes 设为 on，并使用 UTF8 编码的数据库。",
)
READING: Final[Mapping[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""A reading transaction sees one moment from beginning to end, as it does on SQLite."""

_CONNECT_SECONDS: Final = 10
_IDLE_SECONDS: Final = 20
"""A hub that stops in mid-transaction (its host is gone, or it was suspended) keeps its locks no longer than this."""
_CONFLICTS: Final = frozenset({"23505", "40001", "40P01"})
"""SQLSTATE of a unique violation, a serialization failure and a deadlock: all of them mean that another was quicker."""
_DEMANDED: Final = (("fsync", "on"), ("full_page_writes", "on"), ("server_encoding", "UTF8"))
_MIGRATION_LOCK: Final = 0x59484201
"""Number of the advisory lock under which one of several hubs migrates; any number that nobody else uses will do."""


def engine(url: str, *, busy_seconds: int) -> Engine:
    """Make the engine; nothing is opened yet. A writer waits at most `busy_seconds` for another's lock."""
    made = create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,  # after the server was restarted, the first transaction is not lost on a dead connection
        connect_args={"connect_timeout": _CONNECT_SECONDS},
        hide_parameters=True,
    )
    settings = {
        "synchronous_commit": "on",  # whatever the server's default is: what is committed is on its disk
        "lock_timeout": f"{busy_seconds}s",
        "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "2",
        "timezone": "UTC",
    }

    @event.listens_for(made, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.commit()

    @event.listens_for(made, "checkin")
    def _as_the_server_says(connection: Any, _record: Any) -> None:
        # After a reading transaction SQLAlchemy demands READ WRITE, which overrides an administrator who has closed
        # the database to writers.
        if connection is not None and not connection.closed:
            connection.read_only = None

    return made


def takes_writes(connection: Connection) -> bool:
    """Whether this server takes writes: a standby, and one that an administrator has closed, does not."""
    said: str = connection.execute(text("SELECT current_setting('transaction_read_only')")).scalar_one()
    return said == "off"


def demand_durable(connection: Connection) -> None:
    """The server must keep what it confirms, and take every character. Raises E-STORE-021 naming the setting."""
    for name, wanted in _DEMANDED:
        found = connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one()
        if found != wanted:
            raise YunhuobanError(STORE_UNSAFE, place=name, found=found, expected=wanted)


def lock_migration(connection: Connection) -> None:
    """Wait until no other hub migrates, for as long as this transaction lasts."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})


def is_conflict(error: SQLAlchemyError) -> bool:
    """Whether this transaction was rolled back only because another was quicker; done again it will see that one."""
    return sqlstate(error) in _CONFLICTS


def sqlstate(error: SQLAlchemyError) -> str | None:
    """The server's five characters for what went wrong; SQLite has none."""
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
