"""What the firewall request asks for, read from `county.toml`; how it looks is tried in a browser by the journeys."""

import re
import socket
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters import cli
from adapters.countyit.firewall import needs
from adapters.settings import CountySettings
from schemas.errors import YunhuobanError

TODAY = date(2026, 11, 26)
TOML = """
division_code = "130928"
name = "吴桥县"
mapping = "m"
local_read = ""
local_write = ""
contact = "张工"
time_servers = ["localhost"]
[hub]
urls = ["localhost:25671", "[::1]:5671", "broker.invalid:5671"]
server_hostname = "hub.example.cn"
[authority]
name = "吴桥县行政审批局"
code = "11130928MB00000005"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A county's folder with nothing but its settings: the request is written before anything else works."""
    tmp_path.joinpath("county.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def test_the_ways_are_those_of_the_settings(folder: Path) -> None:
    """Every broker and every time server, with today's addresses; a name that is unknown here (RFC 6761) has none."""
    asked = needs.needs(CountySettings.load(folder), today=TODAY, days=365)
    assert [(way.name, way.port, way.protocol) for way in (*asked.hub, *asked.times)] == [
        ("localhost", 25671, "TCP"), ("::1", 5671, "TCP"), ("broker.invalid", 5671, "TCP"), ("localhost", 123, "UDP"),
    ]  # fmt: skip
    assert "127.0.0.1" in asked.hub[0].addresses
    assert asked.hub[1].addresses == ("::1",)
    assert asked.hub[2].addresses == ()
    assert "127.0.0.1" in asked.own_addresses
    assert (asked.host, asked.server_hostname) == (socket.gethostname(), "hub.example.cn")
    assert (asked.idle_seconds, asked.ends) == (60, date(2027, 11, 26))


def test_a_test_bed_needs_no_firewall(folder: Path) -> None:
    """E-LINK-001: without a broker's address there is nothing to ask for."""
    folder.joinpath("county.toml").write_text(re.sub(r"urls = .*", 'urls = ["memory://"]', TOML), encoding="utf-8")
    with pytest.raises(YunhuobanError) as refused:
        needs.needs(CountySettings.load(folder), today=TODAY, days=365)
    assert refused.value.code.code == "E-LINK-001"


def test_the_command_writes_the_sheet(folder: Path) -> None:
    """Chinese first, English below each sentence, and the name of the file said in both languages."""
    out = folder / "request.html"
    done = CliRunner().invoke(cli.app, ["firewall", "-d", str(folder), "-o", str(out), "--days", "30"])
    assert done.exit_code == 0
    assert done.output.count(str(out)) == 2
    text = out.read_text(encoding="utf-8")
    for part in ("防火墙策略开通申请单", "吴桥县 130928", "broker.invalid", "张工", 'lang="en">Request to open'):
        assert part in text
