"""From a county's database URL to the driver that speaks to it, and what to install when the driver is missing.

PostgreSQL and MariaDB (MySQL) are tested against Debian's servers. Oracle and 达梦 are reached the same way by their
URL; nobody here has tried them, and whoever is the first to do so is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from schemas.errors import YunhuobanError, declare

NO_DRIVER = declare(
    "E-SRC-015",
    "没有装连接这种数据库（{database}）的驱动。",
    "请在县节点的环境中执行 pip install {packages} 后重启。与真实服务器测试过的只有 PostgreSQL 和 MariaDB；"
    "用别的数据库，请先以 adapter translate 逐项核对。",
)


@dataclass(frozen=True, slots=True)
class Driver:
    """What speaks to one kind of database."""

    database: str
    packages: str
    """As pip wants to read it."""
    name: str = ""
    """In the place of SQLAlchemy's own choice, when a URL names no driver."""


_BY_BACKEND: Final[Mapping[str, Driver]] = {
    "postgresql": Driver("PostgreSQL", "'psycopg[binary]'", "psycopg"),
    "mysql": Driver("MySQL / MariaDB", "PyMySQL", "pymysql"),
    "mariadb": Driver("MariaDB", "PyMySQL", "pymysql"),
    "oracle": Driver("Oracle", "oracledb", "oracledb"),
    "dm": Driver("达梦", "dmPython dmSQLAlchemy"),
}


def spoken(url: sa.URL) -> sa.URL:
    """The URL with the driver that we know, unless it names one itself."""
    driver = _BY_BACKEND.get(url.drivername)
    return url.set(drivername=f"{url.drivername}+{driver.name}") if driver is not None and driver.name else url


def missing(url: sa.URL) -> YunhuobanError | None:
    """What to install when the driver of this URL is not there; None for a database that is not known here."""
    driver = _BY_BACKEND.get(url.drivername.partition("+")[0])
    if driver is None:
        return None
    return YunhuobanError(
        NO_DRIVER,
        place="url",
        found=url.drivername,
        expected=driver.packages,
        database=driver.database,
        packages=driver.packages,
    )
