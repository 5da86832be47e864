"""A private OpenSSH server per run, for folders behind SFTP: `sshd`, reached with the key in `sshd.key`.

Debian's sshd runs as an ordinary process with host keys, configuration and authorised keys of its own, on a free port
of loopback, and is ended by process id. No sshd on a laptop is a skip; no sshd in CI is a failure.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.brokers import free_port

SERVER = Path("/usr/sbin/sshd")
SEPARATION = Path("/run/sshd")
"""Where an sshd of root's wants an empty folder; the service would make it, and no service is started here."""


@dataclass(kw_only=True)
class SshServer:
    """A private sshd: `start`, `kill`, `stop`; `address(folder)` is a folder's, as county.toml would have it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def make(cls) -> "SshServer":
        """Keys and configuration."""
        server = cls(folder=Path(tempfile.mkdtemp(prefix="yhb-sshd-")))
        for name in ("host", "key", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(server.folder / name)]
            subprocess.run(command, check=True, capture_output=True)
        shutil.copy(server.folder / "key.pub", server.folder / "authorised")
        lines = (
            f"Port {server.port}", "ListenAddress 127.0.0.1", f"HostKey {server.folder / 'host'}", "PidFile none",
            f"AuthorizedKeysFile {server.folder / 'authorised'}", "StrictModes no", "PermitRootLogin yes", "UsePAM no",
            "PasswordAuthentication yes", "Subsystem sftp internal-sftp", "LogLevel ERROR",
        )  # fmt: skip
        (server.folder / "config").write_text("\n".join((*lines, "")), encoding="ascii")
        return server

    @property
    def key(self) -> Path:
        """The key that it lets in."""
        return self.folder / "key"

    @property
    def stranger(self) -> Path:
        """A key that it does not."""
        return self.folder / "stranger"

    @property
    def pin(self) -> str:
        """Its host key's fingerprint, as a person would read it out."""
        command = ["ssh-keygen", "-lf", str(self.folder / "host.pub")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]

    def address(self, folder: Path) -> str:
        """A folder of this machine, seen through it."""
        return f"sftp://{pwd.getpwuid(os.geteuid()).pw_name}@127.0.0.1:{self.port}{folder}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        if os.geteuid() == 0:
            SEPARATION.mkdir(mode=0o755, exist_ok=True)
        command = [str(SERVER), "-D", "-e", "-f", str(self.folder / "config")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    assert probe.recv(4) == b"SSH-"
                    return
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text(encoding="utf-8")
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL it, and what serves its connections."""
        assert self.process is not None
        for number in (*_below(self.process.pid), self.process.pid):
            os.kill(number, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it and remove everything."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _below(number: int) -> list[int]:
    children = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
    return [each for child in map(int, children) for each in (*_below(child), child)]


@pytest.fixture(scope="session")
def sshd() -> Iterator[SshServer]:
    """One server for the whole run."""
    if not SERVER.exists():
        if os.environ.get("CI"):
            pytest.fail("openssh-server is not installed, and this is CI")
        pytest.skip("openssh-server is not installed")
    server = SshServer.make()
    try:
        server.start()
        yield server
    finally:
        server.stop()
