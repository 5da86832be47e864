"""From `[source]` of a mapping to a folder source: the forms of files, and what each lets a county say of them."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from adapters.local.mapping.strict import WRONG_VALUE, Section
from adapters.local.sources import csv_rows, json_rows, xlsx_rows, xml_rows
from adapters.local.sources.encodings import chosen
from adapters.local.sources.filerows import Content, FileRule
from adapters.local.sources.folder import FolderSource
from adapters.local.sources.remote.opening import open_folder

_TEXT: Final[Mapping[str, tuple[Callable[[bytes, FileRule, str, str], Content], str]]] = {
    "csv": (csv_rows.parse, "gb18030"),
    "json": (json_rows.parse, "utf-8"),
    "xml": (xml_rows.parse, "utf-8"),
}
"""The forms that are text: who reads them, and the encoding when neither the file nor the mapping says one."""
FORMS: Final = (*_TEXT, "xlsx")
_SAYABLE: Final = {
    "csv": (),
    "json": ("rows", "children", "optional"),
    "xml": ("rows", "children", "optional"),
    "xlsx": ("sheet", "children"),
}


def from_settings(form: str, section: Section, location: Path | str) -> FolderSource:
    """Read `[source]`; problems are noted in the section. Raises E-SRC-071 for an SFTP address that is none."""
    text = _TEXT.get(form)
    section.only("type", "folder", "patience_seconds", "files", "sftp", *(("encoding",) if text else ()))
    rules = [_rule(form, name, inner) for name, inner in section.inner("files").sections()]
    if text is None:
        parse = xlsx_rows.parse
    else:
        read, usual = text
        encoding = chosen(section, usual)
        parse = partial(_decoding, read, encoding)
    folder = open_folder(section, location)
    return FolderSource(form, folder, rules, parse, patience_seconds=section.number("patience_seconds", 60))


def _decoding(
    read: Callable[[bytes, FileRule, str, str], Content], encoding: str, data: bytes, rule: FileRule, place: str
) -> Content:
    return read(data, rule, encoding, place)


def _rule(form: str, name: str, section: Section) -> FileRule:
    section.only("pattern", "columns", "key", *_SAYABLE[form])
    children = section.inner("children")
    rule = FileRule(
        kind=name,
        pattern=section.text("pattern"),
        columns=section.texts("columns"),
        key=section.texts("key"),
        optional=section.texts("optional", []),
        rows=section.text("sheet" if form == "xlsx" else "rows", ""),
        children={each: children.text(each) for each in children.data},
    )
    for what in ("key", "optional"):
        for column in getattr(rule, what):
            section.problems.known(column, rule.columns, f"{section.place}.{what}")
    if form == "xlsx" and rule.children and len(rule.key) != 1:
        place = f"{section.place}.key"
        section.problems.add(WRONG_VALUE, place, found=str(len(rule.key)), expected="一列（children 用它）", key="key")
    return rule
