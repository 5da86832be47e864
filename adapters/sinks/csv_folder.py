"""Writes CSV files into a folder, one file for each write, complete or not there at all.

The name is the kind and the key; a file that is there is left alone. A new one is written beside it under a name
ending in .tmp, synced to the disk, renamed, and the folder synced, so that neither a reader nor a power cut ever
finds half of it. The local system should keep the files, or remember the numbers: after a crash one may come again.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.mapping.strict import WRONG_VALUE, Section
from adapters.sinks import LocalWrite
from schemas.errors import YunhuobanError, declare

NOT_WRITTEN = declare(
    "E-SRC-041", "不能写入县本地系统的文件夹。", "请检查路径、共享、权限和磁盘空间；恢复后会自动重写，不会重复。"
)
NO_KIND = declare("E-SRC-042", "映射没有说明“{kind}”文件的列。", "请在 mapping.toml 的 [sink.files] 中补充。")
NOT_ENCODABLE = declare(
    "E-SRC-043", "内容中有 {encoding} 编码写不出的字。", "请把 [sink] 的 encoding 改为 gb18030 或 utf-8。"
)

_UNSAFE: Final = re.compile(r"[^0-9A-Za-z_\-\u4e00-\u9fff]")
_LONGEST_KEY_BYTES: Final = 120  # file systems end names at 255 bytes
_KEPT: Final = 30


@dataclass(frozen=True, slots=True)
class FileShape:
    """How one kind of file looks."""

    kind: str
    columns: Sequence[str]


class CsvSink:
    """A `Sink` into one folder."""

    def __init__(self, folder: Path, shapes: Sequence[FileShape], encoding: str) -> None:
        """Write nothing yet."""
        self._folder = folder
        self._shapes = {each.kind: each for each in shapes}
        self._encoding = encoding

    @classmethod
    def from_settings(cls, section: Section, root: Path) -> "CsvSink":
        """Read `[sink]` of a mapping; problems are noted in the section."""
        section.only("type", "folder", "encoding", "files")
        shapes = []
        for name, inner in section.inner("files").sections():
            inner.only("columns")
            shapes.append(FileShape(name, inner.texts("columns")))
        encoding = section.text("encoding", "gb18030")
        try:
            "".encode(encoding)
        except LookupError:
            section.problems.add(WRONG_VALUE, section.place, found=encoding, expected="gb18030 / utf-8", key="encoding")
        return cls(root / section.text("folder", "."), shapes, encoding)

    def write(self, writes: Sequence[LocalWrite]) -> None:
        """Write all files. Raises E-SRC-041 to E-SRC-043; whatever was written by then stays and is not repeated."""
        contents = [(self.path_of(each), self._bytes(each)) for each in writes]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path, data in contents:
                if not path.exists():
                    _put(path, data)
        except OSError as error:
            raise YunhuobanError(NOT_WRITTEN, place=str(self._folder), found=type(error).__name__) from None

    def path_of(self, write: LocalWrite) -> Path:
        """Return the file of a write; a key that cannot stand in a file name is told apart by its digest."""
        safe = _UNSAFE.sub("_", write.key)
        if safe != write.key or len(safe.encode()) > _LONGEST_KEY_BYTES:
            safe = f"{safe[:_KEPT]}_{hashlib.sha256(write.key.encode()).hexdigest()[:16]}"
        return self._folder / f"{write.kind}_{safe}.csv"

    def _bytes(self, write: LocalWrite) -> bytes:
        shape = self._shapes.get(write.kind)
        if shape is None:
            raise YunhuobanError(NO_KIND, place=write.kind, kind=write.kind)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(shape.columns)
        writer.writerow(["" if (value := write.row.get(name)) is None else str(value) for name in shape.columns])
        try:
            return out.getvalue().encode(self._encoding)
        except UnicodeEncodeError as error:
            place, found = f"文件 {self.path_of(write).name}", f"U+{ord(error.object[error.start]):04X}"
            raise YunhuobanError(NOT_ENCODABLE, place=place, found=found, encoding=self._encoding.upper()) from None


def _put(path: Path, data: bytes) -> None:
    """Write, sync, rename, sync the folder."""
    beside = path.with_name(f".{path.name}.tmp")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
