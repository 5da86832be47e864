"""Many rows into one table at once: the statement is compiled once, the rows go to the driver as they are.

Admission writes several rows for every message. Through SQLAlchemy's own executemany each row's parameters are
processed anew, which took as long as SQLite itself; here only values that both drivers take as they are pass through:
integers, booleans, text, bytes and None.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert


def insert_rows(tx: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all name the same columns. Raises what the engine raises, as any statement does."""
    if rows:
        statement, positions = _statement(table, tuple(rows[0]), tx.dialect)
        values: list[Any] = [tuple([row[name] for name in positions]) for row in rows] if positions else list(rows)
        tx.exec_driver_sql(statement, values)


@lru_cache(maxsize=64)
def _statement(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The text of the statement, and the order of its values where the driver counts them instead of naming them."""
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup or ())
