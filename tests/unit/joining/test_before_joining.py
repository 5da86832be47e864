"""Before a county has joined, its commands say that it has not, and not which file is missing."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters import cli
from adapters.countyit.joining import joined
from adapters.node import Node
from adapters.settings import CountySettings
from schemas.errors import YunhuobanError

COMMANDS = (["doctor"], ["test"], ["status"], ["items"], ["card"], ["renew"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A county that has filled in its settings and done nothing else."""
    tmp_path.joinpath("county.toml").write_text(
        f'division_code = "130928"\nname = "吴桥县"\nmapping = "{tmp_path}"\nlocal_read = ""\nlocal_write = ""\n'
        '[authority]\nname = "局"\ncode = "11130928MB00000005"\n',
        encoding="utf-8",
    )
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each[0])
def test_every_command_says_to_join_first(folder: Path, command: list[str]) -> None:
    """E-JOIN-063 with the command to run, and nothing is made by asking: no store, no keys."""
    found = CliRunner().invoke(cli.app, [*command, "-d", str(folder)])
    assert isinstance(found.exception, YunhuobanError)
    assert found.exception.code.code == "E-JOIN-063"
    assert not list(folder.glob("*.sqlite"))
    assert not list(folder.glob("certs/*"))


def test_a_node_does_not_begin(folder: Path) -> None:
    """`adapter up` makes one: the same word, before anything is opened."""
    with pytest.raises(YunhuobanError, match="E-JOIN-063"):
        Node(CountySettings.load(folder))
    assert not list(folder.glob("*.sqlite"))


@pytest.mark.parametrize("name", ["anchors.pem", "signing.pem"])
def test_a_joined_county_that_lost_a_file_is_told_which(folder: Path, name: str) -> None:
    """Where either is, it has joined or is given its files by hand: whoever misses one names it."""
    (folder / "certs").mkdir()
    (folder / "certs" / name).touch()
    joined.require(CountySettings.load(folder))
    found = CliRunner().invoke(cli.app, ["card", "-d", str(folder)])
    assert isinstance(found.exception, YunhuobanError)
    assert found.exception.code.code == "E-CERT-001"
