"""The database: which one, whether it keeps what it confirms, and whether its schema is this program's."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text

from hub.doctor.findings import Finding, Step, failed, passed
from hub.doctor.ground import Ground
from hub.store import postgresql
from hub.store.engine import revision
from hub.store.versions import NEWEST
from schemas.errors import YunhuobanError, declare

NOT_DURABLE: Final = declare(
    "E-OPS-030",
    "内置数据库没有用断电不丢的方式写入：预写日志或每次落盘没有生效。",
    "请把中枢文件夹放在本机的磁盘上，不要放在网络盘上，然后重新启动中枢。",
)
OTHER_SCHEMA: Final = declare(
    "E-OPS-031",
    "数据库的版本与程序的版本不一致。",
    "数据库较旧的，启动中枢时自动升级；数据库较新的，程序被换回了旧版本，请装回新版本，不要改数据库。",
)
_FULL: Final = 2
"""PRAGMA synchronous: 2 is FULL."""


def examine_database(ground: Ground) -> Iterator[Finding]:
    """As it is: it is neither migrated nor written to."""
    store = ground.store
    if isinstance(store, YunhuobanError):
        yield failed(Step.DATABASE, store)
        return
    with store.read() as tx:
        version = _sqlite(tx) if tx.dialect.name == "sqlite" else _postgresql(tx)
        found = revision(tx)
    yield passed(Step.DATABASE, version)
    if found != NEWEST:
        yield failed(Step.DATABASE, YunhuobanError(OTHER_SCHEMA, place="alembic_version", found=found, expected=NEWEST))
    else:
        yield passed(Step.DATABASE, found)


def _sqlite(tx: Connection) -> str:
    """Each connection asks for both; a file system without shared memory leaves the journal as it was, silently."""
    mode = str(tx.exec_driver_sql("PRAGMA journal_mode").scalar())
    level = tx.exec_driver_sql("PRAGMA synchronous").scalar()
    if (mode, level) != ("wal", _FULL):
        words = {"found": f"{mode}, {level}", "expected": f"wal, {_FULL}"}
        raise YunhuobanError(NOT_DURABLE, place="journal_mode, synchronous", **words)
    return f"SQLite {tx.exec_driver_sql('SELECT sqlite_version()').scalar()}, WAL, synchronous=FULL"


def _postgresql(tx: Connection) -> str:
    postgresql.demand_durable(tx)
    return f"PostgreSQL {tx.execute(text('SHOW server_version')).scalar()}"
