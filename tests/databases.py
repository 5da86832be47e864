"""Where a test's hub keeps its store: the embedded database or PostgreSQL, chosen by one fixture for the whole suite.

Every test that takes `databases` (through `network`, say) runs on SQLite; with LONG=1 it runs on PostgreSQL as well,
and a test that is marked `both_stores` always does. A test's database is a copy of a prepared one: that is quick.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.postgres import PostgresNode


class Databases(Protocol):
    """Gives out databases by URL."""

    def make(self, folder: Path) -> str:
        """A new empty database; one that is a file lies in `folder`."""
        ...

    def copy(self, url: str, folder: Path) -> str:
        """A new database with everything that is in this one, to which nobody is connected."""
        ...

    def drop(self, url: str) -> None:
        """This one is not needed any more; nobody is connected to it."""
        ...


class Files:
    """SQLite: one file each. They go with their folder."""

    def make(self, folder: Path) -> str:
        """A file that is not there yet."""
        return f"sqlite:///{folder / 'template.sqlite'}"

    def copy(self, url: str, folder: Path) -> str:
        """A copy of the file."""
        shutil.copy(url.removeprefix("sqlite:///"), folder / "hub.sqlite")
        return f"sqlite:///{folder / 'hub.sqlite'}"

    def drop(self, url: str) -> None:
        """Nothing: pytest removes the folder."""


@dataclass(frozen=True, slots=True)
class Served:
    """PostgreSQL: one database each, of the run's node."""

    node: PostgresNode

    def make(self, folder: Path) -> str:  # noqa: ARG002 -- it is no file
        """An empty database."""
        return self.node.url(self.node.create())

    def copy(self, url: str, folder: Path) -> str:  # noqa: ARG002 -- it is no file
        """A copy that the server makes."""
        return self.node.url(self.node.create(url.rpartition("/")[2]))

    def drop(self, url: str) -> None:
        """Some megabytes each: hundreds of them would fill a small disk."""
        self.node.drop(url.rpartition("/")[2])


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def databases(request: pytest.FixtureRequest) -> Databases:
    """One of the two."""
    return Served(request.getfixturevalue("postgres")) if request.param == "postgresql" else Files()
