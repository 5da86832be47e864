"""`hub county suspend`, `resume`, `revoke`: each place with its time; without a broker its next start does it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app as adapter
from deploy.demo import world as demo
from hub.cli import app as hub
from hub.record import listing
from hub.registry import county
from hub.settings import HubSettings
from hub.store import open_store
from schemas.errors import YunhuobanError

COUNTY = demo.WUQIAO.code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub with one county, and no broker that runs."""
    world = demo.build(tmp_path / "world")
    card = tmp_path / "card.json"
    assert CliRunner().invoke(adapter, ["card", "-d", str(world.county(COUNTY)), "-o", str(card)]).exit_code == 0
    assert CliRunner().invoke(hub, ["county", "add", str(card), "-d", str(world.hub)]).exit_code == 0
    return world.hub


@pytest.fixture
def typed(folder: Path) -> Callable[..., Result]:
    """`hub county …`."""
    return lambda *words: CliRunner().invoke(hub, ["county", *words, "-d", str(folder)], env={"COLUMNS": "200"})


def state(folder: Path) -> str:
    """The county's, in the store."""
    store = open_store(HubSettings.load(folder).database)
    with store.read() as tx:
        (row,) = county.listed(tx)
    store.close()
    return str(row.state)


def test_the_three_commands(folder: Path, typed: Callable[..., Result]):
    """Suspend, resume, suspend, revoke; the next step is said; a revoked county is not resumed (E-JOIN-036)."""
    said = typed("suspend", COUNTY)
    assert said.exit_code == 0, said.output
    assert f"hub county resume {COUNTY}" in said.output
    assert "下次启动时" in said.output
    assert state(folder) == "suspended"
    assert typed("resume", COUNTY).exit_code == 0
    assert state(folder) == "active"
    said = typed("revoke", COUNTY)
    assert "certs revoke" in said.output
    assert state(folder) == "revoked"
    refused = typed("resume", COUNTY)
    assert isinstance(refused.exception, YunhuobanError)
    assert refused.exception.code is county.REVOKED_FOR_GOOD
    assert state(folder) == "revoked"
    store = open_store(HubSettings.load(folder).database)
    with store.read() as tx:
        lines = [(each.about, each.reason) for each in reversed(listing.lines(tx))]
    store.close()
    assert lines == [(COUNTY, ""), (COUNTY, "suspended"), (COUNTY, "active"), (COUNTY, "revoked")]


def test_mistakes(folder: Path, typed: Callable[..., Result]):
    """A county that nobody enrolled is E-CONF-011; `state` takes its three words only."""
    for words in (("suspend", "999999"), ("resume", "999999"), ("revoke", "999999"), ("suspend", "吴桥")):
        refused = typed(*words)
        assert isinstance(refused.exception, YunhuobanError), words
        assert refused.exception.code is county.UNKNOWN_COUNTY
    assert typed("state", COUNTY, "asleep").exit_code == 2
    assert typed("state", COUNTY, "suspended").exit_code == 0
    assert state(folder) == "suspended"
