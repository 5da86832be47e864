"""A county's own database on a real server: PostgreSQL or MariaDB of Debian, each with a database for the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tests.mariadb import MariaNode
from tests.postgres import PostgresNode


@dataclass(kw_only=True)
class ServedHall:
    """One database; `says` runs the local system's own statements, `account` is one that may only read."""

    node: PostgresNode | MariaNode
    name: str
    _engine: sa.Engine | None = None

    @property
    def is_mariadb(self) -> bool:
        """Which of the two."""
        return isinstance(self.node, MariaNode)

    @property
    def url(self) -> str:
        """As county.toml has it: without a driver, as a person would write it."""
        return self.node.url(self.name).replace("+psycopg", "")

    @property
    def reading_url(self) -> str:
        """The same for the account that may only read."""
        if isinstance(self.node, MariaNode):
            self.node.execute("CREATE USER IF NOT EXISTS looker@localhost, looker@127.0.0.1")
            for host in ("localhost", "127.0.0.1"):
                self.node.execute(f"GRANT SELECT ON {self.name}.* TO looker@{host}")
            return self.node.url(self.name, "looker")
        role = f"looker_{self.name}"
        self.says(f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        return self.url.replace("postgres@", f"{role}@")

    def says(self, *statements: str) -> list[Any]:
        """The local system says so and commits; the rows of the last statement, if it has any."""
        with self.speaking() as connection:
            for each in statements:
                found = connection.exec_driver_sql(each)
            rows = [tuple(row) for row in found] if found.returns_rows else []
            connection.commit()
        return rows

    @contextmanager
    def speaking(self) -> Iterator[sa.Connection]:
        """A connection of the local system's own, set to nothing in particular: in UTC and lax."""
        url = self.url.replace("mariadb:", "mariadb+pymysql:").replace("postgresql:", "postgresql+psycopg:")
        if self._engine is None:
            self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        with self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Remove it."""
        self.node.drop(self.name)
