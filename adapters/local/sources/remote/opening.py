"""From `[source]` or `[sink]` and the place of the local system to a folder: of this machine, or behind SFTP."""

import posixpath
from pathlib import Path

from adapters.local.mapping.strict import Section
from adapters.local.sources.folders import Folder
from adapters.local.sources.folders.local import LocalFolder
from adapters.local.sources.remote import access


def open_folder(section: Section, location: Path | str) -> Folder:
    """Open nothing yet; problems are noted in the section. Raises E-SRC-071 for an address that is none."""
    below = section.text("folder", ".")
    address = location if isinstance(location, str) and location.startswith(access.SCHEME) else None
    reached = access.read(section.inner("sftp"), address)
    if reached is None:
        return LocalFolder(Path(location) / below)
    # asyncssh takes a fifth of a second and nine megabytes of every process that imports it.
    from adapters.local.sources.remote.folder import RemoteFolder  # noqa: PLC0415 -- only who uses SFTP waits for it
    from adapters.local.sources.remote.session import Session  # noqa: PLC0415 -- the same

    said, path = reached
    return RemoteFolder(Session(said), posixpath.normpath(posixpath.join(path, below)), said.host)
