"""SQL statements compiled for one store serve every other store of the run.

The product opens one store per process and compiles each statement once; a run of tests opens thousands, and compiling
for each of them anew took as long as executing. A compiled statement depends on the dialect alone, and all stores in
files have the same one: the SQLite library of this process. PostgreSQL's are few and compiled as ever.
"""

from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_COMPILED: Final[LRUCache[Any, Any]] = LRUCache(3000)


class OneSQLite(SQLiteDialect_pysqlite):
    """SQLite's dialect as it is, but what was compiled for one instance is found by every other."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is OneSQLite

    def __hash__(self) -> int:
        return hash(OneSQLite)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """A new store looks among what the others compiled."""
        engine.update_execution_options(compiled_cache=_COMPILED)


def share() -> None:
    """From now on, for every engine made in this process."""
    for name in ("sqlite", "sqlite.pysqlite"):
        registry.register(name, __name__, OneSQLite.__name__)
