"""Fixtures for the hub's other store: one private PostgreSQL node per run, a database of its own for each test.

Registered once for the run in `tests/conftest.py`. Debian's binaries run as an ordinary process in a folder of their
own, on a Unix socket and a free port of loopback, with `fsync` on, and are ended by process id. Its collation is that
of a Chinese county's server, not of a developer's machine: text sorts otherwise than by bytes there. No PostgreSQL on
a laptop is a skip; no PostgreSQL in CI is a failure.
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

import psycopg
import pytest

from tests.brokers import free_port

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
ACCOUNT = "postgres"
"""Who runs it when the tests run as root, which PostgreSQL refuses."""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",  # each test has a fresh database; nothing is worth cleaning
    "log_min_messages": "warning",
}


@dataclass(kw_only=True)
class PostgresNode:
    """A private PostgreSQL: `start`, `kill`, `stop`; `url(name)` is a database's URL as hub.toml would have it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls) -> "PostgresNode":
        """Initialise a cluster in a folder that its account may enter (pytest's own folders are closed to it)."""
        node = cls(folder=Path(tempfile.mkdtemp(prefix="yhb-postgres-")))
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(node.folder, account.pw_uid, account.pw_gid)
        node.run(
            "initdb", "--pgdata", str(node.data), "--username", ACCOUNT, "--auth", "trust", "--encoding", "UTF8",
            "--no-locale", "--locale-provider", "icu", "--icu-locale", "zh-CN", "--no-instructions", "--no-sync",
        )  # fmt: skip
        return node

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.folder / "data"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end, as the right account."""
        command = [str(PROGRAMS / program), *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self._account())
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it and wait until it answers; after a kill this includes its recovery."""
        options = [f"-c{name}={value}" for name, value in (SETTINGS | self.settings).items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(PROGRAMS / "postgres"),
                    "-D",
                    str(self.data),
                    "-p",
                    str(self.port),
                    "-k",
                    str(self.folder),
                    *options,
                ],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **self._account(),
            )
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text(encoding="utf-8")
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """SIGKILL the whole server: postmaster and the processes that serve connections, which are its children."""
        assert self.process is not None
        server = self.process.pid
        children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
        for number in (server, *map(int, children)):
            os.kill(number, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it, breaking off connections, and remove everything."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": PostgreSQL 15, 19.5
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """A database's URL."""
        return f"postgresql+psycopg://{ACCOUNT}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Do something to the cluster itself."""
        with psycopg.connect(
            host=str(self.folder), port=self.port, user=ACCOUNT, dbname="postgres", autocommit=True, connect_timeout=5
        ) as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template1") -> str:
        """A new database, empty or a copy of another to which nobody is connected; returns its name."""
        name = f"hub_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _account(self) -> dict[str, str]:
        return {"user": ACCOUNT, "group": ACCOUNT} if os.geteuid() == 0 else {}


def require_postgres() -> None:
    """Skip without PostgreSQL, or fail where it must be."""
    if not (PROGRAMS / "postgres").exists():
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and this is CI")
        pytest.skip("PostgreSQL is not installed")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresNode]:
    """One node for the whole run."""
    require_postgres()
    node = PostgresNode.make()
    try:
        node.start()
        yield node
    finally:
        node.stop()
