"""Make the machine ready for one of the project's commands: ``python3 -m deploy.setup demo|test|chaos|…``.

Debian packages first (only those missing), then the virtual environment (only when the lock or the
interpreter changed). When nothing is missing it starts neither apt nor pip.
"""

import fcntl
import shutil
import sys
import time
from pathlib import Path

from deploy.setup import packages, virtualenv

CHECKOUT = Path(__file__).resolve().parents[2]

DEMO = (
    "rabbitmq-server",  # the broker
    "cups-ipp-utils",  # ippeveprinter, the print station's printer
    "dbus-daemon",  # ippeveprinter does not start without a bus
    "fonts-noto-cjk",  # the Song typeface of licenses, with rare name characters
    "poppler-utils",  # reads a printed page back
)
TEST = (
    *DEMO,
    "chromium-headless-shell",  # the tests of the pages: Chromium without what draws windows, in two thirds of the time
    "libnss3-tools",  # certutil, which puts the hall's root into a browser's store
    "libatomic1",  # Playwright's driver is linked to it
    "postgresql-15",  # the hub's other store; its programs only, the tests make a cluster of their own
    "systemd",  # systemd-analyze reads the units that are shipped; nothing of it is started
    "mariadb-server-core",  # a county's own system; its programs only, which bring no service along
    "mariadb-client-core",  # a program that making its folder of data takes
    "openssh-server",  # folders over SFTP; disabled at once, the tests run one of their own
)
CHAOS = (
    *DEMO,
    "libfaketime",  # clocks of single processes that are wrong for a while
)
NEEDED = {
    "demo": DEMO,
    "test": TEST,
    "chaos": CHAOS,
    "js": DEMO,
    "onboarding": DEMO,
    "wheelhouse": ("openssl",),  # signs
    "fresh": ("mmdebstrap",),
}
"""Debian packages by command."""
NODE = {
    "node": "nodejs",  # the county in JavaScript
    "npm": "npm",  # its two packages, and axe-core for the tests of the pages
}
PROGRAMS = {"test": NODE, "js": NODE}
"""Programs by command with their packages, asked for only when they are not on the PATH: who has another Node already
has a package that conflicts with Debian's."""


def main(arguments: list[str]) -> int:
    """Return 0 when everything is there, 1 when a person has to do something; the person has been told what."""
    if len(arguments) != 1 or arguments[0] not in NEEDED:
        print(f"usage: python3 -m deploy.setup {'|'.join(NEEDED)}", file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the line that tells a person so
        print("需要 Python 3.11 以上。Python 3.11 or later is needed.", file=sys.stderr)
        return 1
    command = arguments[0]
    started = time.monotonic()
    (CHECKOUT / "var").mkdir(exist_ok=True)
    with (CHECKOUT / "var" / "setup.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        absent = [package for program, package in PROGRAMS.get(command, {}).items() if shutil.which(program) is None]
        done = packages.ensure((*NEEDED[command], *absent), venv=command != "fresh")
        if done and command != "fresh":
            done = virtualenv.ensure(CHECKOUT)
    print(f"── 准备 set-up: {time.monotonic() - started:.1f} s", flush=True)
    return 0 if done else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
