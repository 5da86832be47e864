"""The book of one county over a ledger in memory."""

import pytest
from sqlalchemy import Engine

from certs.atrest import AtRest
from tests.printers import ledger_engine
from tests.stock_world import sealing


@pytest.fixture
def engine() -> Engine:
    """Print and stock ledger, empty."""
    return ledger_engine()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> AtRest:
    """The county's storage keys."""
    return sealing(tmp_path_factory.mktemp("stock"))
