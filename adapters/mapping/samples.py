"""Samples of a county: local records beside what they should become, so that a mapping can be tried without a network.

In the county's folder `samples/records.json` holds the local records (and files of the local system may lie beside
it, read as `samples/<folder of the source>/…`), `samples/expected.json` what each becomes, by key.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from adapters.mapping import CountyMapping, MappingFailed
from adapters.sources import LocalRecord


def sample_records(folder: Path) -> Sequence[LocalRecord]:
    """Read `samples/records.json`; none when there is no such file."""
    path = folder / "samples" / "records.json"
    if not path.exists():
        return ()
    data: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [LocalRecord(**{"children": {}, "place": f"样例 {each['key']}", **each}) for each in data]


def expected(folder: Path) -> dict[str, Any]:
    """Read `samples/expected.json`: for each key what `outcome` should say."""
    found: dict[str, Any] = json.loads((folder / "samples" / "expected.json").read_text(encoding="utf-8"))
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
