"""A folder behind SFTP, with what a local one promises as far as the protocol lets it.

Servers of halls give names in UTF-8 or, on Windows, in GB18030: both are read, and a name that is neither hides no
other. SFTP tells the time of a change in whole seconds, so a file counts as the same only some seconds after it was
seen first. A file that changes while it is read is not there yet. Written is beside the name and renamed to it: that
does not overwrite (SFTP version 3), and whether it outlives a power cut is up to the server.
"""

import contextlib
import posixpath
import stat
from collections.abc import Sequence
from typing import Final

import asyncssh

from adapters.local.sources.folders import Entry
from adapters.local.sources.remote.session import Session

_NANOSECONDS: Final = 10**9


class RemoteFolder:
    """A `Folder` of one session's server."""

    settles_seconds = 3.0

    def __init__(self, session: Session, path: str, host: str) -> None:
        """Ask nothing yet."""
        self._session = session
        self._path = path.encode()
        self._raw: dict[str, bytes] = {}
        self.place = f"{host}:{path}"

    def listing(self) -> Sequence[Entry]:
        """All regular files in it; a link counts as what it leads to. Raises OSError or E-SRC-072 to -075."""
        return self._session.run(self._listing)

    def read(self, entry: Entry) -> bytes:
        """A file. Raises FileNotFoundError when it changed meanwhile, other OSErrors, or E-SRC-072 to -075."""
        path = posixpath.join(self._path, self._raw.get(entry.name, entry.name.encode()))

        async def reading(client: asyncssh.SFTPClient) -> bytes:
            async with client.open(path, "rb") as file:
                data: bytes = await file.read(entry.size + 1)
            facts = await client.stat(path)
            if len(data) != entry.size or _changed(facts) != entry.changed:
                raise FileNotFoundError(entry.name)
            return data

        return self._session.run(reading)

    def make(self) -> None:
        """Make it, and the folders above. Raises OSError or E-SRC-072 to -075."""

        async def making(client: asyncssh.SFTPClient) -> None:
            if not await client.isdir(self._path):
                await client.makedirs(self._path, exist_ok=True)

        self._session.run(making)

    def try_writing(self) -> bool:
        """Nobody can say: SFTP has no file without a name. Whether the folder is reached. Raises as above."""
        with contextlib.suppress(FileNotFoundError):  # `make` makes it
            self._session.run(self._listing)
        return False

    def has(self, name: str) -> bool:
        """Whether a file of this name is there."""

        async def looking(client: asyncssh.SFTPClient) -> bool:
            return await client.lexists(posixpath.join(self._path, name.encode()))

        return self._session.run(looking)

    def put(self, name: str, data: bytes) -> None:
        """Write beside the name, have the server sync it if it can, compare the size, rename. Raises as above."""
        path, beside = (posixpath.join(self._path, each.encode()) for each in (name, f".{name}.tmp"))

        async def putting(client: asyncssh.SFTPClient) -> None:
            async with client.open(beside, "wb") as file:
                await file.write(data)
                with contextlib.suppress(asyncssh.SFTPOpUnsupported):  # an extension of OpenSSH
                    await file.fsync()
            if (await client.stat(beside)).size != len(data):
                raise OSError("size")
            await client.rename(beside, path)

        self._session.run(putting)

    def close(self) -> None:
        """End the connection."""
        self._session.close()

    async def _listing(self, client: asyncssh.SFTPClient) -> Sequence[Entry]:
        found: list[Entry] = []
        self._raw = {}
        async for each in client.scandir(self._path):
            raw = each.filename if isinstance(each.filename, bytes) else each.filename.encode()
            name, facts = _text(raw), each.attrs
            if name is None:
                continue
            if facts.permissions is not None and stat.S_ISLNK(facts.permissions):
                try:
                    facts = await client.stat(posixpath.join(self._path, raw))
                except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                    continue
            if facts.permissions is not None and not stat.S_ISREG(facts.permissions):
                continue
            self._raw[name] = raw
            found.append(Entry(name, facts.size or 0, _changed(facts)))
        return found


def _changed(facts: asyncssh.SFTPAttrs) -> int:
    return (facts.mtime or 0) * _NANOSECONDS


def _text(raw: bytes) -> str | None:
    """A name as a person reads it; None for what is no name of a file in this folder."""
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if name in ("", ".", "..") or "/" in name else name
    return None
