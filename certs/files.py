"""Durable files: written whole or not at all, private from their first byte, appended only after the disk said so.

Source: POSIX rename(2) and fsync(2). A key file is never readable by others, not even for a moment, because it is
created with its final mode.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from schemas.errors import YunhuobanError, declare

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644
PRIVATE_FOLDER: Final = 0o700

FILE_UNREADABLE: Final = declare(
    "E-CERT-001", "文件读不出来。", "请检查路径和权限：文件须存在，且运行本程序的账号能读。"
)
FILE_UNWRITABLE: Final = declare("E-CERT-002", "文件写不进去。", "请检查磁盘空间和目录权限，然后重做这一步。")


def write_atomically(path: Path, data: bytes, *, mode: int = PUBLIC) -> None:
    """Replace `path` by `data` in one step that survives a power cut. Raises FILE_UNWRITABLE."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise YunhuobanError(FILE_UNWRITABLE, place=path.name, found=type(error).__name__) from error


def append_line(path: Path, line: str, *, mode: int = PRIVATE) -> None:
    """Append one line and wait until it is on the disk. Raises FILE_UNWRITABLE."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise YunhuobanError(FILE_UNWRITABLE, place=path.name, found=type(error).__name__) from error


def read(path: Path) -> bytes:
    """The whole file. Raises FILE_UNREADABLE, which names the file but never its content."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise YunhuobanError(FILE_UNREADABLE, place=path.name, found=type(error).__name__) from error


def make_private_folder(path: Path) -> None:
    """Make the folder (and its parents) for its owner only. Raises FILE_UNWRITABLE."""
    try:
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        path.chmod(PRIVATE_FOLDER)  # an existing folder, or a generous umask
    except OSError as error:
        raise YunhuobanError(FILE_UNWRITABLE, place=path.name, found=type(error).__name__) from error


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: two commands at once never take the same number. Raises FILE_UNWRITABLE."""
    try:
        handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, PRIVATE)
    except OSError as error:
        raise YunhuobanError(FILE_UNWRITABLE, place=folder.name, found=type(error).__name__) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
