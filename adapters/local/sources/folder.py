"""Reads a folder of files of any form, here or behind SFTP, without touching a single one of them.

A file is known by the digest of its bytes, so a renamed or copied file brings nothing new, and one that has grown is
read again from its start: the key of each row makes that harmless. A file that is still being written waits: its
name ends in .tmp or .part or begins with a dot, or its form says that the end is missing. One that stays so for
`patience_seconds` is reported. A bad row is reported with its place and blocks nothing.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Final

from adapters.local.sources import CURSOR_UNREADABLE, Batch, LocalRecord
from adapters.local.sources.filerows import Content, FileRule
from adapters.local.sources.folders import Entry, Folder
from schemas.errors import YunhuobanError, declare

NO_FOLDER = declare("E-SRC-031", "读不到县本地系统的文件夹。", "请检查路径、共享和权限；恢复后会接着读。")
FILE_TOO_LARGE = declare("E-SRC-038", "文件过大。", "请分成几个文件导出。")

LARGEST_FILE_BYTES: Final = 64 * 2**20
Parse = Callable[[bytes, FileRule, str], Content]
"""Takes the bytes of a file apart by its rule; the third is the place of the file, as a person reads it."""

_UNFINISHED: Final = (".tmp", ".part", ".crdownload", "~")
_HASH_CHARACTERS: Final = 24
_DONE: Final = -1


@dataclass(slots=True)
class _File:
    entry: Entry
    """Name, size and time of change: what tells whether a file is still the same."""
    rule: FileRule


class FolderSource:
    """A `Source` over one folder."""

    def __init__(
        self, name: str, folder: Folder, rules: Sequence[FileRule], parse: Parse, *, patience_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Read nothing yet. `parse` knows the form of the files; `clock` counts seconds."""
        self.name = name
        self._folder = folder
        self._rules = rules
        self._parse = parse
        self._patience_seconds = patience_seconds
        self._clock = clock
        # What this process has seen; losing it costs only time.
        self._digests: dict[Entry, str] = {}
        self._waiting: dict[Entry, float] = {}
        self._seen: dict[Entry, float] = {}
        self._open: tuple[str, Content] | None = None

    def poll(self, cursor: str | None, limit: int) -> Batch:
        """Read what is new. Raises E-SRC-001, E-SRC-031, over SFTP E-SRC-072 to -075; then nothing has moved."""
        before = self._load(cursor)
        records: list[LocalRecord] = []
        failures: list[YunhuobanError] = []
        after: dict[str, int] = {}
        full = False
        for file in self._files():
            known = self._digests.get(file.entry, "")
            if before.get(known, 0) < 0:
                after[known] = _DONE
                continue
            data = None if full and known in before else self._bytes(file, failures)
            if data is None:
                after |= {known: before[known]} if known in before else {}
                continue
            digest = hashlib.sha256(data).hexdigest()[:_HASH_CHARACTERS]
            done = after.get(digest, before.get(digest, 0))
            if done < 0:
                self._note(file, digest)
                after[digest] = _DONE
                continue
            if full:
                after |= {digest: before[digest]} if digest in before else {}
                continue
            content = self._content(digest, data, file)
            if not content.finished and self._still_waiting(file):
                continue
            self._note(file, digest)
            full, after[digest] = _take(content.rows, done, limit, records, failures)
            self._open = (digest, content) if full else None
        return Batch(records, json.dumps(dict(sorted(after.items())), separators=(",", ":")), failures)

    def close(self) -> None:
        """Give back the folder."""
        self._folder.close()

    def _note(self, file: _File, digest: str) -> None:
        """A file need not be read again while its listing stays the same, once that can be believed."""
        if self._clock() - self._seen[file.entry] >= self._folder.settles_seconds:
            self._digests[file.entry] = digest

    def _content(self, digest: str, data: bytes, file: _File) -> Content:
        """Take a file apart; one that is handed out in several batches only once."""
        if self._open is not None and self._open[0] == digest:
            return self._open[1]
        return self._parse(data, file.rule, _named(file))

    def _load(self, cursor: str | None) -> dict[str, int]:
        try:
            data = json.loads(cursor) if cursor else {}
            return {str(digest): int(done) for digest, done in data.items()}
        except (ValueError, TypeError, AttributeError):
            raise YunhuobanError(CURSOR_UNREADABLE, place=self.name) from None

    def _files(self) -> list[_File]:
        """List the files in the order in which they were written, as one moment.

        Two equal listings in a row: whatever was there before the newest of them is among them.
        """
        files = self._listing()
        for _ in range(10):
            again = self._listing()
            if [each.entry for each in files] == [each.entry for each in again]:
                break
            files = again
        known = {each.entry for each in files}
        self._digests = {entry: digest for entry, digest in self._digests.items() if entry in known}
        self._waiting = {entry: since for entry, since in self._waiting.items() if entry in known}
        self._seen = {entry: self._seen.get(entry, self._clock()) for entry in known}
        return files

    def _listing(self) -> list[_File]:
        files: list[_File] = []
        try:
            for entry in self._folder.listing():
                rule = next((each for each in self._rules if fnmatch(entry.name, each.pattern)), None)
                if rule is not None and not entry.name.startswith(".") and not entry.name.endswith(_UNFINISHED):
                    files.append(_File(entry, rule))
        except OSError as error:
            raise YunhuobanError(NO_FOLDER, place=self._folder.place, found=type(error).__name__) from None
        return sorted(files, key=lambda each: (each.entry.changed, each.entry.name))

    def _bytes(self, file: _File, failures: list[YunhuobanError]) -> bytes | None:
        try:
            if file.entry.size > LARGEST_FILE_BYTES:
                if file.entry not in self._waiting:
                    self._waiting[file.entry] = self._clock()
                    expected = f"最多 {LARGEST_FILE_BYTES} 字节"
                    failures.append(
                        YunhuobanError(
                            FILE_TOO_LARGE, place=_named(file), found=str(file.entry.size), expected=expected
                        )
                    )
                return None
            return self._folder.read(file.entry)
        except FileNotFoundError:
            return None  # renamed or taken away since the listing; the next poll sees what became of it
        except OSError as error:
            raise YunhuobanError(NO_FOLDER, place=_named(file), found=type(error).__name__) from None

    def _still_waiting(self, file: _File) -> bool:
        since = self._waiting.setdefault(file.entry, self._clock())
        return self._clock() - since < self._patience_seconds


def _take(
    rows: Sequence[LocalRecord | YunhuobanError],
    done: int,
    limit: int,
    records: list[LocalRecord],
    failures: list[YunhuobanError],
) -> tuple[bool, int]:
    """Hand out rows after the first `done`; say whether the batch is full, and how far the file is read now."""
    for at in range(done, len(rows)):
        row = rows[at]
        if isinstance(row, YunhuobanError):
            failures.append(row)
        elif len(records) == limit:
            return True, at
        else:
            records.append(row)
    return False, _DONE


def _named(file: _File) -> str:
    return f"文件 {file.entry.name}"
