"""The machine that a wheelhouse is for: this one's like, or another that pip can choose wheels for.

Wheels are chosen by Python's minor version and by platform; nothing is compiled, so that one that has no wheel there is
an error and no surprise at the county.
"""

import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.markers import Marker, default_environment

_GLIBC: Final = re.compile(r"manylinux_2_(\d+)_")
_OLDER: Final = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}
"""The names of PEP 600's first three, by the glibc 2.N that they need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """For which machine."""

    python: str
    """Minor version, 3.11."""
    platforms: Sequence[str]
    """Tags of wheels that it can use, the best first; empty for whatever this machine can use."""

    @classmethod
    def here(cls) -> "Target":
        """A machine like this one."""
        return cls(python=f"{sys.version_info.major}.{sys.version_info.minor}", platforms=())

    @property
    def system(self) -> str:
        """As `sysconfig.get_platform` names it there: `linux-x86_64`, `win-amd64`."""
        if not self.platforms:
            return sysconfig.get_platform()
        first = self.platforms[0]
        if first.startswith("win"):
            return first.replace("_", "-", 1)
        return f"linux-{first.partition('linux')[2].split('_', 3 if '_2_' in first else 1)[-1]}"

    def needs(self, marker: str) -> bool:
        """Whether a line of the lock counts there."""
        return not marker or Marker(marker).evaluate(self._environment())

    def options(self) -> list[str]:
        """What makes pip choose for it."""
        if not self.platforms:
            return []
        tags = [word for each in self.platforms for word in ("--platform", each)]
        return [*tags, "--python-version", self.python, "--implementation", "cp"]

    def _environment(self) -> dict[str, str]:
        found = {key: str(value) for key, value in default_environment().items()}
        if self.platforms:
            windows = self.platforms[0].startswith("win")
            found |= {
                "os_name": "nt" if windows else "posix",
                "sys_platform": "win32" if windows else "linux",
                "platform_system": "Windows" if windows else "Linux",
                "platform_machine": self.system.partition("-")[2],
                "python_version": self.python,
                "python_full_version": f"{self.python}.0",
            }
        return found


def least_glibc(wheels: Iterable[str]) -> str:
    """The oldest C library that every one of these wheels runs with, `2.17`; empty where none has anything compiled."""
    needed = [min(found) for each in wheels if (found := _glibcs(each))]
    return f"2.{max(needed)}" if needed else ""


def _glibcs(wheel: str) -> list[int]:
    named = [number for name, number in _OLDER.items() if f"{name}_" in wheel]
    return named + [int(number) for number in _GLIBC.findall(wheel)]


def machine() -> str:
    """Of what kind this machine is, in a word for people."""
    return platform.platform(aliased=True, terse=True)
