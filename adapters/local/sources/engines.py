"""Opens a county's database: any that SQLAlchemy knows, SQLite and servers with the precautions that they need."""

from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa

from adapters.local.sources.served import drivers, sessions
from schemas.errors import YunhuobanError, declare

UNREACHABLE = declare(
    "E-SRC-011", "不能读取县本地数据库。", "请检查数据库是否在运行、地址和账号是否正确、表是否存在；恢复后会接着读。"
)

_WAIT_SECONDS: Final = 10.0


def engine_for(url: str) -> sa.Engine:
    """Make an engine for a county's database; nothing is opened.

    Raises E-SRC-011 for a URL that is none, E-SRC-015 when the driver has to be installed first.
    """
    try:
        parsed = drivers.spoken(sa.make_url(url))
        if parsed.get_backend_name() != "sqlite":
            return _served(parsed)
        # SQLite makes a new, empty database of any file name; a county's database is there, or the address is wrong.
        existing = parsed.set(database=f"file:{quote(parsed.database or '')}").update_query_dict(
            {"uri": "true", "mode": "rw"}
        )
        engine = sa.create_engine(existing, connect_args={"timeout": _WAIT_SECONDS})
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise unreachable(error) from None
    sa.event.listen(engine, "connect", _tolerant)
    return engine


def _served(url: sa.URL) -> sa.Engine:
    try:
        return sessions.engine(url)
    except (sa.exc.NoSuchModuleError, ImportError) as error:
        raise drivers.missing(url) or unreachable(error) from None


def _tolerant(connection: Any, _record: object) -> None:
    """Give broken text as lone surrogates, so that one bad cell does not end the reading of a whole table."""
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")


def snapshot(connection: sa.Connection) -> None:
    """Let all following reads of a connection see one moment, as far as the database can."""
    dialect = connection.dialect.name
    if dialect == "sqlite":
        connection.exec_driver_sql("BEGIN")
    elif dialect in ("postgresql", "mysql", "mariadb"):
        connection.execution_options(isolation_level="REPEATABLE READ")


def unreachable(error: Exception) -> YunhuobanError:
    """Wrap a library's error; its text may quote a row, so only the kinds of the errors are told."""
    cause = getattr(error, "orig", None)
    kinds = [type(error).__name__] + ([type(cause).__name__] if cause is not None else [])
    return YunhuobanError(UNREACHABLE, found=" / ".join(kinds))
