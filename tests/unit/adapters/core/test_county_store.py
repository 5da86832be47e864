"""The county node's store: whatever the database says is one declared error, before and after it was opened."""

from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.store import open_store
from schemas.errors import YunhuobanError


def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    """A folder that is not there is told when the node starts."""
    with pytest.raises(YunhuobanError, match="E-STORE-002 migrate"):
        open_store(f"sqlite:///{tmp_path}/nowhere/county.sqlite")


def test_a_database_that_fails_under_way(tmp_path: Path) -> None:
    """A statement that the database refuses is told by its kind, in reading and in writing."""
    store = open_store(f"sqlite:///{tmp_path}/county.sqlite")
    for transaction in (store.read, store.write):
        with pytest.raises(YunhuobanError, match="E-STORE-002") as caught, transaction() as tx:
            tx.execute(text("SELECT secret FROM nothing"))
        assert caught.value.found == "OperationalError"
    store.close()


def test_a_database_whose_deleted_bytes_cannot_be_cleared(tmp_path: Path) -> None:
    """A file that is broken by then is told as every other failure, and not as the driver says it."""
    store, file = open_store(f"sqlite:///{tmp_path}/county.sqlite"), tmp_path / "county.sqlite"
    assert store.clear_deleted(["takings"])
    store.close()
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(YunhuobanError, match="E-STORE-002 clear"):
        store.clear_deleted(["takings"])
