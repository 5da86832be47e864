"""Looks at the folders that files are read from and written into, here or behind SFTP. No file is left behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from adapters.local.localsystem.findings import Looked, Way
from adapters.local.mapping import CountyMapping
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks.folder import NOT_WRITTEN
from adapters.local.sources.folder import NO_FOLDER
from adapters.local.sources.folders import Folder
from adapters.local.sources.remote.opening import open_folder
from pages.wording import mark as _
from schemas.errors import Code, YunhuobanError

_BEHIND_SFTP: Final = _("能连上；SFTP 的文件夹能否写入没有试")


def read(mapping: CountyMapping, location: str) -> Looked:
    """Whether the folder of [source] can be listed. Raises E-SRC-071."""
    folder = open_folder(Section(mapping.rules.source, "source", Problems()), location)

    def listing() -> str:
        folder.listing()
        return ""

    return _tried(Way.READ, folder, listing, NO_FOLDER)


def written(mapping: CountyMapping, location: str) -> Looked:
    """Whether files can be written into the folder of [sink]. Raises E-SRC-071."""
    folder = open_folder(Section(mapping.rules.sink, "sink", Problems()), location)

    def writing() -> str:
        if "://" not in location:
            Path(location).stat()  # the sink would make it anywhere, on this machine instead of on a share
        return "" if folder.try_writing() else _BEHIND_SFTP

    return _tried(Way.WRITE, folder, writing, NOT_WRITTEN)


def _tried(way: Way, folder: Folder, step: Callable[[], str], code: Code) -> Looked:
    """The step says what remains untested."""
    what, problem, untested = f"文件夹 {folder.place}", None, ""
    try:
        untested = step()
    except OSError as error:
        problem = YunhuobanError(code, place=folder.place, found=type(error).__name__)
    except YunhuobanError as error:
        problem = error
    finally:
        folder.close()
    return Looked(way=way, what=what, problems=[problem] if problem is not None else (), untested=untested)
