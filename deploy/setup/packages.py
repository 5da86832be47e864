"""Which Debian packages are missing, and who may install them.

Installing itself is `quiet_install`, a separate process because it may need sudo.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence

from deploy.setup import quiet_install


def ensure(needed: Sequence[str], *, venv: bool) -> bool:
    """Install what is missing of `needed`, and python3-venv if `venv`; False when nobody here may install."""
    wanted = list(needed)
    if venv and importlib.util.find_spec("ensurepip") is None:
        wanted.insert(0, "python3-venv")  # Debian keeps ensurepip there; other builds of Python bring it along
    absent = missing(wanted)
    if not absent and not quiet_install.left_behind():
        return True
    installer = [sys.executable, "-B", "-m", "deploy.setup.quiet_install", *absent]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None:
            _ask_administrator(absent)
            return False
        installer = [sudo, *(() if sys.stdin.isatty() else ("-n",)), *installer]
    print(f"安装 Debian 软件包 installing Debian packages: {' '.join(absent)}", flush=True)
    if _run_to_the_end(installer) == 0:
        return True
    if os.geteuid() != 0:
        _ask_administrator(absent)
    return False


def missing(wanted: Iterable[str]) -> list[str]:
    """Return those of `wanted` that dpkg does not call installed and configured; all of them where there is no dpkg."""
    wanted = list(wanted)
    if not wanted or shutil.which("dpkg-query") is None:
        return wanted
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *wanted]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout  # it fails when one is unknown
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]


def _run_to_the_end(installer: Sequence[str]) -> int:
    """Run the installer and outlive Ctrl-C: the terminal sends it to the installer too, which must put things back."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with subprocess.Popen(installer, preexec_fn=_listen_again) as process:  # noqa: PLW1509 - no threads here
            code = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if code in (130, -signal.SIGINT):
        raise KeyboardInterrupt
    return code


def _listen_again() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _ask_administrator(absent: Sequence[str]) -> None:
    names = " ".join(absent)
    print(
        f"\n缺少 Debian 软件包：{names}。安装需要 root 或 sudo，请管理员在本目录执行：\n"
        f"Debian packages are missing: {names}. Installing takes root or sudo;\n"
        "ask an administrator to run, in this folder:\n"
        f"    python3 -B -m deploy.setup.quiet_install {names}\n"
        "（只安装，不启动也不启用任何服务。）(It installs only: no service is started or enabled.)\n",
        file=sys.stderr,
    )
