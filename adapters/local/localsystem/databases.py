"""Looks at a county's database as the source and the sink will meet it: tables, columns, and what the account may do.

Nothing is written. Reading is tried by reading no row. Inserting is tried by asking the server how it would do it
(`EXPLAIN INSERT`): PostgreSQL and MariaDB check the account's rights for that and execute nothing, with roles, rights
on single columns and views that take no row all judged by the server itself. SQLite has no accounts: there the file and
its folder are asked. Of any other server nobody here knows what it does, so nothing is tried.

Sources: PostgreSQL 15 manual, EXPLAIN; MariaDB Knowledge Base, "EXPLAIN"; SQLite, "EXPLAIN", "Temporary Files" 2.1.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import sqlalchemy as sa

from adapters.local.localsystem.findings import Looked, Way
from adapters.local.localsystem.needed import Needs
from adapters.local.sinks import absent
from adapters.local.sinks.sql import NOT_WRITTEN
from adapters.local.sources.engines import engine_for, unreachable
from pages.wording import mark as _
from schemas.errors import Code, YunhuobanError, declare

MAY_NOT_INSERT = declare(
    "E-SRC-026",
    "县节点的账号不能向表 {table} 插入行。",
    "请核对表名，并给 local_write 的账号授予该表的 INSERT 和 SELECT 权限；"
    "是视图或只读的从库的，请改写到能写的表或主库。",
)
MAY_NOT_READ = declare(
    "E-SRC-027", "县节点的账号不能读表 {table}。", "请核对表名，并给 local_read 的账号授予该表的 SELECT 权限。"
)

_OTHER_SERVER: Final = _("表和列已核对；这种数据库上能否写入没有试")
_EXPLAINING: Final = ("sqlite", "postgresql", "mysql", "mariadb")


def look(url: str, way: Way, needs: Needs) -> Iterator[Looked]:
    """Look at every table. Raises E-SRC-011 or E-SRC-015 for a URL that is none; not reached is what was found."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            for table, columns in needs.items():
                yield _table(connection, way, table, columns)
                connection.rollback()
    except sa.exc.SQLAlchemyError as error:
        yield Looked(way=way, what=f"local_{way.value}", problems=[_not_reached(way, error)])
    finally:
        engine.dispose()


def _not_reached(way: Way, error: sa.exc.SQLAlchemyError) -> YunhuobanError:
    problem = unreachable(error)
    place = f"local_{way.value}"
    if way is Way.WRITE:
        return YunhuobanError(NOT_WRITTEN, place=place, found=problem.found)
    problem.place = place
    return problem


def _table(connection: sa.Connection, way: Way, name: str, columns: Sequence[str]) -> Looked:
    inspector = sa.inspect(connection)
    try:
        found = [str(each["name"]) for each in inspector.get_columns(name)]
    except sa.exc.NoSuchTableError:
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        return Looked(way=way, what=f"表 {name}", problems=[absent.no_table(name, names)])
    except sa.exc.DBAPIError as error:
        if _unjudged(error):
            raise
        code = MAY_NOT_READ if way is Way.READ else MAY_NOT_INSERT
        return Looked(way=way, what=f"表 {name}", problems=[_may_not(code, name, error)])
    if missing := [each for each in columns if each not in found]:
        return Looked(way=way, what=f"表 {name}", problems=[absent.no_columns(name, missing, found)])
    connection.rollback()
    if way is Way.READ:
        return Looked(way=way, what=f"表 {name}", problems=_reading(connection, name))
    return _inserting(connection, name, columns)


def _reading(connection: sa.Connection, name: str) -> Sequence[YunhuobanError]:
    """Read it whole as the source does, and no row of it."""
    statement = sa.select(sa.text("*")).select_from(sa.table(name)).where(sa.false())
    try:
        connection.execute(statement)
    except sa.exc.DBAPIError as error:
        if _unjudged(error):
            raise
        return [_may_not(MAY_NOT_READ, name, error)]
    return ()


def _inserting(connection: sa.Connection, name: str, columns: Sequence[str]) -> Looked:
    """Whether the sink could ask for its key and insert a row."""
    what, dialect = f"表 {name}", connection.dialect
    if dialect.name not in _EXPLAINING:
        return Looked(way=Way.WRITE, what=what, untested=_OTHER_SERVER)
    table = sa.table(name, *map(sa.column, columns))
    insert = sa.insert(table).values({each: sa.null() for each in columns})
    try:
        connection.execute(sa.select(sa.column(columns[0])).select_from(table).where(sa.false()))
        connection.exec_driver_sql(f"EXPLAIN {insert.compile(dialect=dialect)}")
        if dialect.name == "postgresql" and connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
            problem = YunhuobanError(MAY_NOT_INSERT, place=what, found="transaction_read_only = on", table=name)
            return Looked(way=Way.WRITE, what=what, problems=[problem])
    except sa.exc.DBAPIError as error:
        if _unjudged(error):
            raise
        return Looked(way=Way.WRITE, what=what, problems=[_may_not(MAY_NOT_INSERT, name, error)])
    if dialect.name == "sqlite" and _unwritable(connection.engine.url):
        problem = YunhuobanError(MAY_NOT_INSERT, place=what, found="PermissionError", table=name)
        return Looked(way=Way.WRITE, what=what, problems=[problem])
    return Looked(way=Way.WRITE, what=what)


def _unwritable(url: sa.URL) -> bool:
    """Whether the file is not the node's to write, or its folder: SQLite's journal stands in it."""
    file = Path(unquote((url.database or "").removeprefix("file:"))).absolute()
    return not all(os.access(each, os.W_OK, effective_ids=True) for each in (file, file.parent))


def _unjudged(error: sa.exc.DBAPIError) -> bool:
    """Whether it says nothing about the account: the connection broke, or somebody else has SQLite's file."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    busy = code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return busy or error.connection_invalidated


def _may_not(code: Code, name: str, error: sa.exc.DBAPIError) -> YunhuobanError:
    """The server's own number or state of the error: its text may quote anything."""
    cause = error.orig
    number = cause.args[0] if cause is not None and cause.args else None
    state = number if isinstance(number, int) else getattr(cause, "sqlstate", getattr(cause, "sqlite_errorname", ""))
    found = f"{type(cause or error).__name__} {state or ''}".rstrip()
    return YunhuobanError(code, place=f"表 {name}", found=found, table=name)
