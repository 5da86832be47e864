"""systemd's own judgement of a unit; it needs no running systemd."""

import os
import shutil
import subprocess

import pytest


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """systemd-analyze; missing, a skip on a laptop and a failure in CI."""
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("systemd-analyze is missing in CI")
        pytest.skip("no systemd-analyze")
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=60, check=False)
