"""Fixtures for printing: a private real printer, a print ledger in SQLite, and authorisations to put into it.

Registered once for the run in `tests/conftest.py`. No printer on a laptop is a skip; no printer in CI is a failure.
"""

import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from adapters.printing.ledger import Authorisation
from adapters.printing.tables import PRINTS, SHEETS, CopyKind
from adapters.stock.tables import BALANCES, EVENTS, KINDS, RECEIPTS, RUNS, SERIES
from deploy.demo.printer import DemoPrinter, missing_programs

Transaction = Callable[[], AbstractContextManager[Connection]]

PDF = b"%PDF-1.7\n% a license\n%%EOF\n"


def free_port() -> int:
    """Return a port of localhost that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def authorisation(number: str = "130928-PA-000001", /, **changes: Any) -> Authorisation:
    """Return an authorisation for one A4 duplicate of PDF on real stock, changed as told."""
    plain = Authorisation(
        authorisation_no=number,
        case_no="130928-20261122-000017-C",
        issuing_county="140881",
        target_county="130928",
        hall="130928-H1",
        license_identifier="1.2.156.3005.2.11100000000013127D001.91140881000000001A.001.X",
        license_version=1,
        copy_kind=CopyKind.DUPLICATE,
        copy_no=1,
        stock_kind="business-license-duplicate",
        template="business-license/2019.1",
        sealed_sha256=hashlib.sha256(b"sealed").hexdigest(),
        print_file_sha256=hashlib.sha256(PDF).hexdigest(),
        expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=24),
        trial=False,
    )
    return replace(plain, **changes)


def ledger_engine(path: Path | None = None) -> Engine:
    """Return SQLite with print and stock tables, each transaction begun IMMEDIATE; in memory without a path."""
    url = "sqlite://" if path is None else f"sqlite:///{path}"
    in_memory = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if path is None else {}
    engine = create_engine(url, **in_memory)

    @event.listens_for(engine, "connect")
    def _ours(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    PRINTS.metadata.create_all(engine, tables=[PRINTS, SHEETS, KINDS, SERIES, RECEIPTS, EVENTS, RUNS, BALANCES])
    return engine


@pytest.fixture
def transaction(tmp_path: Path) -> Iterator[Transaction]:
    """Give transactions on a ledger in a file, so that a second station can open what a first one left."""
    engine = ledger_engine(tmp_path / "ledger.sqlite")
    yield engine.begin
    engine.dispose()


@pytest.fixture
def demo_printer(tmp_path: Path) -> Iterator[DemoPrinter]:
    """Give a real printer that takes A4 and A3, with an empty tray."""
    require_printer()
    with DemoPrinter(tmp_path / "printer", free_port()) as printer:
        yield printer


def require_printer() -> None:
    """Skip, or fail in CI, where ippeveprinter or dbus-daemon is not installed."""
    missing = missing_programs()
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must have {missing}")
    if missing:
        pytest.skip(f"not installed: {missing}")
