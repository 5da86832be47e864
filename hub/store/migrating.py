"""Runs the migrations that a store lacks: the door of Alembic, which knows every dialect there is and loads them all.

Only a new store or an old one comes through here (`hub.store.engine.migrate`).
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from schemas.errors import YunhuobanError, declare

STORE_TOO_NEW: Final = declare(
    "E-STORE-005",
    "中枢数据库是更新的程序用过的，这个版本认不得。",
    "请用回新版本的程序；要退回旧版本，请用 hub restore run 恢复升级之前的备份。",
)


def upgrade(connection: Connection) -> None:
    """Up to the newest, in the transaction that is open. Raises E-STORE-005 for a store of a newer program."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:  # its revision is none of ours
        raise YunhuobanError(STORE_TOO_NEW, place="migrate") from error
