"""The virtual environment ``.venv``, filled from ``requirements.lock`` by plain pip, every file checked by its hash.

Pip itself comes first, from ``pip.lock``: the one that Python brings along compares every file of an index with some
900 tags by a slow road, and took twice as long. Byte code is made afterwards, on all cores instead of one.

A stamp inside it names the lock and the interpreter it was filled for; while it is right, pip is not started.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

STAMP = "yunhuoban-lock"
PIP_LOCK = Path(__file__).with_name("pip.lock")
PROBE = "import sys, pip; assert sys.version_info >= (3, 11); print(sys.base_prefix, sys.version.replace(chr(10), ' '))"


def ensure(checkout: Path) -> bool:
    """Make or refresh the environment when the lock or the interpreter changed; False when pip failed (it said why)."""
    folder = checkout / ".venv"
    lock = checkout / "requirements.lock"
    python = folder / "bin" / "python"
    stamp = folder / STAMP
    interpreter = _interpreter(python)
    if interpreter and stamp.is_file() and stamp.read_text(encoding="utf-8") == _stamp(lock, interpreter):
        return True
    print("准备 Python 虚拟环境 preparing the virtual environment: .venv", flush=True)
    if not interpreter:
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=False).returncode:
            return False
        interpreter = _interpreter(python)
    stamp.unlink(missing_ok=True)
    for file in (PIP_LOCK, lock):
        install = [
            *(str(python), "-m", "pip", "install", "--require-hashes", "--requirement", str(file)),
            "--only-binary=:all:",  # a bare machine has no compiler
            "--no-cache-dir",  # nothing outside the checkout
            "--no-compile",
            *("--disable-pip-version-check", "--no-input", "--quiet", "--progress-bar=off"),
        ]
        if subprocess.run(install, check=False).returncode:
            return False
    # A file that is no Python of today stays without byte code, as with pip.
    subprocess.run([str(python), "-m", "compileall", "-qq", "-j", "0", str(folder / "lib")], check=False)
    stamp.write_text(_stamp(lock, interpreter), encoding="utf-8")
    return True


def _stamp(lock: Path, interpreter: str) -> str:
    return f"{hashlib.sha256(PIP_LOCK.read_bytes() + lock.read_bytes()).hexdigest()}\n{interpreter}"


def _interpreter(python: Path) -> str:
    """Describe the environment's interpreter; empty when it is too old, has no pip or does not start."""
    if shutil.which(python) is None:
        return ""
    return subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=False).stdout
