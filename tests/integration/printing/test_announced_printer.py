"""A printer that announces itself is found: real mDNS by avahi, on this machine's loopback only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.hall.printers import finding
from tests.awaiting import until
from tests.brokers import free_port

PROGRAMS = ("avahi-daemon", "avahi-browse", "dbus-daemon", "ippeveprinter", "unshare")
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={bus}</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""
AVAHI = """[server]
host-name=yunhuoban-test
use-ipv6=no
allow-interfaces=lo
[publish]
publish-workstation=no
"""

pytestmark = [
    pytest.mark.long,  # the short slice: what avahi-browse printed is read, tests/unit/adapters/printers
    pytest.mark.skipif(os.geteuid() != 0, reason="avahi in a folder of its own needs root"),
    pytest.mark.skipif(
        not all(shutil.which(each, path=f"{os.environ['PATH']}:/usr/sbin") for each in PROGRAMS),
        reason="avahi-daemon or avahi-utils is not installed",
    ),
]


@pytest.fixture
def announcing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A printer, an mDNS responder and a bus of their own; gives the printer's address."""
    bus, port = tmp_path / "bus", free_port()
    (tmp_path / "bus.conf").write_text(BUS.format(bus=bus), encoding="utf-8")
    (tmp_path / "avahi.conf").write_text(AVAHI, encoding="utf-8")
    (tmp_path / "spool").mkdir()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={bus}")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin")
    # Its own /run/avahi-daemon: one that the machine may run already keeps its own.
    avahi = 'mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon && exec avahi-daemon -f "$0" '
    with ExitStack() as stack:

        def run(*command: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process

        run("dbus-daemon", f"--config-file={tmp_path / 'bus.conf'}", "--nofork")
        until(bus.exists)
        options = "--no-drop-root --no-chroot --no-rlimits"
        run("unshare", "-m", "bash", "-c", avahi + options, str(tmp_path / "avahi.conf"))
        until(lambda: browsed() is not None)
        run("ippeveprinter", "-p", str(port), "-d", str(tmp_path / "spool"), "-f", "application/pdf", "大厅打印机")
        yield f"ipp://127.0.0.1:{port}/ipp/print"


def browsed() -> str | None:
    """What avahi-browse says; none as long as nothing answers it."""
    told = subprocess.run(["avahi-browse", "-rtp", "_ipp._tcp"], capture_output=True, check=False, timeout=20)
    return told.stdout.decode() if told.returncode == 0 else None


def test_what_a_printer_announces_leads_to_it(announcing: str) -> None:
    """Its address with the path that it names; the command asks it and shows what it is."""
    until(lambda: announcing in finding.announced())
    shown = CliRunner(env={"COLUMNS": "250"}).invoke(app, ["printer", "find", "--dns-sd"])
    assert shown.exit_code == 0, shown.output
    assert announcing in shown.output
