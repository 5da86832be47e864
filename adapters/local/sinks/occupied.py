"""Whose place a refused row wanted: a row that is there already under the same primary key or unique columns.

The county's own people, or another program, wrote it: repeating the write does not help until somebody has looked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from adapters.local.mapping.reading.showing import shown
from schemas.errors import YunhuobanError, declare

TAKEN = declare(
    "E-SRC-025",
    "表 {table} 中已有别的行占着“{columns}”的同一个值，县节点写不进自己的行，也不会改动那一行。",
    "请在本地系统查看那一行：不该有的，删去或改正后县节点自己写上，最多等五分钟，本件后面的结果也跟着写；"
    "应当保留的，请修改 mapping.toml 中写这张表的规则。",
)


def check(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any], key_column: str) -> None:
    """Raise E-SRC-025 when another row than ours has the values that must be there once."""
    for columns in _unique(table):
        if not columns or any(row.get(name) is None for name in columns):  # no key, or one of expressions
            continue
        same = [table.columns[name] == row[name] for name in columns]
        others = sa.or_(table.columns[key_column].is_(None), table.columns[key_column] != row[key_column])
        if connection.execute(sa.select(sa.literal(1)).select_from(table).where(*same, others)).first() is not None:
            raise YunhuobanError(TAKEN, place=_place(table, columns, row), table=table.name, columns="、".join(columns))


def _unique(table: sa.Table) -> Iterator[Sequence[str]]:
    """The columns of everything that may be there once, the primary key first."""
    yield [each.name for each in table.primary_key.columns]
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            yield [each.name for each in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield [each.name for each in index.columns]


def _place(table: sa.Table, columns: Sequence[str], row: Mapping[str, Any]) -> str:
    """Table and columns; of a primary key the value, too, without which nobody finds the row."""
    own = columns == [each.name for each in table.primary_key.columns]
    said = (f"{name}={shown(row[name], personal=False)}" if own else name for name in columns)
    return f"表 {table.name} 行 {'，'.join(said)}"
