"""Opens the county node's database with the settings that keep what was committed, and brings its schema up to date.

SQLite in WAL mode loses commits on a power cut unless `synchronous=FULL`; a deferred BEGIN that reads and then
writes fails at once when another writer is there, so every write begins IMMEDIATE. What is deleted is overwritten
(`secure_delete`); `Store.clear_deleted` empties the log in which it stood before.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from adapters.store.versions import NEWEST
from schemas.errors import YunhuobanError, declare

STORE_FAILED: Final = declare("E-STORE-002", "县节点数据库不可用。", "请检查磁盘空间与数据库服务，然后重新启动县节点。")
BUSY_SECONDS: Final = 30
WIPE_MILLISECONDS: Final = 500
"""Of waiting for others before the log is emptied: it is asked for again."""


class Store:
    """One database; hands out transactions. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        """Keep the engine; `open_store` makes it."""
        self._engine = engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writing transaction, committed at the end, rolled back on any error. Raises E-STORE-002."""
        try:
            with self._engine.begin() as tx:
                yield tx
        except SQLAlchemyError as error:
            raise YunhuobanError(STORE_FAILED, found=type(error).__name__) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction. Raises E-STORE-002."""
        try:
            with self._engine.connect().execution_options(yunhuoban_read=True) as tx:
                yield tx
        except SQLAlchemyError as error:
            raise YunhuobanError(STORE_FAILED, found=type(error).__name__) from error

    def clear_deleted(self, tables: Sequence[str] = ()) -> bool:
        """Let what was deleted leave the files; False while a reader is in the way: ask again later.

        SQLite's write-ahead log is carried over and cut to nothing. PostgreSQL makes room of the dead rows of the
        tables that are named, and the next rows are written over them; the others wait for its own vacuum, and its log
        and every backup have their own terms. Raises E-STORE-002.
        """
        try:
            if self._engine.dialect.name != "sqlite":
                if not tables:
                    return True
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
                    server.exec_driver_sql(f"VACUUM {', '.join(tables)}")
                return True
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(f"PRAGMA busy_timeout={WIPE_MILLISECONDS}")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
            finally:
                connection.close()
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise YunhuobanError(STORE_FAILED, place="clear", found=type(error).__name__) from error
        return not busy

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def exists(url: str) -> bool:
    """Whether there is a database already; a server's is there or not when it is opened."""
    file = make_url(url)
    return file.get_backend_name() != "sqlite" or Path(file.database or "").exists()


def open_store(url: str) -> Store:
    """Open the database and migrate it to the newest schema. Raises E-STORE-002, E-STORE-006 if it is too new."""
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS} if url.startswith("sqlite") else {})
    if engine.dialect.name == "sqlite":
        _embed(engine)
    try:
        migrate(engine)
    except OperationalError as error:
        raise YunhuobanError(STORE_FAILED, place="migrate", found=type(error).__name__) from error
    except YunhuobanError:
        engine.dispose()
        raise
    return Store(engine)


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction of their own. Raises E-STORE-006.

    Hardly a start finds one missing. So whether one is, is read first: that waits for no writer, and what runs them is
    not loaded.
    """
    with engine.connect().execution_options(yunhuoban_read=True) as tx:
        if tx.dialect.has_table(tx, "alembic_version"):
            found = tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if found == NEWEST:
                return
    from adapters.store import migrating  # noqa: PLC0415 -- loaded only where there is something to migrate

    with engine.begin() as connection:
        migrating.upgrade(connection)


def _embed(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        busy = f"busy_timeout={BUSY_SECONDS * 1000}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", busy):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("yunhuoban_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
