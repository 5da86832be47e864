"""Writes into a county's database: all rows of a call in one transaction, each row at most once.

The key of a write becomes a 32-digit value in the table's key column (`row_guid`). A row that is already there is
left alone, whatever the county's own people have done to it since; one of theirs that stands in its place is told.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.local.mapping.functions import BEIJING
from adapters.local.mapping.functions.plain import flag, integer
from adapters.local.mapping.functions.times import day, moment
from adapters.local.mapping.strict import Section
from adapters.local.sinks import LocalWrite, absent, occupied
from adapters.local.sources.engines import engine_for
from schemas.errors import YunhuobanError, declare

NOT_WRITTEN = declare(
    "E-SRC-021",
    "不能写入县本地数据库。",
    "请检查数据库是否在运行、账号能否写入、列宽是否足够；恢复后会自动重写，不会重复。",
)
UNFIT = declare("E-SRC-024", "写入的值与列“{column}”的类型不符。", "请核对 mapping.toml 中该列取自哪里，以及列的类型。")


class SqlSink:
    """A `Sink` into one database."""

    def __init__(self, url: str, key_column: str) -> None:
        """Open nothing yet."""
        self._engine = engine_for(url)
        self._key_column = key_column
        self._tables: dict[str, sa.Table] = {}

    @classmethod
    def from_settings(cls, section: Section, url: str) -> "SqlSink":
        """Read `[sink]` of a mapping; problems are noted in the section."""
        section.only("type", "key_column")
        return cls(url, section.text("key_column"))

    def write(self, writes: Sequence[LocalWrite]) -> None:
        """Write all rows or none. Raises E-SRC-021 to E-SRC-025."""
        try:
            with self._engine.connect() as connection:
                for each in writes:
                    self._table(connection, each.kind)
                connection.rollback()
                if connection.dialect.name == "sqlite":
                    # Asking first and writing later would find the database moved on in between.
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                for each in writes:
                    self._write(connection, each)
                connection.commit()
        except sa.exc.SQLAlchemyError as error:
            cause = getattr(error, "orig", None)
            kinds = "、".join(dict.fromkeys(each.kind for each in writes))
            raise YunhuobanError(NOT_WRITTEN, place=kinds, found=type(cause or error).__name__) from None

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def _write(self, connection: sa.Connection, write: LocalWrite) -> None:
        table = self._tables[write.kind]
        guid = row_guid(write)
        if missing := [name for name in (self._key_column, *write.row) if name not in table.columns]:
            raise absent.no_columns(table.name, missing, table.columns.keys())
        key = table.columns[self._key_column]
        fitted = _fitting(key, guid)
        if connection.execute(sa.select(sa.literal(1)).select_from(table).where(key == fitted)).first() is not None:
            return
        row: dict[str, Any] = {self._key_column: fitted}
        for name, value in write.row.items():
            row[name] = _fitting(table.columns[name], value)
        try:
            connection.execute(sa.insert(table), [row])
        except sa.exc.IntegrityError:
            connection.rollback()
            occupied.check(connection, table, row, self._key_column)
            raise

    def _table(self, connection: sa.Connection, name: str) -> None:
        if name in self._tables:
            return
        try:
            self._tables[name] = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
        except sa.exc.NoSuchTableError:
            raise absent.no_table(name, sa.inspect(connection).get_table_names()) from None


def row_guid(write: LocalWrite) -> str:
    """Return what stands in the key column for a write: the same at every repetition."""
    return hashlib.sha256(f"{write.kind}\0{write.key}".encode()).hexdigest()[:32]


def _fitting(column: sa.Column[Any], value: object) -> object:
    """Turn Beijing text into what the column's type wants; an unknown type gets the text. Raises E-SRC-024."""
    try:
        return _converted(column, value)
    except (YunhuobanError, ValueError, ArithmeticError):
        place, expected = f"表 {column.table.name} 列 {column.name}", str(column.type)
        raise YunhuobanError(UNFIT, place=place, expected=expected, column=column.name) from None


def _converted(column: sa.Column[Any], value: object) -> object:
    if value is None:
        return None
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return value
    if wanted is datetime:
        return moment(value).astimezone(BEIJING).replace(tzinfo=None)
    if wanted is date:
        return day(value)
    if wanted is bool:
        return flag(value) == "true"
    if wanted is int:
        return integer(value)
    if wanted is UUID:
        return UUID(str(value))
    if wanted in (Decimal, float):
        return Decimal(str(value))
    return str(value) if wanted is str else value
