"""`make demo` as a person sees it: on a terminal, to the second license that waits for a click, and Ctrl-C."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.demo.stage import ROOT
from tests.brokers import require_broker
from tests.printers import require_printer

_LIMIT_SECONDS = 240


@pytest.mark.timeout(400)
@pytest.mark.parametrize("short", ["1", pytest.param("", marks=pytest.mark.long)])
def test_the_demonstration_on_a_terminal(tmp_path: Path, short: str) -> None:
    """One license by itself with its seconds and its proof; a second one waits at the desk; Ctrl-C ends everything.

    The long one plays the groups and what is around a case besides, each part in its row.
    """
    require_broker()
    require_printer()
    folder = tmp_path / "demo"
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.demo"],
        cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, close_fds=True, start_new_session=True,
        env=os.environ
        | {"DEMO_FOLDER": str(folder), "COLUMNS": "160", "TERM": "dumb", "CASES": "1", "ONCE": "", "SHORT": short},
    )  # fmt: skip
    os.close(slave)
    try:
        said = _until(master, process, "Ctrl-C 停止")
        assert re.search(r"从本地收件到证照打印 \d+\.\d 秒", said), said
        assert "存证文件已离线核验" in said
        assert ("一件事全部办成" in said) == (not short)
        assert re.search(r"print desk +http://127\.0\.0\.1:\d+/\?token=", said), said
        assert [path.suffix for path in (folder / "printed").iterdir()] == [".pdf"]
        assert sorted(path.name for path in (folder / "proof").iterdir())[1] == "trust.json"
        process.send_signal(signal.SIGINT)
        assert "已停止" in _until(master, process, "已停止")
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        os.close(master)
    assert _named(folder) == []


def _until(master: int, process: subprocess.Popen[bytes], words: str) -> str:
    said = b""
    deadline = time.monotonic() + _LIMIT_SECONDS
    while words.encode() not in said:
        assert time.monotonic() < deadline, said.decode(errors="replace")
        ready, _, _ = select.select([master], [], [], 1)
        if ready:
            try:
                said += os.read(master, 65536)
            except OSError:  # the other end is closed: the program has ended
                break
        elif process.poll() is not None:
            break
    return said.decode(errors="replace")


def _named(folder: Path) -> list[str]:
    """Processes that still name the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace") if entry.name.isdigit() else ""
        except OSError:
            continue
        if str(folder) in command and int(entry.name) != os.getpid():
            found.append(command)
    return found
