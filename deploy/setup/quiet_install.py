"""Install Debian packages so that nothing new runs, listens or starts at boot.

As root: ``python3 -B -m deploy.setup.quiet_install NAME…``.

Debian starts and enables a service when its package is installed. While dpkg works, a temporary ``policy-rc.d`` forbids
starting (exit code 101, https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt); it is put back
whatever happens. A service that was there before keeps running and stays enabled: only what is new is disabled.
PostgreSQL would also make a cluster `main` with data in /var/lib and a port of its own, to be started at the next boot;
a temporary setting forbids that (`create_main_cluster`, pg_createcluster(1)). Clusters that are there stay as they are.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from deploy.setup import services

POLICY = Path("/usr/sbin/policy-rc.d")
SAVED_POLICY = Path("/usr/sbin/policy-rc.d.before-yunhuoban")
CLUSTER_SETTING = Path("/etc/postgresql-common/createcluster.d/yunhuoban.conf")
MARK = "written by yunhuoban's set-up; to be removed"
LOCK_WAIT_SECONDS = 900  # unattended-upgrades on a slow machine
LOCK_SENTENCES = ("Could not get lock", "Unable to lock")


class InstallError(Exception):
    """Apt refused, or something new runs; the text is for a person."""


class Interruption:
    """Ctrl-C, SIGTERM and SIGHUP: at once while downloading, after dpkg has finished while it works."""

    def __init__(self) -> None:
        self.deferred = False
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._heard)

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        if not self.deferred:
            raise KeyboardInterrupt
        self.asked = True
        print("正在收尾，请稍候 finishing, so that dpkg is not left half way", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def held_back(self) -> Iterator[None]:
        """Let the body finish; raise KeyboardInterrupt afterwards if somebody asked."""
        self.deferred = True
        try:
            yield
        finally:
            self.deferred = False
        if self.asked:
            raise KeyboardInterrupt


def left_behind() -> bool:
    """Say whether a set-up that was killed has left a file of its own."""
    return _ours(POLICY) or _ours(CLUSTER_SETTING)


def put_back() -> None:
    """Remove our files, if they are there, and bring back the administrator's policy, if there was one."""
    if _ours(POLICY):
        POLICY.unlink()
    if SAVED_POLICY.exists() and not POLICY.exists():
        SAVED_POLICY.rename(POLICY)
    if _ours(CLUSTER_SETTING):
        CLUSTER_SETTING.unlink()
        with contextlib.suppress(OSError):  # the package's own folders are not empty, and stay
            for folder in CLUSTER_SETTING.parents[:2]:
                folder.rmdir()


def _ours(path: Path) -> bool:
    try:
        return MARK in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


@contextlib.contextmanager
def nothing_starts() -> Iterator[None]:
    """Forbid packages to start or restart services, and to make database clusters, while the body runs."""
    put_back()
    try:
        if POLICY.exists() or POLICY.is_symlink():
            POLICY.rename(SAVED_POLICY)
        POLICY.write_text(f"#!/bin/sh\n# {MARK}\nexit 101\n", encoding="ascii")
        POLICY.chmod(0o755)
        CLUSTER_SETTING.parent.mkdir(parents=True, exist_ok=True)
        CLUSTER_SETTING.write_text(f"# {MARK}\ncreate_main_cluster = false\n", encoding="ascii")
        yield
    finally:
        put_back()


def apt_get(*arguments: str) -> None:
    """Run apt-get, waiting for other users of apt; its output is shown only when it fails.

    :raises InstallError: apt-get failed, or the lock was not free within `LOCK_WAIT_SECONDS`.
    """
    settings = (f"DPkg::Lock::Timeout={LOCK_WAIT_SECONDS}", "Dpkg::Use-Pty=0")
    command = ["apt-get", "-qy", *(f"--option={setting}" for setting in settings), *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    until = time.monotonic() + LOCK_WAIT_SECONDS
    told = False
    while True:
        # A process group of its own, so that the terminal's Ctrl-C reaches us and not dpkg in mid-work.
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        try:
            output, _ = process.communicate()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if process.returncode == 0:
            return
        # DPkg::Lock::Timeout covers dpkg's lock only, not those of the lists and of the archive folder.
        locked = any(sentence in output for sentence in LOCK_SENTENCES)
        if not locked or time.monotonic() > until:
            raise InstallError(f"{' '.join(command)}\n{output}")
        if not told:
            print("等待其他 apt 结束 waiting for another apt to finish", flush=True)
            told = True
        time.sleep(2)


def install(names: Sequence[str], interruption: Interruption) -> None:
    """Install `names` without recommends, start nothing, disable what came enabled, compare what listens.

    :raises InstallError: apt failed, or a program of a new package listens on a port.
    """
    with interruption.held_back():
        put_back()
    if not names:
        return
    packages_before = services.installed_packages()
    enabled_before = services.enabled_links()
    listening_before = services.listening()
    try:
        apt_get("update")
    except InstallError as error:  # one broken source of many need not matter; the next step tells
        print(error, file=sys.stderr)
    chosen = ("install", "--no-install-recommends", "--no-remove", *names)
    apt_get(*chosen, "--download-only")
    with interruption.held_back():
        with nothing_starts():
            try:
                apt_get(*chosen)
            finally:
                disabled = services.disable(services.enabled_links() - enabled_before)
        if disabled:
            print(f"已停用 disabled, not started: {' '.join(sorted(disabled))}", flush=True)
        new = services.listening() - listening_before
        heard = services.owned_by_new_packages(new, packages_before)
        if heard:
            raise InstallError(f"新装的软件包在监听端口 a newly installed package listens: {', '.join(sorted(heard))}")


def main(names: list[str]) -> int:
    """Return 0 when installed, 1 with a sentence when not, 130 after Ctrl-C."""
    if os.geteuid() != 0:
        print("需要 root。This takes root.", file=sys.stderr)
        return 1
    try:
        install(names, Interruption())
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
