"""A folder of this machine, or a share that is mounted here."""

import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from adapters.local.sources.folders import Entry


class LocalFolder:
    """A `Folder` at a path."""

    settles_seconds = 0.0

    def __init__(self, path: Path) -> None:
        """Touch nothing yet."""
        self._path = path
        self.place = str(path)

    def listing(self) -> Sequence[Entry]:
        """All regular files in it. Raises OSError."""
        found: list[Entry] = []
        for path in self._path.iterdir():
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(facts.st_mode):
                found.append(Entry(path.name, facts.st_size, facts.st_mtime_ns))
        return found

    def read(self, entry: Entry) -> bytes:
        """A file. Raises OSError."""
        return (self._path / entry.name).read_bytes()

    def make(self) -> None:
        """Make it, and the folders above. Raises OSError."""
        self._path.mkdir(parents=True, exist_ok=True)

    def try_writing(self) -> bool:
        """Write a file that has no name, or only for a moment one that no local system reads. Raises OSError."""
        # `make` makes what is not there yet.
        place = next(each for each in (self._path, *self._path.absolute().parents) if each.exists())
        with tempfile.TemporaryFile(dir=place, prefix=".yunhuoban.", suffix=".tmp") as file:
            file.write(b"\n")
        return True

    def has(self, name: str) -> bool:
        """Whether a file of this name is there."""
        return (self._path / name).exists()

    def put(self, name: str, data: bytes) -> None:
        """Write, sync, rename, sync the folder. Raises OSError."""
        path, beside = self._path / name, self._path / f".{name}.tmp"
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Nothing is held."""
