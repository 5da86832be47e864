"""The npm packages that a folder's lock names, each checked by its digest: for the example county and for tests."""

import subprocess
from pathlib import Path
from typing import Final

from deploy.demo.stage import NotReadyError

_INSTALL_SECONDS: Final = 300.0


def install(folder: Path) -> None:
    """Install them, unless they are there. Raises NotReadyError."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    if done.returncode:
        raise NotReadyError(f"npm ci: {done.stderr.strip()[-2000:]}")
