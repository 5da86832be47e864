"""What a source and a sink of files need of a folder, wherever it is: on this machine, on a share, behind SFTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, as a listing shows it."""

    name: str
    size: int
    changed: int
    """When it was last written, in nanoseconds since 1970."""


class Folder(Protocol):
    """One folder.

    Whatever it raises is an OSError of the folder's own, or a YunhuobanError when the folder's machine is not reached.
    """

    @property
    def place(self) -> str:
        """Where it is, as a person reads it."""
        ...

    @property
    def settles_seconds(self) -> float:
        """For how long a file may change without its listing telling: the coarseness of its time of change."""
        ...

    def listing(self) -> Sequence[Entry]:
        """All regular files in it."""
        ...

    def read(self, entry: Entry) -> bytes:
        """A file. Raises FileNotFoundError when it is not there any more, or changed under the reading."""
        ...

    def make(self) -> None:
        """Make the folder, if it is not there."""
        ...

    def try_writing(self) -> bool:
        """Whether a file may be written into it, tried without leaving one; False where nobody can say so."""
        ...

    def has(self, name: str) -> bool:
        """Whether a file of this name is there."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Write a file that is complete or not there at all, whatever ends in between."""
        ...

    def close(self) -> None:
        """Give back what it holds; it may be used again."""
        ...
