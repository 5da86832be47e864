"""Opens the hub's database without making or migrating it, for whoever only wants to know how it is."""

from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from hub.store.engine import STORE_URL_WRONG, Store, connected
from schemas.errors import YunhuobanError, declare

NO_STORE: Final = declare(
    "E-STORE-022",
    "还没有中枢数据库。",
    "请核对文件夹（-d）与 hub.toml 的 store_url；新装的中枢，请先运行 hub up 或恢复备份。",
)


def open_as_it_is(url: str) -> Store:
    """The database with the usual settings of a connection. Raises E-STORE-022, E-CONF-020 or E-STORE-001."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise YunhuobanError(STORE_URL_WRONG, place="store_url", found="ArgumentError") from None
    file = Path((parsed.database or "").removeprefix("file:"))
    if parsed.get_backend_name() == "sqlite" and not file.is_file():
        raise YunhuobanError(NO_STORE, place=file.name)
    store = connected(url)
    try:
        with store.read() as tx:
            tx.exec_driver_sql("SELECT 1")
    except YunhuobanError:
        store.close()
        raise
    return store
