"""Makes a backup while the hub runs: one moment of its store and its files, encrypted to the recovery key.

The recovery key's private half is kept elsewhere: a hub that is broken into gives away no older backup. The file gets
its name when it is whole and on the disk; a backup that was killed leaves a `.partial` file, which the next one takes.
"""

import base64
import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, Table, func, select

from certs import files, keys
from certs.keys import PublicKey
from certs.sealedfile import SealedWriter
from hub.alerting.tables import alert_turn
from hub.backup import last
from hub.backup.form import Manifest, end_frame, file_frame, rows_frame
from hub.backup.last import LastBackup
from hub.history import journal
from hub.observing.tables import workers
from hub.people.tables import TABLES as PEOPLE
from hub.settings import HubSettings
from hub.store import Store, revision
from hub.store.schema import METADATA
from schemas import codec
from schemas.errors import YunhuobanError, declare

RECOVERY_KEY: Final = "recovery.pub"
SETTINGS: Final = "hub.toml"
NO_RECOVERY_KEY: Final = declare(
    "E-BACKUP-002", "还没有恢复公钥，不能备份。", "请用 hub backup key 生成一对密钥，公钥留在中枢，私钥交他人离线保管。"
)
FILE_EXISTS: Final = declare("E-BACKUP-003", "目标文件或文件夹已经有内容，不会覆盖。", "请换一个名称或清空后重试。")
BUSY: Final = declare("E-BACKUP-004", "另一个备份正在写同一个文件。", "请等它结束后再试。")
NOT_WRITTEN: Final = declare("E-BACKUP-005", "备份没有写成。", "请检查目标磁盘的空间与权限后重试。")

_PASSING: Final = frozenset({PEOPLE.sessions, alert_turn, workers})
"""Whoever was signed in when the backup was made, looked for alerts or was at work, does not at the restored hub."""
_ROWS_AT_ONCE: Final = 500
_OCTETS_AT_ONCE: Final = 4 * 1024 * 1024

Told = Callable[[int, int], None]
"""(rows written, rows in all), for a progress bar."""


def target_of(path: Path, manifest: Manifest) -> Path:
    """The file itself, or in a folder a name that sorts by time."""
    if not path.is_dir():
        return path
    return path / f"hub-{manifest.at:%Y%m%dT%H%M%SZ}-{manifest.size}.yhb"


def write(store: Store, settings: HubSettings, *, path: Path, now: datetime, told: Told = lambda _a, _b: None) -> Path:
    """Write a backup to a file or into a folder; returns the file. Raises E-BACKUP-002 to -005 or E-STORE-…."""
    public = settings.certificates / RECOVERY_KEY
    if not public.exists():
        raise YunhuobanError(NO_RECOVERY_KEY, place=public.name)
    recipient = keys.load_public_key(public)
    with store.snapshot() as tx:
        manifest = _manifest(tx, settings, recipient, now)
        target = target_of(path, manifest)
        if target.exists():
            raise YunhuobanError(FILE_EXISTS, place=target.name)
        header = manifest.to_bytes()
        with _whole(target) as out:
            out.write(header)
            sealed = SealedWriter(out, header=header, recipient=recipient)
            for frame in _frames(tx, settings, told):
                sealed.write(frame)
            sealed.close()
    last.keep(settings.folder, LastBackup(at=now, octets=target.stat().st_size))
    return target


def _manifest(tx: Connection, settings: HubSettings, recipient: PublicKey, now: datetime) -> Manifest:
    last = journal.newest(tx)
    record: dict[str, Any] = codec.decode(last.body, "Checkpoint") if last else {"root": b"", "origin": settings.origin}
    return Manifest(
        made_at=now.isoformat(),
        origin=record["origin"],
        version=_version(),
        revision=revision(tx),
        dialect=tx.dialect.name,
        epoch=last.epoch if last else 1,
        size=last.size if last else 0,
        root=record["root"].hex(),
        checkpoint=base64.b64encode(last.body).decode() if last else "",
        checkpoint_signature=last.signature if last else "",
        recovery_key=sha256(keys.public_bytes(recipient)).hexdigest(),
    )


def _version() -> str:
    """The program's version; a checkout that nobody installed has none."""
    try:
        return metadata.version("yunhuoban")
    except metadata.PackageNotFoundError:
        return "checkout"


def _frames(tx: Connection, settings: HubSettings, told: Told) -> Iterator[bytes]:
    names = [path for path in _files(settings) if path.is_file() and not path.is_symlink()]
    for path in names:
        yield file_frame(str(path.relative_to(settings.folder)), files.read(path))
    every = [each for each in METADATA.sorted_tables if each not in _PASSING]
    total = sum(tx.execute(select(func.count()).select_from(each)).scalar_one() for each in every)
    counts: dict[str, int] = {}
    for table in every:
        counts[table.name] = 0
        for rows in _slices(tx, table):
            yield rows_frame(table.name, [column.name for column in table.columns], rows)
            counts[table.name] += len(rows)
            told(sum(counts.values()), total)
    yield end_frame(len(names), counts)


def _files(settings: HubSettings) -> list[Path]:
    """Settings, keys, certificates and lists; the broker's folder is made anew."""
    own = settings.folder / SETTINGS
    return ([own] if own.exists() else []) + sorted(settings.certificates.rglob("*"))


def _slices(tx: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """Rows in slices bounded in number and size; a streamed result, so that memory stays flat."""
    result = tx.execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    some: list[Any] = []
    octets = 0
    for row in result:
        some.append(row)
        octets += sum(len(each) for each in row if isinstance(each, bytes))
        if len(some) >= _ROWS_AT_ONCE or octets >= _OCTETS_AT_ONCE:
            yield some
            some, octets = [], 0
    if some:
        yield some


@contextlib.contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    """A file that has its name only once it is whole and on the disk. Raises E-BACKUP-004 or -005."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        handle = os.open(partial, os.O_CREAT | os.O_RDWR, files.PRIVATE)
        with os.fdopen(handle, "r+b") as out:
            try:
                fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise YunhuobanError(BUSY, place=target.name) from None
            out.truncate(0)
            yield out
            out.flush()
            os.fsync(out.fileno())
            partial.rename(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise YunhuobanError(NOT_WRITTEN, place=target.name, found=type(error).__name__) from error
