"""Writes files into a folder, one file for each write, complete or not there at all.

The name is the kind and the key; a file that is there is left alone. A new one is written beside it under a name
ending in .tmp, synced to the disk and renamed, so that neither a reader nor a power cut ever finds half of it. The
local system should keep the files, or remember the numbers: after a crash one may come again.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.local.sinks import LocalWrite
from adapters.local.sources.folders import Folder
from schemas.errors import YunhuobanError, declare

NOT_WRITTEN = declare(
    "E-SRC-041", "不能写入县本地系统的文件夹。", "请检查路径、共享、权限和磁盘空间；恢复后会自动重写，不会重复。"
)
NO_KIND = declare("E-SRC-042", "映射没有说明“{kind}”文件的列。", "请在 mapping.toml 的 [sink.files] 中补充。")
Write = Callable[[str, Sequence[str], Sequence[object]], bytes]
"""From the kind, its columns and one row to the bytes of a file. Raises YunhuobanError for what it cannot say."""

_UNSAFE: Final = re.compile(r"[^0-9A-Za-z_\-\u4e00-\u9fff]")
_LONGEST_KEY_BYTES: Final = 120  # file systems end names at 255 bytes
_KEPT: Final = 30


class FolderSink:
    """A `Sink` into one folder."""

    def __init__(self, folder: Folder, kinds: Mapping[str, Sequence[str]], form: str, write: Write) -> None:
        """Write nothing yet. `kinds` are the columns of each kind of file; `write` knows the form of the files."""
        self._folder = folder
        self._kinds = kinds
        self._form = form
        self._write = write

    def write(self, writes: Sequence[LocalWrite]) -> None:
        """Write all files. Whatever was written by then stays and is not repeated.

        Raises E-SRC-041 to -044; over SFTP also E-SRC-072 to -075.
        """
        contents = [self._content(each) for each in writes]
        try:
            self._folder.make()
            for name, data in contents:
                if not self._folder.has(name):
                    self._folder.put(name, data)
        except OSError as error:
            raise YunhuobanError(NOT_WRITTEN, place=self._folder.place, found=type(error).__name__) from None

    def close(self) -> None:
        """Give back the folder."""
        self._folder.close()

    def name_of(self, write: LocalWrite) -> str:
        """Return the file of a write; a key that cannot stand in a file name is told apart by its digest."""
        safe = _UNSAFE.sub("_", write.key)
        if safe != write.key or len(safe.encode()) > _LONGEST_KEY_BYTES:
            safe = f"{safe[:_KEPT]}_{hashlib.sha256(write.key.encode()).hexdigest()[:16]}"
        return f"{write.kind}_{safe}.{self._form}"

    def _content(self, write: LocalWrite) -> tuple[str, bytes]:
        columns = self._kinds.get(write.kind)
        if columns is None:
            raise YunhuobanError(NO_KIND, place=write.kind, kind=write.kind)
        name = self.name_of(write)
        try:
            return name, self._write(write.kind, columns, [write.row.get(each) for each in columns])
        except YunhuobanError as error:
            error.place = f"文件 {name}"
            raise
