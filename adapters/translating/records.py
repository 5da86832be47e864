"""Where the records come from that are put side by side: the local system, one of its files, or the samples."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from adapters.mapping import CountyMapping, samples
from adapters.sources import LocalRecord
from adapters.sources.opening import open_source
from schemas.errors import YunhuobanError, declare

NO_SUCH_FILE = declare(
    "E-MAP-058",
    "这个文件不属于映射所说的任何一种文件。",
    "请核对文件名与 mapping.toml 中的 pattern；要看整个本地系统，请写数据库地址或文件夹。",
)


def records_of(
    folder: Path, mapping: CountyMapping, location: str, limit: int
) -> tuple[Sequence[LocalRecord], Sequence[YunhuobanError]]:
    """The first records, and what could not be read. Without a location: the samples in the county's folder.

    Raises what opening and polling the source raises, and E-MAP-056 to E-MAP-058.
    """
    if not location:
        found, failures = samples.all_records(folder, mapping)
        return found[:limit], failures
    if "://" not in location and Path(location).is_file():
        return _file(mapping, Path(location), limit)
    batch = open_source(mapping, location).poll(None, limit)
    return batch.records, batch.failures


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
