"""Samples of a county: local records beside what they should become, so that a mapping can be tried without a network.

In the county's folder `samples/records.json` holds the local records (and files of the local system may lie beside
it, read as `samples/<folder of the source>/…`), `samples/expected.json` what each becomes, by key.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from adapters.local.mapping import CountyMapping, MappingFailed
from adapters.local.sources import LocalRecord
from adapters.local.sources.fileforms import FORMS
from adapters.local.sources.opening import open_source
from certs import files
from schemas.errors import YunhuobanError, declare

UNREADABLE = declare(
    "E-MAP-056", "样例文件读不出，或者写法不对。", "请核对该文件：用 UTF-8 编码的 JSON，写法照随附的两个样例县。"
)
NO_SAMPLES = declare(
    "E-MAP-057",
    "县文件夹里没有样例。",
    "请在 samples/records.json 中写样例，或者把本地系统导出的文件放进 samples 下的同名文件夹。",
)

_MOST: Final = 10_000


def sample_records(folder: Path) -> Sequence[LocalRecord]:
    """Read `samples/records.json`; none when there is no such file. Raises E-MAP-056."""
    path = folder / "samples" / "records.json"
    if not path.exists():
        return ()
    data = _load(path)
    if not isinstance(data, list):
        raise _unreadable(path, "[ … ]")
    return [_record(path, number, each) for number, each in enumerate(data, start=1)]


def _record(path: Path, number: int, each: Any) -> LocalRecord:
    if not isinstance(each, dict) or not isinstance(each.get("key"), str) or not isinstance(each.get("kind"), str):
        raise _unreadable(path, "kind、key、row", number)
    children, row = each.get("children", {}), each.get("row")
    rows_of = list(children.values()) if isinstance(children, dict) else [None]
    if not isinstance(row, dict) or not all(isinstance(rows, list) and all(map(_is_row, rows)) for rows in rows_of):
        raise _unreadable(path, "row = { … }，children = { 表 = [ { … } ] }", number)
    return LocalRecord(kind=each["kind"], key=each["key"], row=row, place=f"样例 {each['key']}", children=children)


def _is_row(value: object) -> bool:
    return isinstance(value, dict)


def all_records(folder: Path, mapping: CountyMapping) -> tuple[Sequence[LocalRecord], Sequence[YunhuobanError]]:
    """All samples of a county, and files of its local system among them that cannot be read.

    Raises E-MAP-056 or E-MAP-057, and what opening a source of files raises.
    """
    found, failures = sample_records(folder), []
    source = mapping.rules.source
    if not found and source.get("type") in FORMS and (folder / "samples" / str(source.get("folder", "."))).is_dir():
        batch = open_source(mapping, str(folder / "samples")).poll(None, _MOST)
        found, failures = batch.records, list(batch.failures)
    if not found and not failures:
        raise YunhuobanError(NO_SAMPLES, place=f"{folder.name}/samples")
    return found, failures


def expected(folder: Path) -> dict[str, Any]:
    """Read `samples/expected.json`: what `outcome` should say, by key; empty without the file. Raises E-MAP-056."""
    path = folder / "samples" / "expected.json"
    found = _load(path) if path.exists() else {}
    if not isinstance(found, dict):
        raise _unreadable(path, "{ … }")
    return found


def write_expected(folder: Path, found: Mapping[str, Any]) -> None:
    """Write `samples/expected.json`."""
    text = json.dumps(found, ensure_ascii=False, indent=1)
    files.write_atomically(folder / "samples" / "expected.json", f"{text}\n".encode())


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, type(error).__name__) from None


def _unreadable(path: Path, expected: str, number: int = 0) -> YunhuobanError:
    place = f"samples/{path.name}" + (f" 第 {number} 条" if number else "")
    return YunhuobanError(UNREADABLE, place=place, expected=expected)


def outcomes(mapping: CountyMapping, records: Sequence[LocalRecord]) -> dict[str, Any]:
    """What became of each record, by key, as JSON gives it back."""
    found: dict[str, Any] = json.loads(json.dumps({each.key: outcome(mapping, each) for each in records}))
    return found


def outcome(mapping: CountyMapping, record: LocalRecord) -> Any:
    """Translate one record and say in plain JSON what became of it: a message, "ignored", or all its problems."""
    try:
        found = mapping.read(record)
    except MappingFailed as failed:
        return [
            {"code": each.code.code, "place": each.place, "found": each.found, "expected": each.expected}
            for each in failed.problems
        ]
    if found is None:
        return "ignored"
    return {
        "message_type": found.message_type,
        "local_case": found.local_case,
        "destination": found.destination,
        "service_item": found.service_item,
        "trial": found.trial,
        "canonical": plain(found.canonical),
    }


def plain(value: Any) -> Any:
    """Write times and dates as ISO text, so that a canonical record can stand in JSON."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime | date) else value
