"""A recording as a file: masked records and what became of each, `recordings/<name>.json` in the county's folder.

JSON has no days, times and exact numbers; a value of those is kept as `{"datetime": "…"}`, so that what a database gave
is given again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from adapters.local.sources import LocalRecord
from certs import files
from schemas.errors import YunhuobanError, declare

UNREADABLE: Final = declare(
    "E-MAP-061", "录制文件读不出，或者写法不对。", "请用 adapter record 重新录制；录制文件不要手工修改。"
)
NAME_TAKEN: Final = declare("E-MAP-062", "已经有同名的录制。", "请用 --name 换一个名称，或者先删去旧的。")
NONE_THERE: Final = declare(
    "E-MAP-063", "县文件夹里没有录制。", "请先运行 adapter record，从本地系统录制一些真实的记录。"
)
NOTHING_RECORDED: Final = declare(
    "E-MAP-065", "没有录到任何记录，没有写文件。", "请核对本地系统的地址，以及其中有没有映射所说的表或文件。"
)
BAD_NAME: Final = declare("E-MAP-064", "录制的名称不能用作文件名。", "请用字母、数字、汉字和连字符，不超过 60 个字。")

FOLDER: Final = "recordings"
_LONGEST_NAME: Final = 60
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One masked record and what became of it, as `adapters.local.mapping.samples.outcome` says it."""

    record: LocalRecord
    outcome: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording."""

    name: str
    county: str
    recorded_on: date
    records: Sequence[Recorded]


def path_of(folder: Path, name: str) -> Path:
    """Where a recording of a county lies. Raises E-MAP-064 for a name that would lead elsewhere."""
    if len(name) > _LONGEST_NAME or not name.replace("-", "").replace("_", "").isalnum():
        raise YunhuobanError(BAD_NAME, place="--name", found=str(len(name)))
    return folder / FOLDER / f"{name}.json"


def write(folder: Path, recording: Recording) -> Path:
    """Write a recording into a county's folder, for nobody else to read, in the place of one of the same name.

    Raises E-MAP-064, E-CERT-002.
    """
    path = path_of(folder, recording.name)
    data = {
        "county": recording.county,
        "recorded_on": recording.recorded_on.isoformat(),
        "records": [
            {
                "kind": each.record.kind,
                "key": each.record.key,
                "place": each.record.place,
                "row": _tagged(each.record.row),
                "children": _tagged(each.record.children),
                "outcome": each.outcome,
            }
            for each in recording.records
        ],
    }
    path.parent.mkdir(exist_ok=True)
    files.write_atomically(
        path, f"{json.dumps(data, ensure_ascii=False, indent=1)}\n".encode(errors="surrogatepass"), mode=files.PRIVATE
    )
    return path


def read(path: Path) -> Recording:
    """Read one recording. Raises E-MAP-061."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8", errors="surrogatepass"))
        return Recording(
            name=path.stem,
            county=data["county"],
            recorded_on=date.fromisoformat(data["recorded_on"]),
            records=[_recorded(each) for each in data["records"]],
        )
    except (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise YunhuobanError(UNREADABLE, place=path.name, found=type(error).__name__) from error


def read_all(folder: Path) -> Sequence[Recording]:
    """Every recording of a county, by name. Raises E-MAP-061, or E-MAP-063 when there is none."""
    found = [read(path) for path in sorted((folder / FOLDER).glob("*.json"))]
    if not found:
        raise YunhuobanError(NONE_THERE, place=f"{folder.name}/{FOLDER}")
    return found


def _recorded(data: Mapping[str, Any]) -> Recorded:
    record = LocalRecord(
        kind=data["kind"],
        key=data["key"],
        place=data["place"],
        row=_row(data["row"]),
        children={table: [_row(each) for each in rows] for table, rows in data["children"].items()},
    )
    return Recorded(record=record, outcome=data["outcome"])


def _row(data: Mapping[str, Any]) -> dict[str, object]:
    return {column: _plain(value) for column, value in data.items()}


def _tagged(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _tagged(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_tagged(each) for each in value]
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (tag := next(iter(value))) in _READERS and isinstance(value[tag], str):
        return _READERS[tag](value[tag])
    return {name: _plain(each) for name, each in value.items()}
