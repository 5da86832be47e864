"""The unit that `adapter unit` writes, as systemd itself reads it, and those that lie in `deploy/systemd`."""

import getpass
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters import cli
from adapters.countyit.service import unit
from adapters.settings import CountySettings
from schemas.errors import YunhuobanError
from tests.systemd_analyze import analyze

SHIPPED = Path(__file__).resolve().parents[4] / "deploy" / "systemd"
MOST_EXPOSED = 20
"""Tenths of systemd's own measure of what a service could do to its machine: 20 is what it calls OK and better."""


def settings(folder: Path, **changes: Any) -> CountySettings:
    """A county's settings in this folder."""
    said = {
        "division_code": "130928", "name": "吴桥县", "mapping": folder, "local_read": "", "local_write": "",
        "authority": {"name": "局", "code": "11140881MB0000000U"},
    }  # fmt: skip
    return CountySettings(folder=folder, **said | changes)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """An installed adapter."""
    made = tmp_path / "venv" / "bin" / "adapter"
    made.parent.mkdir(parents=True)
    made.write_text("#!/bin/sh\n", encoding="ascii")
    made.chmod(0o755)
    return made


def test_a_low_port_for_the_hall_needs_one_capability_and_no_more(tmp_path: Path, program: Path) -> None:
    """Browsers expect 443; a page on a higher port, or none, leaves the node without any; a key at home is read."""
    hall = {"address": "10.1.2.3", "port": 443, "names": ["hall.example.cn"]}
    own = {"certificate": "/home/it/hall.crt", "key": "/home/it/hall.key"}
    user = getpass.getuser()
    for page, capabilities in ((hall | own, "CAP_NET_BIND_SERVICE"), (hall | {"port": 8443}, ""), (None, "")):
        text = unit.text(settings(tmp_path, hall_page=page), program=program, user=user)
        for name in ("CapabilityBoundingSet", "AmbientCapabilities"):
            assert f"\n{name}={capabilities}\n" in text
        assert ("ProtectHome=read-only" in text) is (page == hall | own)
        file = tmp_path / unit.NAME
        file.write_text(text, encoding="utf-8")
        read = analyze("verify", "--man=no", str(file))
        assert (read.returncode, read.stdout + read.stderr) == (0, "")
        weighed = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED + 1}", "--no-pager", str(file))
        assert weighed.returncode == 0, weighed.stdout


def test_systemd_reads_what_is_written_without_a_word(tmp_path: Path, program: Path) -> None:
    """Every directive is known to Debian 12's systemd, and what the service could do to its machine is little."""
    file = tmp_path / unit.NAME
    file.write_text(unit.text(settings(tmp_path), program=program, user=getpass.getuser()), encoding="utf-8")
    read = analyze("verify", "--man=no", str(file))
    assert (read.returncode, read.stdout + read.stderr) == (0, "")
    weighed = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(file))
    assert weighed.returncode == 0, weighed.stdout[-400:]


@pytest.mark.parametrize("name", sorted(each.name for each in SHIPPED.iterdir()))
def test_systemd_reads_every_unit_that_is_shipped(tmp_path: Path, program: Path, name: str) -> None:
    """The hub's and the county's, with programs that are there in place of those that an installation has."""
    for each in SHIPPED.iterdir():
        text = re.sub(r"^(Exec\w+=)/\S+", rf"\g<1>{program}", each.read_text(encoding="utf-8"), flags=re.MULTILINE)
        tmp_path.joinpath(each.name).write_text(text, encoding="utf-8")
    read = analyze("verify", "--man=no", str(tmp_path / name))
    assert (read.returncode, read.stdout + read.stderr) == (0, "")


def test_the_shipped_unit_is_the_one_that_the_command_writes() -> None:
    """Who copies it by hand gets the same, with the usual places in it."""
    own = resources.files("adapters.countyit.service").joinpath(unit.NAME).read_text(encoding="utf-8")
    assert SHIPPED.joinpath(unit.NAME).read_text(encoding="utf-8") == own


def test_the_unit_lets_children_shut_themselves_in() -> None:
    """What looks at strangers' files confines itself by Landlock, which systemd's own set of calls leaves out."""
    written = SHIPPED.joinpath(unit.NAME).read_text(encoding="utf-8")
    for call in ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"):
        assert call in written


def test_the_places_are_this_machines(tmp_path: Path, program: Path) -> None:
    """Program, folder and user; what is exchanged outside the folder may be written, and nothing else may."""
    exchange, local = tmp_path / "exchange", tmp_path / "hall" / "hall.db"
    folder = tmp_path / "county"
    written = unit.text(
        settings(folder, local_read=f"sqlite:///{local}", local_write=str(exchange)), program=program, user="clerk"
    )
    lines = written.splitlines()
    for line in (
        f"ExecStart={program} up",
        f"Environment=YHB_COUNTY_FOLDER={folder}",
        f"WorkingDirectory={folder}",
        "User=clerk",
        f"ReadWritePaths={folder} {local.parent} {exchange}",
        "ProtectHome=true",
    ):
        assert line in lines
    server = settings(folder, local_read="oracle://hall", local_write="mysql+pymysql://u@h/d", store_url="not a url://")
    assert f"ReadWritePaths={folder}" in unit.text(server, program=program, user="clerk").splitlines()
    for at_home in (settings(Path("/home/it/county")), settings(folder, mapping=Path("/root/mapping"))):
        assert "ProtectHome=read-only" in unit.text(at_home, program=program, user="it").splitlines()


@pytest.mark.parametrize("name", ["/srv/our county", "/srv/50%", '/srv/"x"', "/srv/a:b"])
def test_a_name_that_systemd_would_read_otherwise_is_refused(program: Path, name: str) -> None:
    """E-NODE-010, instead of a unit that starts something else or nothing."""
    with pytest.raises(YunhuobanError) as refused:
        unit.text(settings(Path(name)), program=program, user="clerk")
    assert (refused.value.code.code, refused.value.found) == ("E-NODE-010", name)


def test_without_an_installation_there_is_no_unit(tmp_path: Path) -> None:
    """E-NODE-011 from a checkout: a service must not depend on one."""
    with pytest.raises(YunhuobanError) as refused:
        unit.text(settings(tmp_path), program=tmp_path / "adapter", user="clerk")
    assert refused.value.code.code == "E-NODE-011"


def test_the_command_writes_it_for_the_folders_owner(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the unit on standard output, to be led into a file; asked for by root, it runs as the owner."""
    tmp_path.joinpath("county.toml").write_text(
        f'division_code = "130928"\nname = "吴桥县"\nmapping = "{tmp_path}"\nlocal_read = ""\nlocal_write = ""\n'
        '[authority]\nname = "局"\ncode = "11140881MB0000000U"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr("sys.executable", str(program.with_name("python")))
    found = CliRunner().invoke(cli.app, ["unit", "-d", str(tmp_path)])
    assert found.exit_code == 0
    assert found.stdout == unit.text(CountySettings.load(tmp_path), program=program, user=tmp_path.owner())
