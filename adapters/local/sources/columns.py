"""Looks at a county's own system as a person would before mapping it: its tables or files, and some rows of each.

Reads only. A database is asked for its tables and views and at most `SAMPLE_ROWS` rows of each; of a folder the files
of every form in it and in the folders right below are read, newest first. What cannot be read is told and passed over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from adapters.countyit.suggesting.files import kinds
from adapters.countyit.suggesting.files.kinds import SomeFile
from adapters.countyit.suggesting.files.sheets import sayable
from adapters.countyit.suggesting.seen import SAMPLE_ROWS, Table
from adapters.local.sources.engines import engine_for, unreachable
from adapters.local.sources.folder import LARGEST_FILE_BYTES, NO_FOLDER
from schemas.errors import YunhuobanError, declare

NOTHING_THERE = declare(
    "E-SRC-002",
    "来源里没有可以读的表，也没有可以读的 CSV、XLSX、JSON、XML 文件。",
    "请核对数据库地址或文件夹，以及读取权限。",
)
NOT_LOOKED_AT = declare(
    "E-SRC-003",
    "不写 --reading 时只看数据库和本机的文件夹，不看 SFTP 和 HTTP。",
    "请把 [source] 一节写进一个文件，用 --reading 指明；或者把几个导出的文件放进本机的文件夹，对它运行。",
)
TABLE_UNREADABLE = declare("E-SRC-014", "表 {table} 读不出，已略过。", "需要这张表时，请给读取账号授权。")

_MOST_TABLES: Final = 300
_MOST_FILES: Final = 5000
_BYTES_PER_TABLE: Final = 2**20
_ELSEWHERE: Final = ("sftp://", "http://", "https://")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found, and what could not be read."""

    tables: Sequence[Table]
    problems: Sequence[YunhuobanError]


def look(location: str) -> Seen:
    """Look at a database URL or a folder. Raises E-SRC-002, -003, -011, -015 or -031."""
    if location.startswith(_ELSEWHERE):
        raise YunhuobanError(NOT_LOOKED_AT, place="source", found=location.partition(":")[0])
    seen = _database(location) if "://" in location else _folder(Path(location))
    if not seen.tables:
        raise YunhuobanError(NOTHING_THERE, place="source", found=str(len(seen.problems)))
    return seen


def _database(url: str) -> Seen:
    engine = engine_for(url)
    tables: list[Table] = []
    problems: list[YunhuobanError] = []
    try:
        inspector = sa.inspect(engine)
        names = {*inspector.get_table_names(), *inspector.get_view_names()}
        for name in sorted(filter(sayable, names))[:_MOST_TABLES]:
            try:
                tables.append(_table(engine, inspector, name))
            except sa.exc.SQLAlchemyError as error:
                kind = type(error).__name__
                problems.append(YunhuobanError(TABLE_UNREADABLE, place=f"表 {name}", found=kind, table=name))
    except sa.exc.SQLAlchemyError as error:
        raise unreachable(error) from None
    finally:
        engine.dispose()
    return Seen([table for table in tables if table.columns], problems)


def _table(engine: sa.Engine, inspector: Any, name: str) -> Table:
    described = [each for each in inspector.get_columns(name) if sayable(each["name"])]
    columns = [str(each["name"]) for each in described]
    key = [column for column in inspector.get_pk_constraint(name)["constrained_columns"] if column in columns]
    statement = sa.select(sa.text("*")).select_from(sa.table(name)).limit(SAMPLE_ROWS + 1)
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return Table(
        name=name,
        columns=columns,
        rows=rows[:SAMPLE_ROWS],
        complete=len(rows) <= SAMPLE_ROWS,
        key=key,
        comments={str(each["name"]): each["comment"] for each in described if each.get("comment")},
    )


def _folder(folder: Path) -> Seen:
    files: list[SomeFile] = []
    try:
        below = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
        for place in (folder, *below):
            inside = "" if place is folder else place.name
            files += [SomeFile(inside, path.name, partial(_bytes, path)) for path in _files(place)]
    except OSError as error:
        raise YunhuobanError(NO_FOLDER, place=str(folder), found=type(error).__name__) from None
    problems: list[YunhuobanError] = []
    return Seen(kinds.tables(files, problems), problems)


def _files(folder: Path) -> Iterable[Path]:
    found = [path for path in folder.iterdir() if kinds.readable(path.name)][:_MOST_FILES]
    return sorted(found, key=lambda path: path.name, reverse=True)


def _bytes(path: Path) -> bytes:
    """Its beginning if it is a table of lines, else all of it: a tree or a workbook cannot be cut."""
    most = _BYTES_PER_TABLE if path.suffix.lower() == ".csv" else LARGEST_FILE_BYTES
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise YunhuobanError(NO_FOLDER, place=f"文件 {path.name}", found=type(error).__name__) from None
