"""Canonical record to local rows: pure; whatever the county's columns need is said in the mapping."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from adapters.local.mapping.functions.plain import text_of
from adapters.local.mapping.functions.times import beijing_time, iso_date
from adapters.local.mapping.records import MappingFailed, WriteContext
from adapters.local.mapping.rules import MISSING, Entry, Joined, Placeholder, Rules, WriteRule
from adapters.local.sinks import LocalWrite
from schemas.errors import YunhuobanError, declare

NO_WRITE = declare(
    "E-MAP-031", "映射没有说明这类报文怎样写入本地系统。", '请在 mapping.toml 中补充 [[write."{message_type}"]]。'
)
NO_VALUE = declare("E-MAP-032", "映射要写入的内容在标准记录中没有。", "请核对 mapping.toml 中的字段路径“{path}”。")
NOT_IN_TABLE = declare(
    "E-MAP-033",
    "对照表“{table}”里没有一个本地代码对应标准值“{value}”。",
    "请在 mapping.toml 的对照表中补上，或者写明 otherwise；补好后自动继续写入。",
)


def write(rules: Rules, message_type: str, canonical: Mapping[str, Any], context: WriteContext) -> Sequence[LocalWrite]:
    """Make the local rows that this message leaves behind. Raises MappingFailed."""
    place = f"write.{message_type}"
    if message_type not in rules.writes:
        raise MappingFailed([YunhuobanError(NO_WRITE, place=place, message_type=message_type)], place=place)
    facts = asdict(context)
    facts["local_case"] = context.local_case or context.case_no
    facts["trial"] = "true" if context.trial else "false"  # as code tables have it
    values: dict[str, Any] = {**canonical, "context": facts}
    writes: list[LocalWrite] = []
    problems: list[YunhuobanError] = []
    for rule in rules.writes[message_type]:
        if not all(_fits(path, allowed, values) for path, allowed in rule.when.items()):
            continue
        items = values.get(rule.each) or [] if rule.each else [None]
        for number, item in enumerate(items, start=1):
            scope = values if item is None else {**values, "item": {**item, "number": number}}
            _write_one(rule, scope, place, writes, problems)
    if problems:
        raise MappingFailed(problems, place=place)
    return writes


def _write_one(
    rule: WriteRule, scope: Mapping[str, Any], place: str, writes: list[LocalWrite], problems: list[YunhuobanError]
) -> None:
    row: dict[str, object] = {}
    for column, entry in rule.row.items():
        try:
            row[column] = _value(entry, scope)
        except YunhuobanError as error:
            where = f"{place} {rule.kind} “{column}”列"
            problems.append(YunhuobanError(error.code, place=where, expected=error.expected, **error.params))
    try:
        writes.append(LocalWrite(kind=rule.kind, key=_text(rule.key, scope), row=row))
    except YunhuobanError as error:
        problems.append(
            YunhuobanError(error.code, place=f"{place} {rule.kind} key", expected=error.expected, **error.params)
        )


def _value(entry: Entry, scope: Mapping[str, Any]) -> object:
    if entry.const is not MISSING:
        return entry.const
    if entry.joined is not None:
        return _joined(entry.joined, scope)
    if entry.text:
        return _text(entry.text, scope)
    value = found(entry.path, scope)
    if value is None:
        return None
    for step in entry.steps:
        value = step.run(value)
    if entry.table is not None:
        value = _coded(entry, str(value))
    for step in entry.back:
        value = step.run(value)
    return _local(value)


def _coded(entry: Entry, value: str) -> object:
    """The local code of a canonical value. Raises E-MAP-033: English words in a column of codes help nobody."""
    assert entry.table is not None  # noqa: S101 -- asked by the only caller
    if value in entry.table.backward:
        return entry.table.backward[value]
    if entry.otherwise is not MISSING:
        return entry.otherwise
    raise YunhuobanError(NOT_IN_TABLE, expected="、".join(entry.table.backward), table=entry.table.name, value=value)


def _fits(path: str, allowed: Sequence[str], scope: Mapping[str, Any]) -> bool:
    try:
        value = found(path, scope)
    except YunhuobanError:
        value = None
    return ("" if value is None else str(_local(value))) in allowed


def _local(value: object) -> object:
    """Times and dates become Beijing text; text and whole numbers stay."""
    if isinstance(value, datetime):
        return beijing_time(value)
    if isinstance(value, date):
        return iso_date(value)
    return value if isinstance(value, str | int) else text_of(value)


def _text(parts: Sequence[str | Placeholder], scope: Mapping[str, Any]) -> str:
    written: list[str] = []
    for part in parts:
        if isinstance(part, str):
            written.append(part)
            continue
        value = found(part.path, scope)
        for step in part.steps:
            value = value if value is None else step.run(value)
        written.append("" if value is None else str(_local(value)))
    return "".join(written)


def _joined(rule: Joined, scope: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for item in found(rule.path, scope) or []:
        pieces: list[str] = []
        for piece in rule.pieces:
            value = _value(piece, {**scope, "item": item})
            text = "" if value is None else str(value)
            for separator, replacement in rule.instead.items():
                text = text.replace(separator, replacement)
            pieces.append(text)
        lines.append(rule.cell_separator.join(pieces))
    return rule.row_separator.join(lines)


def found(path: str, scope: Mapping[str, Any]) -> Any:
    """Follow a dotted path. Raises E-MAP-032 where it ends early."""
    value: Any = scope
    for name in path.split("."):
        if value is None:
            return None  # of a part of the record that is absent as a whole
        if not isinstance(value, Mapping) or name not in value:
            raise YunhuobanError(NO_VALUE, place=path, path=path)
        value = value[name]
    return value
