"""Where the records come from that are put side by side: the local system, one of its files, or the samples."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.local.mapping import CountyMapping, samples, unfilled
from adapters.local.sources import LocalRecord
from adapters.local.sources.opening import open_source
from schemas.errors import YunhuobanError, declare

NO_SUCH_FILE = declare(
    "E-MAP-058",
    "这个文件不属于映射所说的任何一种文件。",
    "请核对文件名与 mapping.toml 中的 pattern；要看整个本地系统，请写数据库地址或文件夹。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What is put side by side."""

    records: Sequence[LocalRecord]
    failures: Sequence[YunhuobanError]
    """Files and rows that could not be read."""
    more: bool
    """Whether records follow that were not looked at."""


def records_of(folder: Path, mapping: CountyMapping, location: str, limit: int) -> Read:
    """The first records, and what could not be read. Without a location: the samples in the county's folder.

    Raises what opening and polling the source raises, and E-MAP-056 to E-MAP-058 or E-MAP-060.
    """
    if (problem := unfilled.problem(mapping)) is not None:
        raise problem
    one_more = limit + 1
    if not location:
        found, failures = samples.all_records(folder, mapping)
    elif "://" not in location and Path(location).is_file():
        found, failures = _file(mapping, Path(location), one_more)
    else:
        batch = open_source(mapping, location).poll(None, one_more)
        found, failures = batch.records, batch.failures
    return Read(records=found[:limit], failures=failures, more=len(found) > limit)


def _file(mapping: CountyMapping, file: Path, limit: int) -> tuple[Sequence[LocalRecord], Sequence[YunhuobanError]]:
    """One file alone, by way of a copy: whatever else lies beside it is not read."""
    source = mapping.rules.source
    with tempfile.TemporaryDirectory() as place:
        inside = Path(place) / str(source.get("folder", "."))
        if not inside.resolve().is_relative_to(Path(place).resolve()):
            inside = Path(place)
        inside.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, inside / file.name)
        batch = open_source(mapping, place).poll(None, limit)
    if not batch.records and not batch.failures:
        patterns = [str(each.get("pattern", "")) for each in _files(source) if isinstance(each, dict)]
        raise YunhuobanError(NO_SUCH_FILE, place=f"文件 {file.name}", expected="、".join(patterns))
    return batch.records, batch.failures


def _files(source: object) -> Sequence[object]:
    files = source.get("files") if isinstance(source, dict) else None
    return list(files.values()) if isinstance(files, dict) else []
