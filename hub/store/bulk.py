"""Many rows at once: the statement's text is made once, and the values go to the driver as they are.

Admission reads and writes several rows for every message. Through SQLAlchemy's own executemany and expanding IN each
value is processed anew, which took longer than the database itself; here only values that both drivers take as they are
pass through: integers, booleans, text, bytes and None.
"""

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Row, Table, insert, select


def insert_rows(tx: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all name the same columns. Raises what the engine raises, as any statement does."""
    if rows:
        statement, positions = _insert(table, tuple(rows[0]), tx.dialect)
        values: list[Any] = [*map(itemgetter(*positions), rows)] if positions else [*rows]
        tx.exec_driver_sql(statement, values)


def rows_by_keys(
    tx: Connection, columns: Sequence[Column[Any]], key: Sequence[Column[Any]], keys: Collection[tuple[str, ...]]
) -> Sequence[Row[Any]]:
    """The rows whose key columns, all text, have one of these values; one parameter for however many keys."""
    if not keys:
        return []
    statement = _by_keys(tuple(columns), tuple(key), tx.dialect)
    if tx.dialect.name == "sqlite":
        return tx.exec_driver_sql(statement, (json.dumps([*keys]),)).all()
    return tx.exec_driver_sql(statement, tuple(map(list, zip(*keys, strict=True)))).all()


@lru_cache(maxsize=64)
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The text of the statement, and the order of its values where the driver counts them instead of naming them."""
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup or ())


@lru_cache(maxsize=64)
def _by_keys(columns: tuple[Column[Any], ...], key: tuple[Column[Any], ...], dialect: Dialect) -> str:
    """SQLite unpacks a list from JSON, PostgreSQL from arrays; neither has the other's way."""
    names = ", ".join(each.name for each in key)
    if dialect.name == "sqlite":
        parts = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(key)))
        wanted = f"SELECT {parts} FROM json_each(?)"  # noqa: S608 -- names of our own columns
    else:
        wanted = f"SELECT * FROM unnest({', '.join(['%s::text[]'] * len(key))})"  # noqa: S608 -- the same
    return f"{select(*columns).compile(dialect=dialect)} WHERE ({names}) IN ({wanted})"
