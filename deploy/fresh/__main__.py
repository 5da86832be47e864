"""``make fresh``: a bare Debian 12 with git, make and Python, a clone of HEAD in it, both commands run there as root.

mmdebstrap makes it in ``/var/tmp`` (about 2 GB until the end). Namespaces hold its mounts and processes, so that
these cannot outlive it; the folder is removed last, after Ctrl-C too.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.fresh import registries

CHECKOUT = Path(__file__).resolve().parents[2]
INCLUDED = "ca-certificates,git,make,python3"  # the authorities' certificates are the network's need, not the project's
BUNDLE = "/usr/local/share/host-authorities.pem"  # not Debian's own file, which its packages rewrite
CLONE = "/root/yunhuoban"
NAMESPACES = ("unshare", "--mount", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc")


def main() -> int:
    """Return the exit code of the first command that failed, 0 when both did what they should."""
    if os.geteuid() != 0:
        print("需要 root（mmdebstrap、chroot）。This takes root: sudo make fresh", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    changed = _git("status", "--porcelain")
    print(f"── {_git('log', '-1', '--format=%h %s')}")
    if changed:
        print(f"── 未提交的改动不参加 not committed, so not tested:\n{changed}")
    with bare_debian() as root:
        bundle = registries.certificate_bundle()
        if bundle:
            shutil.copyfile(bundle, f"{root}{BUNDLE}")
        shutil.copyfile("/etc/resolv.conf", root / "etc/resolv.conf")
        # What Debian's installer would have written.
        (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n", encoding="ascii")
        _git("clone", "--quiet", "--no-hardlinks", str(CHECKOUT), f"{root}{CLONE}")
        settings = [f"{name}={value}" for name, value in registries.variables(BUNDLE if bundle else "").items()]
        script = str(Path(__file__).with_name("inside.sh"))
        return run([script, str(root), CLONE, *settings])


@contextlib.contextmanager
def bare_debian() -> Iterator[Path]:
    """Make the bare Debian; remove it when the body ends, however it ends."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yunhuoban-fresh-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # apt downloads as the user _apt
        root = Path(folder) / "debian"
        options = [f"--aptopt={line}" for line in registries.apt_options()]
        made = ("mmdebstrap", "--quiet", "--variant=apt", f"--include={INCLUDED}", *options)
        if run([*made, registries.SUITE, str(root), *registries.apt_sources()], TMPDIR=folder):
            raise SystemExit("mmdebstrap 失败 mmdebstrap failed")
        version = (root / "etc/debian_version").read_text(encoding="ascii").strip()
        print(f"── bare Debian {version}: {time.monotonic() - started:.1f} s", flush=True)
        try:
            yield root
        finally:
            # Mounts live in the ended namespaces; were one visible here, removing the folder would empty what it shows.
            if folder in Path("/proc/self/mountinfo").read_text(encoding="utf-8"):
                raise SystemExit(f"{folder} 里还有挂载，请手工处理 something is still mounted there; not removed")


def run(command: Sequence[str], **environment: str) -> int:
    """Run `command` in namespaces of its own; when it ends, or on Ctrl-C, its processes and mounts are gone with it."""
    process = subprocess.Popen(
        [*NAMESPACES, *command],
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
        process_group=0,  # the terminal's Ctrl-C comes to us alone
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The kernel ends all processes of the namespace before its first, and unshare waits for that one.
        first = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        for number in map(int, first or [str(process.pid)]):
            os.kill(number, signal.SIGKILL)
        process.wait()
        raise


def _git(*arguments: str) -> str:
    command = ["git", "-c", f"safe.directory={CHECKOUT}", "-C", str(CHECKOUT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
