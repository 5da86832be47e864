"""Which files are of one kind, and what the newest of them hold.

Files whose names differ only by a number at the end are one kind. Where the files come from does not matter: a folder,
or whatever else can name them and give their bytes.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from adapters.countyit.suggesting.files import nested, sheets
from adapters.countyit.suggesting.seen import SAMPLE_ROWS, Table
from schemas.errors import YunhuobanError, declare

NEITHER_ENCODING = declare(
    "E-SRC-039",
    "文件读不出：编码或写法不合格，或者没有表头，已略过。",
    "请用 GB18030 或 UTF-8 编码、带表头重新导出；XML 不要带 DOCTYPE，XLSX 不要加密码。",
)

_FILES_PER_KIND: Final = 20
_SERIAL: Final = re.compile(r"[_\-. ]*[0-9][0-9_\-. ]*$")
_BETWEEN: Final = "_-. "
_UNFINISHED: Final = (".", "~")
_READERS: Final[dict[str, Callable[[bytes, str], Sequence[Table]]]] = {
    "csv": sheets.of_csv,
    "xlsx": sheets.of_workbook,
    "json": nested.of_json,
    "xml": nested.of_xml,
}
FORMS: Final = tuple(_READERS)


@dataclass(frozen=True, slots=True)
class SomeFile:
    """One file that may be looked at."""

    folder: str
    """Inside the source; empty at its top."""
    name: str
    read: Callable[[], bytes]
    """Its bytes; called only when they are needed."""


def readable(name: str) -> bool:
    """Whether a name is that of a finished file of a form that is read here."""
    return (
        PurePath(name).suffix.lower().removeprefix(".") in FORMS
        and not name.startswith(_UNFINISHED)
        and sheets.sayable(name)
    )


def tables(files: Iterable[SomeFile], problems: list[YunhuobanError]) -> list[Table]:
    """The tables in files, given newest first; what cannot be read is noted. Raises what reading a file raises."""
    kinds: dict[tuple[str, str, str], list[SomeFile]] = {}
    for file in files:
        path = PurePath(file.name)
        stem = _SERIAL.sub("", path.stem) or path.stem
        kinds.setdefault((file.folder, stem, path.suffix), []).append(file)
    return [table for kind, some in kinds.items() for table in _kind(*kind, some, problems)]


def _kind(
    folder: str, stem: str, suffix: str, files: Sequence[SomeFile], problems: list[YunhuobanError]
) -> Sequence[Table]:
    form = suffix.lower().removeprefix(".")
    found: dict[str, Table] = {}
    for file in files[:_FILES_PER_KIND]:
        some = _READERS[form](file.read(), stem)
        if not some:
            problems.append(YunhuobanError(NEITHER_ENCODING, place=f"文件 {file.name}"))
            continue
        if not found:
            behind = PurePath(file.name).stem[len(stem) :]
            many = f"{behind[0] if behind[0] in _BETWEEN else ''}*" if behind else ""
            pattern = f"{_literally(stem)}{many}{suffix}"
            found = {each.name: replace(each, folder=folder, pattern=pattern, form=form) for each in some}
        else:
            for each in some:
                if each.name in found and _alike(each, found[each.name]):
                    found[each.name] = _joined(found[each.name], each)
        if all(len(each.rows) >= SAMPLE_ROWS for each in found.values()):
            break
    return [replace(each, rows=each.rows[:SAMPLE_ROWS], complete=False) for each in found.values()]


def _alike(one: Table, other: Table) -> bool:
    """Whether two files have the same table: the same header, or in a tree the same place."""
    return one.place == other.place and (bool(one.place) or one.columns == other.columns)


def _joined(one: Table, other: Table) -> Table:
    """The rows of both; in a tree a row may leave a column out."""
    columns = list(dict.fromkeys((*one.columns, *other.columns)))
    optional = {*one.optional, *other.optional, *(set(one.columns) ^ set(other.columns))}
    return replace(
        one,
        columns=columns,
        rows=[*one.rows, *other.rows],
        optional=[name for name in columns if name in optional],
        owners=[*one.owners, *other.owners],
    )


def _literally(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)
