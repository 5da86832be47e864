"""The unit that `hub unit` writes, as systemd itself reads and weighs it."""

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub import cli
from hub.service import unit
from hub.settings import HubSettings
from schemas.errors import YunhuobanError
from tests.systemd_analyze import analyze

SHIPPED = Path(__file__).resolve().parents[4] / "deploy" / "systemd"
MOST_EXPOSED = 18
"""Tenths of systemd's own measure of what a service could do to its machine: it has 17, and 20 is still "OK"."""


def written(folder: Path, program: Path, *, user: str = "hub", workers: int = 2, **changes: Any) -> str:
    """The unit for these settings."""
    return unit.text(HubSettings(folder=folder, **changes), program=program, user=user, workers=workers)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """An installed hub."""
    made = tmp_path / "venv" / "bin" / "hub"
    made.parent.mkdir(parents=True)
    made.write_text("#!/bin/sh\n", encoding="ascii")
    made.chmod(0o755)
    return made


def test_systemd_reads_what_is_written_and_weighs_it(tmp_path: Path, program: Path) -> None:
    """Every directive is known to Debian 12's systemd, and what the hub could do to its machine is little."""
    file = tmp_path / unit.NAME
    file.write_text(written(tmp_path, program, user="daemon"), encoding="utf-8")
    read = analyze("verify", "--man=no", str(file))
    assert (read.returncode, read.stdout + read.stderr) == (0, "")
    weighed = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(file))
    assert weighed.returncode == 0, weighed.stdout[-400:]


def test_the_shipped_unit_is_the_one_that_the_command_writes() -> None:
    """Who copies it by hand gets the same, with the usual places in it."""
    own = resources.files("hub.service").joinpath(unit.NAME).read_text(encoding="utf-8")
    assert SHIPPED.joinpath(unit.NAME).read_text(encoding="utf-8") == own


def test_the_places_are_this_machines(tmp_path: Path, program: Path) -> None:
    """Program, folder, user and workers; a store outside the folder may be written, and nothing else may."""
    folder, store = tmp_path / "hub", tmp_path / "store" / "hub.sqlite"
    lines = written(folder, program, workers=4, store_url=f"sqlite:///{store}").splitlines()
    for line in (
        f"ExecStart={program} up --workers 4",
        f"Environment=YHB_HUB_FOLDER={folder}",
        f"WorkingDirectory={folder}",
        "User=hub",
        f"ReadWritePaths={folder} {store.parent}",
        "ProtectHome=true",
        "CapabilityBoundingSet=",
    ):
        assert line in lines
    for url in ("", f"sqlite:///{folder}/x.sqlite", "postgresql+psycopg://hub@db/yunhuoban", "not a url://"):
        assert f"ReadWritePaths={folder}" in written(folder, program, store_url=url).splitlines()


@pytest.mark.parametrize(
    "changes",
    [
        {"broker": {"management_password_file": "/home/ops/password"}},
        {"scanning": {"port": 28444, "key": "/root/scanning.key"}},
        {"store_url": "sqlite:////home/ops/hub.sqlite"},
    ],
)
def test_what_lies_at_home_can_be_read(tmp_path: Path, program: Path, changes: dict[str, Any]) -> None:
    """A key or password under /home is closed to a service unless its unit says so."""
    assert "ProtectHome=read-only" in written(tmp_path, program, **changes).splitlines()


@pytest.mark.parametrize(
    ("changes", "capability"),
    [
        ({"scanning": {"port": 443}}, "CAP_NET_BIND_SERVICE"),
        ({"joining": {"port": 443}}, "CAP_NET_BIND_SERVICE"),
        ({"web": {"address": "10.8.0.4", "port": 443, "names": ["hub.example.cn"]}}, "CAP_NET_BIND_SERVICE"),
        ({"web": {"port": 443}, "scanning": {"port": 28444}}, ""),
    ],
)
def test_a_low_port_needs_one_capability_and_no_more(
    tmp_path: Path, program: Path, changes: dict[str, Any], capability: str
) -> None:
    """Browsers expect 443; a page that is not opened, or has a higher port, leaves the hub without any."""
    lines = written(tmp_path, program, **changes).splitlines()
    for name in ("CapabilityBoundingSet", "AmbientCapabilities"):
        assert f"{name}={capability}" in lines


@pytest.mark.parametrize("name", ["/srv/our hub", "/srv/50%", '/srv/"x"', "/srv/a:b"])
def test_a_name_that_systemd_would_read_otherwise_is_refused(program: Path, name: str) -> None:
    """E-CONF-004, instead of a unit that starts something else or nothing."""
    with pytest.raises(YunhuobanError) as refused:
        written(Path(name), program)
    assert (refused.value.code.code, refused.value.found) == ("E-CONF-004", name)


def test_without_an_installation_there_is_no_unit(tmp_path: Path) -> None:
    """E-CONF-005 from a checkout: a service must not depend on one."""
    with pytest.raises(YunhuobanError) as refused:
        written(tmp_path, tmp_path / "hub")
    assert refused.value.code.code == "E-CONF-005"


def test_the_command_writes_it_for_the_folders_owner(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the unit on standard output, to be led into a file; asked for by root, it runs as the owner."""
    monkeypatch.setattr("sys.executable", str(program.with_name("python")))
    found = CliRunner().invoke(cli.app, ["unit", "-d", str(tmp_path), "--workers", "3"])
    assert found.exit_code == 0
    assert found.stdout == written(tmp_path, program, user=tmp_path.owner(), workers=3)
