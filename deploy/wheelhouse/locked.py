"""Which lines of `requirements.lock` an installation needs: what the project itself asks for, and what that asks for.

The lock holds the developers' tools, too. uv writes under each line who asked for it (`# via`); going down from the
project along these leaves the tools out, with the lock's own versions and hashes. The PostgreSQL driver is an extra,
small, and goes with it.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_HEAD: Final = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==(\S+?)(?: ; (.+?))? \\$")
_HASH: Final = re.compile(r"^    --hash=(sha256:[0-9a-f]{64})(?: \\)?$")
_VIA: Final = re.compile(r"^    #\s+(?:via )?\s*([^\s]+.*)$")
_PROJECT: Final = "yunhuoban (pyproject.toml)"
_NAME: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


class LockError(Exception):
    """The lock is not one that uv wrote, or does not fit `pyproject.toml`; the text is for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One line of the lock."""

    name: str
    version: str
    marker: str
    """When it is needed at all, empty for always (PEP 508)."""
    hashes: Sequence[str]
    asked_by: Sequence[str]

    def line(self) -> str:
        """As pip reads it, without the marker: whoever writes it has decided."""
        return " \\\n    ".join([f"{self.name}=={self.version}", *(f"--hash={each}" for each in self.hashes)])


def runtime(lock: str, pyproject: str) -> list[Locked]:
    """The lines that an installation needs, by name. Raises LockError."""
    found = parse(lock)
    extras: Mapping[str, Sequence[str]] = tomllib.loads(pyproject)["project"].get("optional-dependencies", {})
    wanted = {_plain(each) for several in extras.values() for each in several}
    wanted |= {each.name for each in found.values() if _PROJECT in each.asked_by}
    missing = wanted - found.keys()
    if missing or not wanted:
        raise LockError(f"requirements.lock: {', '.join(sorted(missing)) or _PROJECT}? make lock")
    reached: set[str] = set()
    while wanted:
        reached |= wanted
        wanted = {name for name, each in found.items() if not reached.isdisjoint(each.asked_by)} - reached
    return [found[name] for name in sorted(reached)]


def parse(lock: str) -> dict[str, Locked]:
    """Every line of the lock by name. Raises LockError for anything that is not understood."""
    found: dict[str, Locked] = {}
    head: re.Match[str] | None = None
    hashes: list[str] = []
    via: list[str] = []

    def keep() -> None:
        if head is None:
            return
        if not hashes or head[1] in found:
            raise LockError(f"requirements.lock: {head[1]} {'stands there twice' if hashes else 'has no hash'}")
        found[head[1]] = Locked(
            name=head[1], version=head[2], marker=head[3] or "", hashes=tuple(hashes), asked_by=tuple(via)
        )

    for number, line in enumerate(lock.splitlines(), start=1):
        if line.startswith("#") or not line.strip():
            continue
        if new := _HEAD.match(line):
            keep()
            head, hashes, via = new, [], []
        elif head is not None and (one := _HASH.match(line)):
            hashes.append(one[1])
        elif head is not None and line.strip() == "# via":
            continue
        elif head is not None and (who := _VIA.match(line)):
            via.append(who[1].strip())
        else:
            raise LockError(f"requirements.lock: {number}: {line[:60]}")
    keep()
    return found


def _plain(requirement: str) -> str:
    """The name of a requirement, as the lock writes it (PEP 503)."""
    match = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else requirement
