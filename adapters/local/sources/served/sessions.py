"""What a connection to a county's database server is set to before it is used.

- Beijing time: a `timestamptz` (PostgreSQL) or a `TIMESTAMP` (MariaDB) is shown, and compared, in the time of the
  session, and a server that runs in UTC would show every such row eight hours early.
- Strict mode: MariaDB without it cuts a name that is too long for its column, and writes ? for a rare character.
- Limits of waiting: an address behind a firewall that swallows packets is an error after seconds, not a hang.
- A time that Python has no value for (`infinity`) is its text: it spoils its own row only, not the whole table.

Sources: PostgreSQL 15 manual, 8.5.1 and 8.5.3; MariaDB Knowledge Base, "SQL_MODE" and "Time Zones".
"""

from typing import Any, Final

import sqlalchemy as sa

_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 120
_WRITE_SECONDS: Final = 60
# Posix counts zones westwards; unlike Asia/Shanghai this one has no summer times of the years around 1990.
_BEIJING_POSTGRESQL: Final = "SET TIME ZONE 'Etc/GMT-8'"
_MARIADB: Final = "SET SESSION time_zone = '+08:00', sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')"


def engine(url: sa.URL) -> sa.Engine:
    """An engine whose connections are set as said above; nothing is opened. Raises what SQLAlchemy raises."""
    arguments: dict[str, Any] = {}
    backend, driver = url.get_backend_name(), url.get_driver_name()
    if driver == "psycopg":
        arguments = {"connect_timeout": _CONNECT_SECONDS, "keepalives_idle": _WRITE_SECONDS}
    elif driver == "pymysql":
        arguments = {
            "connect_timeout": _CONNECT_SECONDS,
            "read_timeout": _READ_SECONDS,
            "write_timeout": _WRITE_SECONDS,
        }
    made = sa.create_engine(url, connect_args=arguments, pool_pre_ping=True)
    if backend == "postgresql":
        sa.event.listen(made, "connect", _postgresql)
        if driver == "psycopg":
            sa.event.listen(made, "connect", _tolerant)
    elif backend in ("mysql", "mariadb"):
        sa.event.listen(made, "connect", _mariadb)
    return made


def _postgresql(connection: Any, _record: object) -> None:
    _say(connection, _BEIJING_POSTGRESQL)


def _mariadb(connection: Any, _record: object) -> None:
    _say(connection, _MARIADB)


def _say(connection: Any, statement: str) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()
    connection.commit()


def _tolerant(connection: Any, _record: object) -> None:
    from psycopg import DataError  # noqa: PLC0415 -- an extra: only who has such a database has it
    from psycopg.types import datetime as times  # noqa: PLC0415 -- the same

    def tolerating(loader: Any) -> Any:
        def load(self: Any, data: Any) -> Any:
            try:
                return loader.load(self, data)
            except DataError:
                return bytes(data).decode("ascii", "replace")

        return type(loader.__name__, (loader,), {"load": load})

    for name, loader in (
        ("date", times.DateLoader), ("timestamp", times.TimestampLoader), ("timestamptz", times.TimestamptzLoader),
    ):  # fmt: skip
        connection.adapters.register_loader(name, tolerating(loader))
