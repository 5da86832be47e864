"""Opens the hub's database with the settings that keep what was committed, and brings its schema up to date.

One class for both databases; what is peculiar to each stands in `hub.store.sqlite` and `hub.store.postgresql`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hub.store import postgresql, sqlite
from hub.store.turns import Gate
from hub.store.versions import NEWEST
from schemas.errors import YunhuobanError, declare

STORE_FAILED: Final = declare("E-STORE-001", "中枢数据库不可用。", "请检查磁盘空间与数据库服务，然后重新启动中枢。")
STORE_REFUSED: Final = declare(
    "E-STORE-003",
    "中枢数据库拒绝了写入：数据与已有记录冲突或超出字段长度。",
    "请把日志交给运维；报文会被逐个重试，反复失败的将被搁置。",
)
STORE_CONFLICT: Final = declare(
    "E-STORE-020",
    "另一个进程同时写入了相同的记录，本次写入已撤销。",
    "无需处理，随后会自动重做；若反复出现，请把日志交给运维。",
)
STORE_URL_WRONG: Final = declare(
    "E-CONF-020",
    "store_url 无法使用：网址有误、数据库种类不受支持，或缺少驱动程序。",
    "请写 postgresql+psycopg://用户@主机/数据库（安装 yunhuoban[postgresql]），或留空使用内置数据库。",
)
BUSY_SECONDS: Final = 30
MOST_REDOS: Final = 5
"""A transaction that another one got in the way of is done again this often, then it counts as refused."""

Result = TypeVar("Result")
_log = structlog.get_logger(__name__)


class Store:
    """One database; hands out transactions. Safe to share between threads."""

    def __init__(self, engine: Engine, reading: Mapping[str, Any], gate: Gate | None = None) -> None:
        """Keep the engine; `open_store` makes it. `reading` are the options of a reading transaction.

        With a gate, everything that this store writes goes before the others'.
        """
        self._engine = engine
        self._reading = reading
        self._gate = gate

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writing transaction, committed at the end, rolled back on any error.

        Raises E-STORE-001 when the database cannot be used now (whether it was committed is then unknown), E-STORE-003
        when it will not take this, E-STORE-020 when another transaction got in the way: the next attempt sees it.
        """
        try:
            with self._gate.shut() if self._gate else nullcontext(), self._engine.begin() as tx:
                yield tx
        except SQLAlchemyError as error:
            raise _told(error) from error

    def redo(self, work: Callable[[Connection], Result]) -> Result:
        """Do `work` in one writing transaction, again from its beginning when another one got in the way.

        So `work` must keep what it finds in its result and change nothing else. Raises E-STORE-001 or -003.
        """
        for _ in range(MOST_REDOS):
            try:
                with self.write() as tx:
                    return work(tx)
            except YunhuobanError as error:
                if error.code is not STORE_CONFLICT:
                    raise
                conflict = error
                _log.info("store.redone", code=error.code.code)
        raise YunhuobanError(STORE_REFUSED, found=conflict.found) from conflict

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction, which sees one moment from beginning to end. Raises E-STORE-001 or -003."""
        try:
            with self._engine.connect().execution_options(**self._reading) as tx:
                yield tx
        except SQLAlchemyError as error:
            raise _told(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One reading transaction that sees one moment of the whole store, however long it takes.

        No writer waits for it: SQLite reads beside its write-ahead log, PostgreSQL keeps the older rows. Raises
        E-STORE-001 or -003.
        """
        options: dict[str, Any] = {"yunhuoban_read": True}
        if self._engine.dialect.name != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self._engine.connect().execution_options(**options) as tx:
                yield tx
        except SQLAlchemyError as error:
            raise _told(error) from error

    def writable(self, within_seconds: float) -> bool:
        """Whether a writing transaction can begin so soon: nobody holds the database, and it takes what is written.

        It writes nothing, and so does not find a full disk: whoever writes does.
        """
        try:
            with self._engine.connect().execution_options(yunhuoban_within_seconds=within_seconds) as tx:
                tx.execute(text("SELECT 1"))  # with the first statement it begins
                return self._engine.dialect.name == "sqlite" or postgresql.takes_writes(tx)
        except SQLAlchemyError:
            return False

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def open_store(url: str, *, goes_first: bool = False) -> Store:
    """Open the database and migrate it to the newest schema.

    On SQLite, where one writes at a time, `goes_first` is for the process that must not wait behind others. Raises
    E-CONF-020 for an unusable URL (which is not shown, it may hold a password), E-STORE-001, E-STORE-005 for a store
    that a newer program has migrated, or E-STORE-021 for a server that does not keep what it confirms.
    """
    engine, gate = _engine(url, goes_first=goes_first)
    try:
        migrate(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise YunhuobanError(STORE_FAILED, place="migrate", found=_kind(error)) from error
    except YunhuobanError:
        engine.dispose()
        raise
    return _store(engine, gate if goes_first else None)


def connected(url: str) -> Store:
    """The database in whatever schema it is, not opened yet (`hub.store.asitis`). Raises E-CONF-020."""
    return _store(_engine(url, goes_first=False)[0], None)


def _engine(url: str, *, goes_first: bool) -> tuple[Engine, Gate | None]:
    try:
        parsed = make_url(url)
        dialect, driver = parsed.get_backend_name(), parsed.get_driver_name()
        gate = Gate(Path(parsed.database)) if dialect == "sqlite" and parsed.database else None
        if dialect == "sqlite":
            return sqlite.engine(url, gate, goes_first=goes_first, busy_seconds=BUSY_SECONDS), gate
        if (dialect, driver) == ("postgresql", "psycopg"):
            return postgresql.engine(url, busy_seconds=BUSY_SECONDS), None
        raise YunhuobanError(STORE_URL_WRONG, place="store_url", found=f"{dialect}+{driver}")
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError, TypeError) as error:
        raise YunhuobanError(STORE_URL_WRONG, place="store_url", found=type(error).__name__) from None


