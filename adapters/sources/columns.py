"""Looks at a county's own system as a person would before mapping it: its tables or files, and some rows of each.

Reads only. A database is asked for its tables and views and at most `SAMPLE_ROWS` rows of each; of a folder the CSV
files in it and in the folders right below are read, newest first. What cannot be read is told and passed over.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from adapters.mapping.functions import trim
from adapters.sources.engines import engine_for, unreachable
from adapters.sources.folder import NO_FOLDER
from adapters.suggesting.seen import SAMPLE_ROWS, Table
from schemas.errors import YunhuobanError, declare

NOTHING_THERE = declare(
    "E-SRC-002", "来源里没有可以读的表，也没有带表头的 CSV 文件。", "请核对数据库地址或文件夹，以及读取权限。"
)
NOT_LOOKED_AT = declare(
    "E-SRC-003",
    "这里只看数据库和本机的文件夹，不看 SFTP 和 HTTP。",
    "请把几个导出的文件放进本机的文件夹，对它运行；写好映射以后再按文档改 [source]。",
)
TABLE_UNREADABLE = declare("E-SRC-014", "表 {table} 读不出，已略过。", "需要这张表时，请给读取账号授权。")
NEITHER_ENCODING = declare(
    "E-SRC-039",
    "文件既不是 GB18030，也不是 UTF-8 编码，或者表头不能按 CSV 读出，已略过。",
    "请用其中一种编码重新导出。",
)

_MOST_TABLES: Final = 300
_FILES_PER_KIND: Final = 20
_MOST_FILES: Final = 5000
_BYTES_PER_FILE: Final = 2**20
_SERIAL: Final = re.compile(r"[_\-. ]*[0-9][0-9_\-. ]*$")
_BETWEEN: Final = "_-. "
_ENCODINGS: Final = ("utf-8", "gb18030")
_UNFINISHED: Final = (".", "~")
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
        for name in sorted(filter(_sayable, names))[:_MOST_TABLES]:
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
    described = [each for each in inspector.get_columns(name) if _sayable(each["name"])]
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
    kinds: dict[tuple[str, str, str], list[Path]] = {}
    try:
        below = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
        for place in (folder, *below):
            for path in _files(place):
                stem = _SERIAL.sub("", path.stem) or path.stem
                inside = "" if place is folder else place.name
                kinds.setdefault((inside, stem, path.suffix), []).append(path)
    except OSError as error:
        raise YunhuobanError(NO_FOLDER, place=str(folder), found=type(error).__name__) from None
    problems: list[YunhuobanError] = []
    tables = [_kind(*kind, paths, problems) for kind, paths in kinds.items()]
    return Seen([table for table in tables if table is not None], problems)


def _files(folder: Path) -> Iterable[Path]:
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".csv" and not path.name.startswith(_UNFINISHED) and _sayable(path.name)
    ][:_MOST_FILES]
    return sorted(found, key=lambda path: path.name, reverse=True)


def _kind(folder: str, stem: str, suffix: str, paths: Sequence[Path], problems: list[YunhuobanError]) -> Table | None:
    found: Table | None = None
    for path in paths[:_FILES_PER_KIND]:
        try:
            with path.open("rb") as stream:
                data = stream.read(_BYTES_PER_FILE)
        except OSError as error:
            raise YunhuobanError(NO_FOLDER, place=f"文件 {path.name}", found=type(error).__name__) from None
        table = _read(data, stem)
        if table is None:
            problems.append(YunhuobanError(NEITHER_ENCODING, place=f"文件 {path.name}"))
        elif found is None:
            behind = path.stem[len(stem) :]
            many = f"{behind[0] if behind[0] in _BETWEEN else ''}*" if behind else ""
            found = replace(table, folder=folder, pattern=f"{_literally(stem)}{many}{suffix}")
        elif table.columns == found.columns:
            found = replace(found, rows=[*found.rows, *table.rows][:SAMPLE_ROWS])
        if found is not None and len(found.rows) >= SAMPLE_ROWS:
            break
    return found and replace(found, complete=False)


def _read(data: bytes, name: str) -> Table | None:
    """Read the header and the first rows; None when there is no header in either encoding."""
    whole = data[: data.rfind(b"\n") + 1] or data
    for encoding in _ENCODINGS:
        try:
            text = whole.decode("utf-8-sig" if encoding == "utf-8" else encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        try:
            rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            header = [trim(cell) for cell in next(rows, [])]
            columns = list(dict.fromkeys(cell for cell in header if cell and _sayable(cell)))
            read = [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]
        except csv.Error:
            return None
        return Table(name=name, columns=columns, rows=read[:SAMPLE_ROWS], encoding=encoding) if columns else None
    return None


def _literally(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def _sayable(name: str) -> bool:
    """Whether a name can stand in a mapping: text without control characters or broken bytes."""
    return bool(name.strip()) and name.isprintable()
