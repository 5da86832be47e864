"""A private MariaDB per run, for what a county's own system may be: `county_mariadb`, a database of its own per test.

Debian's binaries run as an ordinary process in a folder of their own, on a Unix socket and a free port of loopback,
and are ended by process id. Its clock is UTC's and its SQL mode the lax one, as on many an old server in a hall: what
the county side needs it has to set for itself. No MariaDB on a laptop is a skip; no MariaDB in CI is a failure.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pymysql
import pytest

from tests.brokers import free_port

SERVER = Path("/usr/sbin/mariadbd")
INSTALL = Path("/usr/bin/mariadb-install-db")
SMALL = (
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=16M",
    "--innodb-fast-shutdown=2",
    "--skip-name-resolve",
)


@dataclass(kw_only=True)
class MariaNode:
    """A private MariaDB: `start`, `kill`, `stop`; `url(name)` is a database's URL as county.toml would have it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def make(cls) -> "MariaNode":
        """Initialise its folder."""
        node = cls(folder=Path(tempfile.mkdtemp(prefix="yhb-maria-")))
        command = [
            *(str(INSTALL), "--no-defaults", f"--datadir={node.data}", f"--user={node.account}", "--skip-test-db"),
            *("--auth-root-authentication-method=normal", *SMALL),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        return node

    @property
    def account(self) -> str:
        """Whose process it is: it refuses to be root's unless told so."""
        return pwd.getpwuid(os.geteuid()).pw_name

    @property
    def data(self) -> Path:
        """Where it keeps everything."""
        return self.folder / "data"

    def start(self) -> None:
        """Start it and wait until it answers; after a kill this includes its recovery."""
        command = [
            *(str(SERVER), "--no-defaults", f"--datadir={self.data}", f"--user={self.account}"),
            *(f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.folder / 'socket'}"),
            *(f"--pid-file={self.folder / 'pid'}", "--sql-mode=", "--default-time-zone=+00:00"),
            *("--character-set-server=utf8mb4", *SMALL),
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
            try:
                self.execute("SELECT 1")
            except pymysql.OperationalError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text(encoding="utf-8")
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """SIGKILL it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it and remove everything."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, account: str = "root") -> str:
        """A database's URL. The server has no certificate, and PyMySQL would read the machine's each time to ask."""
        return f"mariadb://{account}@127.0.0.1:{self.port}/{database}?ssl_disabled=true"

    def execute(self, statement: str) -> None:
        """Do something to the server itself."""
        with (
            pymysql.connect(
                unix_socket=str(self.folder / "socket"), user="root", autocommit=True, ssl_disabled=True
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def create(self) -> str:
        """A new empty database; returns its name."""
        name = f"hall_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database."""
        self.execute(f"DROP DATABASE IF EXISTS {database}")


@pytest.fixture(scope="session")
def county_mariadb() -> Iterator[MariaNode]:
    """One node for the whole run."""
    if not SERVER.exists() or not INSTALL.exists():
        if os.environ.get("CI"):
            pytest.fail("MariaDB is not installed, and this is CI")
        pytest.skip("MariaDB is not installed")
    node = MariaNode.make()
    try:
        node.start()
        yield node
    finally:
        node.stop()
