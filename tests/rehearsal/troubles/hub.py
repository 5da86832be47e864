"""Troubles of the hub itself: a process that dies again and again, its disk, its store, its lists, its backup."""

import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

from deploy.demo.stage import ROOT
from hub.observing import workers
from hub.observing.workers import Roll
from tests.rehearsal.readiness import until_ready
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles.trouble import Trouble

_LIST_AGE = timedelta(days=8)
_LEFT_SHARE = 16
_BEGUN_SECONDS = 90.0
_BALLAST_BYTES = 3 * 2**30


def worker_dies(stage: Stage) -> Trouble:
    """The admission worker is killed as soon as it is there, as by a machine that has no memory left."""
    ending = threading.Event()

    def begin() -> None:
        def go_on() -> None:
            while not ending.wait(0.2):
                stage.kill(stage.processes("run", "admission"))

        stage.kill(stage.processes("run", "admission"))
        threading.Thread(target=go_on, name="killer", daemon=True).start()

    return Trouble(
        name="worker-killed",
        title="受理进程一再被杀死 / the admission worker is killed again and again",
        kind="worker-died",
        place="受理进程",
        on_page="受理进程没有在工作",
        begin=begin,
        end=ending.set,
    )


def worker_gone(stage: Stage) -> Trouble:
    """A second pump of attachments, which nothing starts again, is killed; the first goes on with all the work."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        words = ["run", "parts", "--index", "1", "--count", "2", "-d", str(stage.hub)]
        started.append(subprocess.Popen([sys.executable, "-m", "hub", *words], cwd=ROOT, stdout=subprocess.DEVNULL))
        both = Roll(there=2, gone=0)
        until_ready(
            lambda: stage.at_work("parts") == both, lambda: f"hub run parts: {stage.at_work('parts')}", _BEGUN_SECONDS
        )

    def begin() -> None:
        start()
        started[-1].kill()
        started[-1].wait()

    def end() -> None:
        start()
        started[-1].terminate()  # what is stopped in order is not missed
        started[-1].wait()

    return Trouble(
        name="worker-gone",
        title="两个附件进程死了一个 / one of two pumps of attachments is killed and not started again",
        kind="worker-died",
        place="2 个中少了 1 个",
        on_page="附件进程本来有 2 个，现在少了 1 个",
        begin=begin,
        end=end,
        page_grace_seconds=workers.SILENT.total_seconds(),
        more_grace_seconds=workers.SILENT.total_seconds(),
    )


def disk_full(stage: Stage) -> Trouble:
    """Less than a tenth of the hub's disk is free."""
    volume, ballast = stage.volumes["hub"], stage.hub / "old-logs"

    def begin() -> None:
        with ballast.open("wb") as file:  # so that a few hundredths are still room for minutes of work
            os.posix_fallocate(file.fileno(), 0, _BALLAST_BYTES)
        volume.fill(left_bytes=volume.used_bytes() // _LEFT_SHARE)

    def end() -> None:
        volume.free()
        ballast.unlink()

    return Trouble(
        name="disk",
        title="中枢的磁盘快满了 / the hub's disk is nearly full",
        kind="disk",
        place="中枢",
        on_page="磁盘",
        begin=begin,
        end=end,
    )


def store_locked(stage: Stage) -> Trouble:
    """Another program has begun to write into the database and does not end."""
    held: list[sqlite3.Connection] = []

    def begin() -> None:
        held.append(
            sqlite3.connect(stage.hub / "hub.sqlite", timeout=60, isolation_level=None, check_same_thread=False)
        )
        held[-1].execute("BEGIN IMMEDIATE")

    return Trouble(
        name="store-locked",
        title="数据库被锁住，写不进去 / the database is locked and cannot be written",
        kind="store",
        place="中枢",
        on_page="数据库",
        begin=begin,
        end=lambda: held.pop().close(),
        alone=True,
    )


def lists_late(stage: Stage) -> Trouble:
    """The newest revocation list that came is eight days old."""
    return Trouble(
        name="revocation-list",
        title="吊销列表没有按时更新 / the revocation list is late",
        kind="revocation-list",
        place="中枢",
        on_page="吊销列表",
        begin=lambda: stage.publish_lists(datetime.now(UTC) - _LIST_AGE),
        end=lambda: stage.publish_lists(datetime.now(UTC)),
    )


def backup_old(stage: Stage, backup_seconds: float) -> Trouble:
    """The timer makes no backup any more."""
    return Trouble(
        name="backup-old",
        title="备份太旧 / the last backup is too old",
        kind="backup",
        place="中枢",
        on_page="备份",
        begin=stage.back_up,
        end=stage.back_up,
        page_grace_seconds=backup_seconds,
        more_grace_seconds=backup_seconds,
    )
