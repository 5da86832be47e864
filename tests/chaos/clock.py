"""Clocks that can be set: libfaketime (Debian's `faketime`) in front of a process, moved through a file.

Only the wall clock moves; monotonic clocks and the times of files stay true, as they do when somebody sets a machine's
clock. The broker keeps the machine's own clock.
"""

from pathlib import Path
from typing import Final

LIBRARIES: Final = (
    Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
    Path("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
)


def library() -> Path | None:
    """The library, where it is installed."""
    return next((each for each in LIBRARIES if each.exists()), None)


class Clock:
    """The wall clock of one process and its children."""

    def __init__(self, file: Path) -> None:
        """`file` holds the offset; it starts at nothing."""
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self.set(0)

    def set(self, offset_seconds: int) -> None:
        """Set the clock this much ahead of the true time, or behind it."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{offset_seconds:+d}\n", encoding="ascii")
        beside.replace(self._file)

    def environment(self) -> dict[str, str]:
        """What the process needs in its environment; nothing where the library is not installed."""
        found = library()
        if found is None:
            return {}
        return {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(Path(__file__).parent / "clockwork"),
        }
