"""Rows of other tables that belong to a row: by a column there, and the column of the row that has the same value."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from adapters.local.mapping.strict import Section
from schemas.errors import YunhuobanError, declare

NO_LINK = declare(
    "E-SRC-016",
    "表 {table} 中没有 children 所说的列“{column}”。",
    "最接近的是“{nearest}”；请核对 mapping.toml 中的 children：column 是所属表的列，of 是本表的列。",
)

_PARENTS_PER_QUERY: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How the rows of one table belong to those of another."""

    column: str
    """The column of the table that belongs."""
    of: str
    """The column of the rows that it belongs to."""


def links(section: Section) -> dict[str, Link]:
    """Read `children`, by table: `t = "no"` where both tables have the column, else `t = { column = …, of = … }`.

    Problems are noted in the section.
    """
    found: dict[str, Link] = {}
    for table, said in section.data.items():
        if isinstance(said, Mapping):
            inner = section.inner(table)
            inner.only("column", "of")
            found[table] = Link(column=inner.text("column"), of=inner.text("of"))
        else:
            column = section.text(table)
            found[table] = Link(column=column, of=column)
    return found


def rows(
    connection: sa.Connection, table: str, link: Link, parents: Sequence[Mapping[str, object]], of: str
) -> list[list[dict[str, object]]]:
    """The rows of `table` that belong to each of these rows of the table `of`. Raises E-SRC-016."""
    found: list[list[dict[str, object]]] = [[] for _ in parents]
    if not parents:
        return found
    _known(link.of, list(parents[0]), of)
    child = sa.select(sa.text("*")).select_from(sa.table(table))
    # SQLite takes a quoted name that is no column for a text: it would find nothing, and say nothing.
    _known(link.column, list(connection.execute(child.where(sa.false())).keys()), table)
    places: dict[object, list[int]] = {}
    values: dict[object, object] = {}
    for at, parent in enumerate(parents):
        if (value := parent[link.of]) is not None:
            places.setdefault(_same(value), []).append(at)
            values[_same(value)] = value
    wanted = list(values.values())
    for start in range(0, len(wanted), _PARENTS_PER_QUERY):
        some = child.where(sa.column(link.column).in_(wanted[start : start + _PARENTS_PER_QUERY]))
        for row in connection.execute(some).mappings():
            for at in places.get(_same(row[link.column]), ()):
                found[at].append(dict(row))
    return found


def _same(value: Any) -> str:
    """What two columns of different types have in common: a number in one may be text in the other."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return str(value)


def _known(column: str, columns: Sequence[str], table: str) -> None:
    if column in columns:
        return
    near = difflib.get_close_matches(column, columns, n=1, cutoff=0.0)
    raise YunhuobanError(
        NO_LINK, place=f"表 {table}", found=column, expected="、".join(columns[:40]), table=table, column=column,
        nearest=near[0] if near else "",
    )  # fmt: skip
