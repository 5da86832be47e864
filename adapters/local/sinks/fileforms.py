"""One row as a file of each form, and from `[sink]` of a mapping to the folder sink that writes such files.

Read again by the source of the same form, each file gives the same row back.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from adapters.local import workbooks
from adapters.local.mapping.strict import WRONG_VALUE, Section
from adapters.local.sinks.folder import FolderSink
from adapters.local.sources.cellvalues import MOST_DIGITS
from adapters.local.sources.encodings import chosen
from adapters.local.sources.remote.opening import open_folder
from schemas.errors import YunhuobanError, declare

NOT_ENCODABLE = declare(
    "E-SRC-043", "内容中有 {encoding} 编码写不出的字。", "请把 [sink] 的 encoding 改为 gb18030 或 utf-8。"
)
NOT_SAYABLE = declare(
    "E-SRC-044", "内容在 {form} 文件里写不出：有控制字符，或者过长。", "请把 [sink] 的 type 改为 json 或 csv。"
)

_USUAL: Final = {"csv": "gb18030", "json": "utf-8", "xml": "utf-8"}
FORMS: Final = (*_USUAL, "xlsx")
# Production 2 of XML 1.0; a carriage return is written as a reference: readers turn a bare one into a line feed.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_NAME: Final = re.compile(r"[\s:<>/&]|^$")


def from_settings(form: str, section: Section, location: Path | str) -> FolderSink:
    """Read `[sink]`; problems are noted in the section. Raises E-SRC-071 for an SFTP address that is none."""
    section.only("type", "folder", "files", "sftp", *(("encoding",) if form in _USUAL else ()))
    kinds = {}
    for name, inner in section.inner("files").sections():
        inner.only("columns")
        kinds[name] = inner.texts("columns")
        for column in kinds[name] if form == "xml" else ():
            if not _is_name(column):
                expected = "XML 元素名：没有空格和括号，不以数字开头"
                section.problems.add(WRONG_VALUE, f"{inner.place}.columns", found=column, expected=expected, key=column)
    write = _xlsx if form == "xlsx" else partial(_text, form, chosen(section, _USUAL[form]))
    return FolderSink(open_folder(section, location), kinds, form, write)


def _text(form: str, encoding: str, _kind: str, columns: Sequence[str], row: Sequence[object]) -> bytes:
    try:
        return _SAID[form](encoding, columns, row).encode(encoding)
    except UnicodeEncodeError as error:
        found = f"U+{ord(error.object[error.start]):04X}"
        raise YunhuobanError(NOT_ENCODABLE, found=found, encoding=encoding.upper()) from None


def _csv(_encoding: str, columns: Sequence[str], row: Sequence[object]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerow(["" if value is None else str(value) for value in row])
    return out.getvalue()


def _json(_encoding: str, columns: Sequence[str], row: Sequence[object]) -> str:
    values = map(plain_json, row)
    return json.dumps([dict(zip(columns, values, strict=True))], ensure_ascii=False, indent=1) + "\n"


def plain_json(value: object) -> object:
    """A value as JSON keeps it whole: a number that readers would round is text."""
    return value if value is None or _is_short(value) else str(value)


def _xml(encoding: str, columns: Sequence[str], row: Sequence[object]) -> str:
    lines = [f'<?xml version="1.0" encoding="{encoding.upper()}"?>', "<rows>", " <row>"]
    for column, value in zip(columns, row, strict=True):
        text = "" if value is None else str(value)
        if wrong := _NO_XML.search(text):
            raise YunhuobanError(NOT_SAYABLE, found=f"U+{ord(wrong[0]):04X}", form="XML")
        lines.append(f"  <{column}>{escape(text, {chr(13): '&#13;'})}</{column}>")
    return "\n".join([*lines, " </row>", "</rows>", ""])


def _xlsx(kind: str, columns: Sequence[str], row: Sequence[object]) -> bytes:
    try:
        return workbooks.written(kind, columns, row)
    except workbooks.NotWritable as error:
        raise YunhuobanError(NOT_SAYABLE, found=str(error), form="XLSX") from None


_SAID: Final = {"csv": _csv, "json": _json, "xml": _xml}


def _is_short(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MOST_DIGITS


def _is_name(column: str) -> bool:
    if _NO_NAME.search(column):
        return False
    try:
        expat.ParserCreate().Parse(f"<{column}/>", True)  # noqa: FBT003 -- expat takes it by position only
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return True
