"""One hub, one authority and one county in each state that tests start from, made once and copied."""

from pathlib import Path

import pytest

from tests.joining_page import served, set_up, until_active
from tests.joining_world import Joining


@pytest.fixture(scope="session")
def made_fresh(tmp_path_factory) -> Joining:
    """Nobody was invited yet; for copies only."""
    return Joining.make(tmp_path_factory.mktemp("joining") / "world")


@pytest.fixture(scope="session")
def made_requested(made_fresh, tmp_path_factory) -> Joining:
    """In this state; for copies only."""
    made = made_fresh.copy(tmp_path_factory.mktemp("requested") / "world")
    made.until_requested()
    return made


@pytest.fixture(scope="session")
def made_answered(made_fresh, tmp_path_factory) -> Joining:
    """In this state; for copies only."""
    made = made_fresh.copy(tmp_path_factory.mktemp("answered") / "world")
    made.until_answered()
    return made


@pytest.fixture
def fresh(made_fresh, tmp_path) -> Joining:
    """Nobody was invited yet."""
    return made_fresh.copy(tmp_path / "world")


@pytest.fixture
def requested(made_requested, tmp_path) -> Joining:
    """A request waits for approval."""
    return made_requested.copy(tmp_path / "world")


@pytest.fixture
def answered(made_answered, tmp_path) -> Joining:
    """The answer is written and not read in yet."""
    return made_answered.copy(tmp_path / "world")


@pytest.fixture(scope="session")
def made_asked(made_fresh, tmp_path_factory) -> Joining:
    """In this state; for copies only."""
    made = made_fresh.copy(tmp_path_factory.mktemp("asked") / "world")
    made.invite()
    made.ask()
    return made


@pytest.fixture
def asked(made_asked, tmp_path) -> Joining:
    """The request is written and not handed in yet."""
    return made_asked.copy(tmp_path / "asked")


@pytest.fixture(scope="session")
def made_paged(made_fresh: Joining, tmp_path_factory) -> Joining:
    """Invited, with a joining page; for copies only."""
    made = made_fresh.copy(tmp_path_factory.mktemp("paged") / "world")
    set_up(made)
    made.invite()
    return made


@pytest.fixture
def paged(made_paged: Joining, tmp_path: Path) -> Joining:
    """Invited, with a joining page that can be served."""
    return made_paged.copy(tmp_path / "world")


@pytest.fixture(scope="session")
def made_active(made_paged: Joining, tmp_path_factory: pytest.TempPathFactory) -> Joining:
    """A county that joined over the page; for copies only."""
    made = made_paged.copy(tmp_path_factory.mktemp("active") / "world")
    with served(made):
        until_active(made)
    return made
