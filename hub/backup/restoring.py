"""Makes a hub of a backup: files and rows into an empty folder, the journal checked, a new epoch opened.

Everything happens in a folder beside the wanted one, which gets its name at the very end: a restore that was killed
leaves no hub that could be started by mistake. The broker is made anew and empty by the next start; what may have lain
in the lost one is due again (`hub.history.epochs`).
"""

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from certs import files, keys
from certs.keys import PrivateKey
from hub.backup import reading
from hub.backup.form import NOT_A_BACKUP, Manifest
from hub.backup.reading import OTHER_JOURNAL
from hub.backup.writing import FILE_EXISTS, SETTINGS
from hub.bootstrap import Hub
from hub.evidence import journalcheck
from hub.history import epochs, journal
from hub.replaying import ordering
from hub.settings import HubSettings
from hub.store import revision, tables
from hub.store.schema import METADATA
from schemas.errors import YunhuobanError, declare

OTHER_VERSION: Final = declare(
    "E-BACKUP-008",
    "备份是由另一版本的程序做的。",
    "请用备份清单上写明的版本恢复，再升级。",
)
OTHER_LOG_KEY: Final = declare(
    "E-BACKUP-009", "备份中的检查点证书不是信任文件所指的。", "请怀疑备份被人调换；请改用另一份，并核对信任文件的来源。"
)

_TABLES: Final = {each.name: each for each in METADATA.sorted_tables}


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of it."""

    epoch: int
    size: int
    backed_up_at: datetime
    awaited: Sequence[str]
    """Counties whose report prints wait for."""


def restore(
    path: Path,
    *,
    key: PrivateKey,
    folder: Path,
    clock: Callable[[], datetime],
    epoch: int | None = None,
    pinned: frozenset[bytes] | None = None,
) -> Restored:
    """Restore into a folder that is not there or empty.

    `pinned`: thumbprints of the checkpoint certificates that a trust file from elsewhere names. Raises E-BACKUP-…,
    E-CERT-088 or E-STORE-…; nothing is left of what was begun.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise YunhuobanError(FILE_EXISTS, place=folder.name)
    work = folder.with_name(f".{folder.name}.restoring-{secrets.token_hex(4)}")
    files.make_private_folder(work)
    try:
        restored = _restore(path, key, work, clock, epoch, pinned)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return restored


def _restore(
    path: Path,
    key: PrivateKey,
    work: Path,
    clock: Callable[[], datetime],
    epoch: int | None,
    pinned: frozenset[bytes] | None,
) -> Restored:
    said = reading.manifest(path)
    hub: Hub | None = None
    try:
        for head, what in reading.contents(path, key):
            if head["kind"] == "file":
                _write(work, head["name"], what)
                continue
            if hub is None:  # every file comes before the first row
                hub = _opened(work, said, pinned)
            with hub.store.write() as tx:
                _insert(tx, head["table"], what)
        hub = hub or _opened(work, said, pinned)
        with hub.store.read() as tx:
            _check(tx, hub, said)
        with hub.store.write() as tx:
            number = epochs.open_after_restore(
                tx, log=hub.keys.checkpoint, backed_up_at=said.at, now=clock(), epoch=epoch
            )
            ordering.end_all(tx, why="restored", now=clock())
            awaited = select(tables.restore_counties.c.county).where(tables.restore_counties.c.state == "awaited")
            counties = list(tx.execute(awaited.order_by(tables.restore_counties.c.county)).scalars())
    finally:
        if hub is not None:
            hub.close()
    return Restored(epoch=number, size=said.size, backed_up_at=said.at, awaited=counties)


def _write(work: Path, name: str, data: bytes) -> None:
    """A file of the hub's folder, readable by its owner only. Raises E-BACKUP-001 for a name that leads elsewhere."""
    target = work / name
    inside = name == SETTINGS or Path(name).parts[:1] == ("certs",)
    if not inside or ".." in Path(name).parts or Path(name).is_absolute():
        raise YunhuobanError(NOT_A_BACKUP, place="name")
    files.make_private_folder(target.parent)
    files.write_atomically(target, data, mode=files.PRIVATE)


def _opened(work: Path, said: Manifest, pinned: frozenset[bytes] | None) -> Hub:
    """The hub of the restored files over an empty store. Raises E-BACKUP-003, -008 or -009."""
    hub = Hub(HubSettings.load(work))
    try:
        _check_fit(hub, said, pinned)
    except BaseException:
        hub.close()
        raise
    return hub


def _check_fit(hub: Hub, said: Manifest, pinned: frozenset[bytes] | None) -> None:
    with hub.store.read() as tx:
        if any(tx.execute(select(each).limit(1)).first() for each in _TABLES.values()):
            raise YunhuobanError(FILE_EXISTS, place="store_url")
        if said.revision != revision(tx):
            raise YunhuobanError(OTHER_VERSION, place="revision", found=said.version, expected=said.revision)
    if pinned is not None and keys.thumbprint(hub.keys.checkpoint.certificate) not in pinned:
        raise YunhuobanError(OTHER_LOG_KEY, place="certs/checkpoint.pem")


def _insert(tx: Connection, name: str, rows: Sequence[dict[str, Any]]) -> None:
    table = _TABLES.get(name)
    if table is None or any(set(row) != {column.name for column in table.columns} for row in rows):
        raise YunhuobanError(NOT_A_BACKUP, place="table", found=name[:40])
    if rows:
        tx.execute(insert(table), rows)


def _check(tx: Connection, hub: Hub, said: Manifest) -> None:
    """The restored journal is whole, and its newest checkpoint is the manifest's. Raises E-BACKUP-007."""
    last = journal.newest(tx)
    if (last.body if last else b"", last.signature if last else "") != (
        said.checkpoint_bytes,
        said.checkpoint_signature,
    ):
        raise YunhuobanError(OTHER_JOURNAL, place="checkpoint")
    findings = journalcheck.check_journal(tx, keys=hub.keys, trial=hub.settings.trial)
    if findings:
        raise YunhuobanError(OTHER_JOURNAL, place="journal", found=str(findings[0]))
