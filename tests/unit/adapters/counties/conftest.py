"""Authorities and counties for the counties of the dialects."""

import pytest

from tests.county_world import Network
from tests.unit.adapters.counties import dialectworld


@pytest.fixture(scope="session")
def dialect_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Authorities, hub keys and counties' keys, made once per run."""
    return dialectworld.dialect_network(tmp_path_factory.mktemp("dialects"))
