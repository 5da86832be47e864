"""What the figures were measured on: processor, kernel, versions, disk, and how long one fsync takes here and now."""

import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any, Final

from hub import bootstrap
from hub.settings import HubSettings

_SYNCS: Final = 100


def describe(folder: Path, settings: HubSettings) -> dict[str, Any]:
    """The machine as the record states it; the broker's version is asked of the running node."""
    with bootstrap.management(settings) as management:
        broker = management.overview().version
    return {
        "cpu": _field(Path("/proc/cpuinfo"), "model name"),
        "cores": os.cpu_count(),
        "memory_mib": int(_field(Path("/proc/meminfo"), "MemTotal").split()[0]) // 1024,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "rabbitmq": broker,
        "file_system": _file_system(folder),
        "fsync_ms": round(fsync_ms(folder), 3),
        "load_average": os.getloadavg()[0],
    }


def fsync_ms(folder: Path) -> float:
    """Median milliseconds of writing 4 KiB at the end of a file and waiting for the disk."""
    path = folder / "fsync.probe"
    taken = []
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    try:
        for _ in range(_SYNCS):
            os.write(handle, bytes(4096))
            started = time.perf_counter()
            os.fsync(handle)
            taken.append(time.perf_counter() - started)
    finally:
        os.close(handle)
        path.unlink()
    return statistics.median(taken) * 1000


def _field(path: Path, name: str) -> str:
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        found, _, value = line.partition(":")
        if found.strip() == name:
            return value.strip()
    return "unknown 0"


def _file_system(folder: Path) -> str:
    """Type and device of the longest mount point above this folder."""
    best, found = "", "unknown"
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        device, point, kind = line.split()[:3]
        if str(folder).startswith(point) and len(point) >= len(best):
            best, found = point, f"{kind} on {device}"
    return found
