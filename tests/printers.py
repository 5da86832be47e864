"""Fixtures for printing: a private real printer, a print ledger in SQLite, and authorisations to put into it.

Registered once for the run in `tests/conftest.py`. No printer on a laptop is a skip; no printer in CI is a failure.
"""

import contextlib
import hashlib
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from adapters.hall.stock.tables import BALANCES, COUNT_DIFFERENCES, COUNTS, EVENTS, KINDS, RECEIPTS, RUNS, SERIES
from adapters.printing.ipp import Activity, Printer
from adapters.printing.ledger import Authorisation
from adapters.printing.tables import PRINTS, SHEETS, CopyKind
from deploy.demo.printer import DemoPrinter, Fault, missing_programs
from tests.awaiting import until

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

    stock = [KINDS, SERIES, RECEIPTS, EVENTS, RUNS, BALANCES, COUNTS, COUNT_DIFFERENCES]
    PRINTS.metadata.create_all(engine, tables=[PRINTS, SHEETS, *stock])
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


@pytest.fixture(scope="session")
def printer_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoPrinter]:
    """Give one printer to all tests that leave it alive."""
    require_printer()
    with DemoPrinter(tmp_path_factory.mktemp("printer"), free_port()) as printer:
        yield printer


@pytest.fixture
def steady_printer(printer_of_the_run: DemoPrinter) -> Iterator[DemoPrinter]:
    """Give it idle, without a fault, with an empty tray."""
    (printer_of_the_run.folder / "sheets.jsonl").unlink(missing_ok=True)
    yield printer_of_the_run
    printer_of_the_run.set_fault(Fault.NONE)
    idle(printer_of_the_run)


def idle(printer: DemoPrinter) -> None:
    """Wait until it has nothing to do; in a thread, because a browser's event loop may run in this one."""
    door = Printer(printer.url, timeout_seconds=5)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(awaiting, lambda: door.state().activity is Activity.IDLE).result()


def awaiting(condition: Callable[[], bool]) -> None:
    """Wait for a condition of another process, half a minute at most."""
    until(condition, 30.0)


class Wire:
    """A wire to a printer that a test can cut: in the middle of a document, or before its answer.

    `cut` is what happens to the next document: nothing, "middle", "answer", "late" (it reaches the printer only after
    the printer was asked about it) or "nonsense", which answers everything from then on. Questions pass otherwise.
    """

    def __init__(self, printer: DemoPrinter) -> None:
        self._to = ("127.0.0.1", printer.port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"ipp://127.0.0.1:{self._server.getsockname()[1]}/ipp/print"
        self.cut = ""
        self.is_mad = False
        self._answered = threading.Semaphore(0)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._pass, args=(self._server.accept()[0],), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._to) as far, contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                request += near.recv(65536)
            head, _, body = request.partition(b"\r\n\r\n")
            size = int(re.findall(rb"Content-Length: (\d+)", head)[0])
            while len(body) < size:
                body += near.recv(65536)
            cut = self.cut if body[2:4] == b"\x00\x02" else ""  # Print-Job
            self.is_mad |= cut == "nonsense"
            if cut == "middle":
                far.sendall(head + b"\r\n\r\n" + body[: size - len(PDF) // 2])
                return
            if cut == "late":
                self._answered = threading.Semaphore(0)
                near.close()
                for _ in range(2):  # whether it has the job, ended or not
                    self._answered.acquire(timeout=20)
            far.sendall(head + b"\r\n\r\n" + body)
            if cut in {"answer", "late"}:
                far.recv(1)  # the printer has it
                return
            if self.is_mad:
                far.recv(1)
                near.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x02\x00\x00\x00\x00\x00\x00\x01\x7f")
                return
            while answer := far.recv(65536):
                near.sendall(answer)
                self._answered.release()


def require_printer() -> None:
    """Skip, or fail in CI, where ippeveprinter or dbus-daemon is not installed."""
    missing = missing_programs()
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must have {missing}")
    if missing:
        pytest.skip(f"not installed: {missing}")
