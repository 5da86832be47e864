"""A store that a newer program has migrated is not opened by an older one."""

import sqlite3
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from adapters.store import open_store, versions
from schemas.errors import YunhuobanError


def test_a_countys_store_that_is_too_new_is_refused_by_name(tmp_path: Path) -> None:
    """E-STORE-006 for whoever goes back a version, instead of a traceback; nothing of the store is changed."""
    file = tmp_path / "store.sqlite"
    open_store(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as store:
        store.execute("UPDATE alembic_version SET version_num = 'z9999'")
    store.close()
    with pytest.raises(YunhuobanError) as refused:
        open_store(f"sqlite:///{file}")
    assert refused.value.code.code == "E-STORE-006"
    with sqlite3.connect(file) as store:
        assert store.execute("SELECT version_num FROM alembic_version").fetchall() == [("z9999",)]
    store.close()


def test_the_newest_schema_is_the_last_migration() -> None:
    """Whoever adds a migration and does not say so would have stores that never get it."""
    assert ScriptDirectory(str(Path(versions.__file__).parents[1])).get_current_head() == versions.NEWEST


def test_a_store_in_the_newest_schema_is_opened_while_another_writes(tmp_path: Path) -> None:
    """A start has nothing to migrate as a rule: it reads that, and does not wait until a writer of minutes is done."""
    file = tmp_path / "store.sqlite"
    open_store(f"sqlite:///{file}").close()
    with sqlite3.connect(file, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        open_store(f"sqlite:///{file}").close()
        writer.execute("ROLLBACK")
    writer.close()
