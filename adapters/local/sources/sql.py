"""Reads a county's database: new rows of its exchange tables, through a cursor over a column that only grows.

Rows are committed out of order, so a cursor "greater than the last one" loses what commits late. Every poll reads
again from `overlap` before the highest value seen and leaves out the rows it remembers; both stand in the cursor.
A transaction that stays open for longer than `overlap` is the one case that this cannot see. All tables of a source
are read in one snapshot and given out in the order of their times, so that a decision never overtakes the
acceptance that was committed before it.

Rows marked as our own (`skip`) are left out. The rows of `children` tables must be committed with or before their
parent row. A row that changes in place is read again only when a column of its `key` changes.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Self
from uuid import UUID

import sqlalchemy as sa

from adapters.local.mapping.functions import BEIJING
from adapters.local.mapping.functions.times import moment
from adapters.local.mapping.strict import WRONG_VALUE, Section
from adapters.local.sources import CURSOR_UNREADABLE, Batch, LocalRecord, belonging
from adapters.local.sources.belonging import Link, links
from adapters.local.sources.engines import engine_for, snapshot, unreachable
from schemas.errors import YunhuobanError, declare

NO_ORDER = declare(
    "E-SRC-012", "该行的“{column}”列不是时间或数字，不能排定先后。", "请在本地系统补正该列；补正后会自动读到这一行。"
)
NO_KEY = declare("E-SRC-013", "该行的主键“{column}”为空。", "请在本地系统补上主键；补上后会自动读到这一行。")

DEFAULT_OVERLAP_SECONDS: Final = 600
DEFAULT_OVERLAP_NUMBERS: Final = 1000
_HASH_CHARACTERS: Final = 12  # 72 bits: two of a county's rows never meet by chance
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Anything written as text that does not begin with a year sorts below or above every real time; written like this it
# is a time to PostgreSQL and MariaDB, too, when the column is one.
_LOWEST: Final = "1000-01-01"
_TIMES_AS_TEXT: Final = ("sqlite", "postgresql", "mysql", "mariadb")
"""Where a literal takes the type of the column beside it: a column of times may be one of text, as often in halls."""

Order = int
"""Milliseconds since 1970 for a time, or the number itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """How one table is read."""

    name: str
    key: Sequence[str]
    order: str
    skip: Mapping[str, str]
    children: Mapping[str, Link]
    """By table, how its rows belong to one of these."""

    @property
    def asked(self) -> Mapping[str, Sequence[str]]:
        """The tables that are read for it, itself first, and the columns of each that it cannot be read without."""
        own = dict.fromkeys([*self.key, self.order, *self.skip, *(link.of for link in self.children.values())])
        return {self.name: list(own)} | {table: [link.column] for table, link in self.children.items()}


@dataclass(slots=True)
class _Position:
    """How far one table has been read."""

    high: Order | None = None
    seen: dict[str, Order] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    """Rows already reported as unreadable, as long as they are."""

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        seen = {
            text[at : at + _HASH_CHARACTERS]: int(order)
            for order, text in data["seen"].items()
            for at in range(0, len(text), _HASH_CHARACTERS)
        }
        return cls(high=data["high"], seen=seen, bad=list(data["bad"]))

    def dump(self) -> dict[str, Any]:
        grouped: dict[str, str] = {}
        for mark, order in sorted(self.seen.items(), key=lambda pair: (pair[1], pair[0])):
            grouped[str(order)] = grouped.get(str(order), "") + mark
        return {"high": self.high, "seen": grouped, "bad": sorted(self.bad)}


@dataclass(slots=True)
class _Candidate:
    rule: TableRule
    index: int
    mark: str
    order: Order | None
    row: dict[str, object]
    problem: YunhuobanError | None = None


