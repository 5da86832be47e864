"""The demonstration's license printer: Debian's ippeveprinter with A3 and A4, on a private D-Bus.

ippeveprinter wants a system bus even when it announces nothing (`-r off`); it gets one of its own, so neither the
machine's D-Bus nor its CUPS is touched. It listens on localhost only. Every sheet that comes out is one JSON line in
`<folder>/sheets.jsonl` (see `sheet.py`). Faults are set while it runs. Run as a program it prints until Ctrl-C:
`python -m deploy.demo.printer FOLDER PORT`.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from adapters.printing.ipp import Printer
from adapters.printing.troubles import PrinterUnreachableError

PROGRAMS: Final = ("ippeveprinter", "dbus-daemon")  # Debian: cups-ipp-utils, dbus-daemon
_PATH: Final = os.defpath + ":/usr/sbin:/sbin"  # ippeveprinter lies in /usr/sbin


class Fault(StrEnum):
    """What goes wrong with the next jobs, until `none`."""

    NONE = "none"
    PAPER_EMPTY = "paper-empty"  # waits with media-empty-error until the fault is taken away, then prints
    JAM_CLEARED = "jam-cleared"  # the same with media-jam-error
    DOOR_OPEN = "door-open"  # the same with cover-open-error
    TONER_EMPTY = "toner-empty"  # the same with toner-empty-error
    TONER_LOW = "toner-low"  # prints, and says that 4 % are left
    JAM = "jam"  # media-jam-error, job aborted, no sheet
    ABORT = "abort"  # job aborted, no sheet
    SLOW = "slow"  # stays busy until the fault is taken away, then prints
    HANG_THEN_DIE = "hang-then-die"  # accepts, hangs until `let_die`, then the printer is killed; no sheet
    PRINT_THEN_DIE = "print-then-die"  # the same, but the sheet is out


def missing_programs() -> list[str]:
    """Return the programs this needs and the machine lacks."""
    return [program for program in PROGRAMS if _which(program) is None]


class DemoPrinter:
    """One printer process with its bus, in a folder of its own. A context manager; safe to stop twice.

    `attributes` is an ippeveprinter attributes file; without it the printer takes A4 and A3.
    """

    def __init__(self, folder: Path, port: int, *, attributes: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.url = f"ipp://localhost:{port}/ipp/print"
        self._attributes = attributes or files("deploy.demo") / "printer-a3-a4.conf"
        self._printer: subprocess.Popen[bytes] | None = None
        self._bus: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The printer's process id, None when it is not running."""
        alive = self._printer is not None and self._printer.poll() is None
        return self._printer.pid if alive and self._printer is not None else None

    def start(self, *, ready_limit_seconds: float = 20) -> None:
        """Start bus and printer and wait until it answers over IPP. Raises RuntimeError with the printer's log."""
        for name in ("spool", "sheets", "tls"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "die").unlink(missing_ok=True)
        try:
            self._start(ready_limit_seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the printer with the sheet it is working on, then the bus, each by its own process group."""
        for process in (self._printer, self._bus):
            if process is not None:
                # The sheet script outlives a printer that was killed, and is in its group.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
        self._printer = self._bus = None
        # What is left there is somebody's license.
        shutil.rmtree(self.folder / "spool", ignore_errors=True)

    def kill(self) -> None:
        """Kill the printer where it stands, as a power cut would. The bus stays; `stop` or `restart` follow."""
        if self._printer is not None:
            os.killpg(self._printer.pid, signal.SIGKILL)
            self._printer.wait()

    def restart(self) -> None:
        """Start anew: job numbers begin at 1 again and the printer knows no earlier job."""
        self.stop()
        self.start()

    def set_fault(self, fault: Fault) -> None:
        """Set the fault of the job in hand and of the next ones."""
        new = self.folder / "fault.new"
        new.write_text(fault.value)
        new.replace(self.folder / "fault")

    def let_die(self) -> None:
        """Let the job that hangs take the printer with it."""
        (self.folder / "die").touch()

    def sheets(self) -> list[dict[str, Any]]:
        """Return what came out since the folder was made, one record per sheet."""
        try:
            lines = (self.folder / "sheets.jsonl").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, ready_limit_seconds: float) -> None:
        environment = {"PATH": _PATH, "HOME": str(self.folder), "TMPDIR": str(self.folder), "LANG": "C.UTF-8"}
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._bus.stdout is None:
            raise RuntimeError("dbus-daemon has no output")
        address = self._bus.stdout.readline().decode().strip()
        command = self.folder / "sheet"
        script = files("deploy.demo") / "sheet.py"
        command.write_text(
            f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -IS {shlex.quote(str(script))} "
            f'{shlex.quote(str(self.folder))} "$@"\n'
        )
        command.chmod(0o700)
        with (self.folder / "printer.log").open("wb") as log:
            self._printer = subprocess.Popen(
                [
                    "ippeveprinter", "-r", "off", "-n", "localhost", "-p", str(self.port),
                    "-a", str(self._attributes), "-K", str(self.folder / "tls"),
                    "-d", str(self.folder / "spool"), "-c", str(command), "--no-web-forms", "-vv", "Yunhuoban demo",
                ],
                env={**environment, "DBUS_SYSTEM_BUS_ADDRESS": address},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        (self.folder / "printer.pid").write_text(str(self._printer.pid))
        self._wait_until_ready(ready_limit_seconds)

    def _wait_until_ready(self, limit_seconds: float) -> None:
        deadline = time.monotonic() + limit_seconds
        question = Printer(self.url, timeout_seconds=2)
        while time.monotonic() < deadline and self.pid is not None:
            try:
                question.state()
            except PrinterUnreachableError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the printer does not answer: " + (self.folder / "printer.log").read_text()[-2000:])


def _which(program: str) -> str | None:
    return shutil.which(program, path=_PATH)


def main() -> None:
    """Print until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with DemoPrinter(Path(sys.argv[1]), int(sys.argv[2])) as printer:
        print(printer.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
