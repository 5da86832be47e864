"""What the systemd units of both sides have alike: where a unit of the package names this machine, and with what.

A unit is filled in by replacing what the package's own says, so that it can be read as it stands. Source:
systemd.unit(5), systemd.exec(5), capabilities(7).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_USER: Final = "User=yunhuoban"
_HOMES: Final = (Path("/home"), Path("/root"))
_CAPABILITIES: Final = ("CapabilityBoundingSet=", "AmbientCapabilities=")
_LOW_PORTS: Final = "CAP_NET_BIND_SERVICE"
_FIRST_FREE_PORT: Final = 1024
_UNFIT: Final = frozenset(" \t\r\n\"'\\%$;:#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a unit says of this machine."""

    program: Path
    user: str
    folder: Path
    written: tuple[Path, ...] = ()
    """Folders beside `folder` that are written."""
    read: tuple[Path, ...] = ()
    """What is only read, and may lie in somebody's home."""
    has_low_port: bool = False

    @property
    def folders(self) -> tuple[Path, ...]:
        """Everything that is written, `folder` first."""
        return (self.folder, *self.written)

    def unfit(self) -> str | None:
        """The first name that systemd would read otherwise; None when every one can stand in a unit."""
        names = (str(self.program), self.user, *map(str, self.folders))
        return next((each for each in names if not each or _UNFIT & set(each)), None)


def is_low(ports: Iterable[int | None]) -> bool:
    """Whether one of these ports needs a capability: 443, as browsers expect it."""
    return any(port is not None and port < _FIRST_FREE_PORT for port in ports)


def filled(unit: str, machine: Machine, *, program: str, folder: str) -> str:
    """The unit for this machine; `program` and `folder` are what the package's own says instead."""
    homes = any(
        each.is_relative_to(home) for each in (machine.program, *machine.read, *machine.folders) for home in _HOMES
    )
    written = " ".join(dict.fromkeys(map(str, machine.folders)))
    for said, here in (
        (f"ReadWritePaths={folder}", f"ReadWritePaths={written}"),
        (program, str(machine.program)),
        (folder, str(machine.folder)),
        (_USER, f"User={machine.user}"),
        ("ProtectHome=true", "ProtectHome=read-only" if homes else "ProtectHome=true"),
        *((each, f"{each}{_LOW_PORTS}") for each in _CAPABILITIES if machine.has_low_port),
    ):
        unit = unit.replace(said, here)
    return unit