class SqlSource:
    """A `Source` over one database."""

    def __init__(
        self, url: str, tables: Sequence[TableRule], *, by_time: bool, overlap: int, now: Callable[[], datetime]
    ) -> None:
        """Open nothing yet. `overlap` is in milliseconds when rows are ordered by time, else in numbers."""
        self.name = "sql"
        self.asked = [each.asked for each in tables]
        self._tables = tables
        self._by_time = by_time
        self._overlap = overlap
        self._now = now
        self._engine = engine_for(url)

    @classmethod
    def from_settings(cls, section: Section, url: str, now: Callable[[], datetime]) -> "SqlSource":
        """Read `[source]` of a mapping; problems are noted in the section."""
        section.only("type", "order_kind", "overlap_seconds", "overlap_numbers", "tables")
        by_time = section.text("order_kind", "time")
        if by_time not in ("time", "number"):
            section.problems.add(WRONG_VALUE, section.place, found=by_time, expected="time / number", key="order_kind")
        tables = []
        for name, inner in section.inner("tables").sections():
            inner.only("key", "order", "skip", "children")
            skip = inner.inner("skip")
            tables.append(
                TableRule(
                    name=name,
                    key=inner.texts("key"),
                    order=inner.text("order"),
                    skip={column: skip.text(column) for column in skip.data},
                    children=links(inner.inner("children")),
                )
            )
        seconds = section.number("overlap_seconds", DEFAULT_OVERLAP_SECONDS)
        numbers = section.number("overlap_numbers", DEFAULT_OVERLAP_NUMBERS)
        time_ordered = by_time == "time"
        return cls(url, tables, by_time=time_ordered, overlap=seconds * 1000 if time_ordered else numbers, now=now)

    def poll(self, cursor: str | None, limit: int) -> Batch:
        """Read what is new in one snapshot. Raises E-SRC-001, -011 or -016; then nothing has moved."""
        positions = self._load(cursor)
        try:
            with self._engine.connect() as connection:
                snapshot(connection)
                fresh: list[_Candidate] = []
                for index, rule in enumerate(self._tables):
                    fresh += self._candidates(connection, index, rule, positions[rule.name], limit)
                taken = sorted((each for each in fresh if each.problem is None), key=self._rank)[:limit]
                children = self._children(connection, taken)
        except sa.exc.SQLAlchemyError as error:
            raise unreachable(error) from None
        self._advance(positions, taken)
        failures = [each.problem for each in fresh if each.problem is not None]
        records = [
            LocalRecord(
                kind=each.rule.name,
                key=_key(each.rule, each.row),
                row=_readable(each.row),
                place=_place(each.rule, each.row),
                children=found,
            )
            for each, found in zip(taken, children, strict=True)
        ]
        state = {name: position.dump() for name, position in positions.items()}
        return Batch(records, json.dumps(state, ensure_ascii=False, separators=(",", ":")), failures)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def _load(self, cursor: str | None) -> dict[str, _Position]:
        try:
            data: dict[str, Any] = dict(json.loads(cursor).items()) if cursor else {}
            return {r.name: _Position.load(data[r.name]) if r.name in data else _Position() for r in self._tables}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise YunhuobanError(CURSOR_UNREADABLE, place=self.name) from None

    def _rank(self, each: _Candidate) -> tuple[int, int, str]:
        # Numbers of two tables say nothing about each other: then the order of the tables in the mapping decides.
        order = each.order or 0
        return (order, each.index, each.mark) if self._by_time else (each.index, order, each.mark)

    def _candidates(
        self, connection: sa.Connection, index: int, rule: TableRule, position: _Position, limit: int
    ) -> list[_Candidate]:
        order: sa.ColumnClause[Any] = sa.column(rule.order)
        conditions: list[sa.ColumnElement[bool]] = [
            sa.or_(sa.column(name).is_(None), sa.column(name) != value) for name, value in rule.skip.items()
        ]
        if position.high is not None:
            conditions.append(self._since(order, position.high - self._overlap, connection.dialect.name))
        statement = (
            sa.select(sa.text("*"))
            .select_from(sa.table(rule.name))
            .where(sa.and_(sa.true(), *conditions))
            .order_by(order, *(sa.column(name) for name in rule.key))
            .limit(limit + len(position.seen) + len(position.bad))
        )
        found: list[_Candidate] = []
        marks: set[str] = set()
        bad: list[str] = []
        for mapping in connection.execute(statement).mappings():
            row: dict[str, object] = dict(mapping)
            if _row_mark(row) in position.seen:
                continue
            each = self._candidate(index, rule, row)
            if each.problem is not None:
                bad.append(each.mark)
            if each.mark in marks or (each.problem and each.mark in position.bad):
                continue
            marks.add(each.mark)
            found.append(each)
        position.bad = bad
        return found

    def _since(self, order: sa.ColumnClause[Any], low: Order, dialect: str) -> sa.ColumnElement[bool]:
        if not self._by_time:
            return sa.or_(order >= low, order.is_(None))
        bound = (_EPOCH + timedelta(milliseconds=low)).astimezone(BEIJING).replace(tzinfo=None)
        if dialect in _TIMES_AS_TEXT:
            since: sa.ColumnElement[Any] = sa.literal_column(f"'{bound.isoformat(sep=' ', timespec='seconds')}'")
            lowest: sa.ColumnElement[Any] = sa.literal_column(f"'{_LOWEST}'")
            return sa.or_(order >= since, order.is_(None), order < lowest)
        return sa.or_(order >= bound, order.is_(None))

    def _candidate(self, index: int, rule: TableRule, row: dict[str, object]) -> _Candidate:
        order = self._order(row.get(rule.order))
        if not _key(rule, row).strip("|"):
            problem = YunhuobanError(NO_KEY, place=_place(rule, row), column="、".join(rule.key))
            return _Candidate(rule, index, _row_mark(row), order, row, problem)
        if order is None:
            problem = YunhuobanError(NO_ORDER, place=_place(rule, row), column=rule.order)
            return _Candidate(rule, index, _row_mark(row), None, row, problem)
        return _Candidate(rule, index, _row_mark(row), order, row)

    def _order(self, value: object) -> Order | None:
        if not self._by_time:
            if isinstance(value, Decimal) and value == value.to_integral_value():
                return int(value)  # DECIMAL(20,0), Oracle's NUMBER
            return value if isinstance(value, int) and not isinstance(value, bool) else None
        if not isinstance(value, str | date):
            return None
        try:
            return (moment(value) - _EPOCH) // timedelta(milliseconds=1)
        except YunhuobanError:
            return None

    def _advance(self, positions: Mapping[str, _Position], taken: Iterable[_Candidate]) -> None:
        for each in taken:
            position, order = positions[each.rule.name], each.order or 0
            position.seen[each.mark] = order
            # A row dated in the future must not hide the honest rows that come after it.
            reached = min(order, (self._now() - _EPOCH) // timedelta(milliseconds=1)) if self._by_time else order
            position.high = reached if position.high is None else max(position.high, reached)
        for position in positions.values():
            if position.high is not None:
                low = (position.high - self._overlap) // 1000 * 1000 if self._by_time else position.high - self._overlap
                position.seen = {mark: order for mark, order in position.seen.items() if order >= low}

    def _children(
        self, connection: sa.Connection, taken: Sequence[_Candidate]
    ) -> list[dict[str, list[dict[str, object]]]]:
        found: list[dict[str, list[dict[str, object]]]] = [{} for _ in taken]
        for rule in self._tables:
            here = [at for at, each in enumerate(taken) if each.rule is rule]
            for table, link in rule.children.items():
                inner = belonging.rows(connection, table, link, [taken[at].row for at in here], rule.name)
                for at, some in zip(here, inner, strict=True):
                    found[at][table] = [_readable(each) for each in some]
        return found


def _readable(row: Mapping[str, object]) -> dict[str, object]:
    """The row as a mapping can read it: identifiers and times of day that a server types are texts in a hall."""
    return {name: str(value) if isinstance(value, UUID | time | timedelta) else value for name, value in row.items()}


def _key(rule: TableRule, row: Mapping[str, object]) -> str:
    return "|".join("" if row.get(name) is None else str(row[name]) for name in rule.key)


def _place(rule: TableRule, row: Mapping[str, object]) -> str:
    return f"表 {rule.name} 行 {'，'.join(f'{name}={row.get(name)}' for name in rule.key)}"


def _row_mark(row: Mapping[str, object]) -> str:
    """A row is known by all it says: corrected, it is another row and is read again (the caller drops taken keys)."""
    text = repr(sorted(row.items()))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest)[:_HASH_CHARACTERS].decode()
