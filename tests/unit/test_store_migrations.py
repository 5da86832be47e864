"""Both sides' stores: what a newer program has migrated is refused, the newest schema is opened by reading."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic.script import ScriptDirectory

import adapters.store
import hub.store
from adapters.store import versions as county_versions
from hub.store import versions as hub_versions
from schemas.errors import YunhuobanError

Opening = Callable[[str], Any]
SIDES = [pytest.param(hub.store.open_store, id="hub"), pytest.param(adapters.store.open_store, id="county")]


def refusal(file: Path, opening: Opening) -> str:
    """The code with which a store that a newer program has migrated is refused; nothing of it is changed."""
    opening(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("UPDATE alembic_version SET version_num = 'z9999'")
    with pytest.raises(YunhuobanError) as refused:
        opening(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as store:
        assert store.execute("SELECT version_num FROM alembic_version").fetchall() == [("z9999",)]
    return refused.value.code.code


def test_a_store_that_is_too_new_is_refused_by_name(tmp_path: Path) -> None:
    """For whoever goes back a version, instead of a traceback: at the hub and in a county."""
    assert refusal(tmp_path / "hub.sqlite", hub.store.open_store) == "E-STORE-005"
    assert refusal(tmp_path / "county.sqlite", adapters.store.open_store) == "E-STORE-006"


@pytest.mark.parametrize("versions", [hub_versions, county_versions], ids=["hub", "county"])
def test_the_newest_schema_is_the_last_migration(versions: ModuleType) -> None:
    """Whoever adds a migration and does not say so would have stores that never get it."""
    assert ScriptDirectory(str(Path(str(versions.__file__)).parents[1])).get_current_head() == versions.NEWEST


@pytest.mark.parametrize("opening", SIDES)
def test_a_store_in_the_newest_schema_is_opened_while_another_writes(tmp_path: Path, opening: Opening) -> None:
    """A start has nothing to migrate as a rule: it reads that, and does not wait until a writer of minutes is done."""
    file = tmp_path / "store.sqlite"
    opening(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        opening(f"sqlite:///{file}").close()
        writer.execute("ROLLBACK")