def _store(engine: Engine, gate: Gate | None) -> Store:
    return Store(engine, _reading(engine), gate)


def _reading(engine: Engine) -> Mapping[str, Any]:
    return postgresql.READING if engine.dialect.name == "postgresql" else sqlite.READING


def revision(tx: Connection) -> str:
    """Which schema the store has."""
    return str(tx.execute(text("SELECT version_num FROM alembic_version")).scalar())


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction of their own; of several hubs one does it.

    Hardly a start finds one missing. So whether one is, is read first: that waits for no writer, and what runs them is
    not loaded. Raises E-STORE-005 or E-STORE-021.
    """
    with engine.connect().execution_options(**_reading(engine)) as tx:
        if tx.dialect.name == "postgresql":
            postgresql.demand_durable(tx)
        if tx.dialect.has_table(tx, "alembic_version") and revision(tx) == NEWEST:
            return
    from hub.store import migrating  # noqa: PLC0415 -- loaded only where there is something to migrate

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            postgresql.lock_migration(connection)
        migrating.upgrade(connection)


def _told(error: SQLAlchemyError) -> YunhuobanError:
    """Whether another was quicker (do it again), the database cannot be used now (wait), or it would not take this."""
    if postgresql.is_conflict(error):
        return YunhuobanError(STORE_CONFLICT, found=_kind(error))
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    gone = lost or isinstance(error, (OperationalError, InterfaceError, InternalError, PoolTimeoutError))
    return YunhuobanError(STORE_FAILED if gone else STORE_REFUSED, found=_kind(error))


def _kind(error: SQLAlchemyError) -> str:
    """The error's class and the database's own code; never its text, which quotes rows."""
    state = postgresql.sqlstate(error)
    return f"{type(error).__name__} {state}" if state else type(error).__name__
