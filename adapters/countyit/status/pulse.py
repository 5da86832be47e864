"""The running node's word of itself: that it runs, and how its links to the hub are.

It lies as `node.json` in the county's folder, so that a command in another process can read it; an old one is that of a
node that is gone. It holds names, codes and times only.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.link.renewal import RenewingLink
from certs import files
from schemas.errors import YunhuobanError

EVERY: Final = timedelta(seconds=15)
STALE: Final = timedelta(seconds=60)
"""A node that has not said anything for so long is not running, or hangs."""
_FILE: Final = "node.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPulse:
    """One link."""

    road: str
    """cases | claims | arrivals"""
    connected: bool
    since: datetime
    """Since when it is as it is."""
    problem: str
    """Code of why the last attempt failed; empty when nothing is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """The node, as it was at a moment."""

    at: datetime
    started_at: datetime
    links: Sequence[LinkPulse]


class Heart:
    """The running node's own end."""

    def __init__(self, folder: Path, links: Mapping[str, RenewingLink], *, clock: Callable[[], datetime]) -> None:
        """Nothing is written before the first turn."""
        self._file = folder / _FILE
        self._links = links
        self._clock = clock
        self._written: Pulse | None = None
        started = clock()
        unheard = [LinkPulse(road=road, connected=False, since=started, problem="") for road in links]
        self._pulse = Pulse(at=started, started_at=started, links=unheard)

    def pulse(self) -> Pulse:
        """How it is now."""
        now = self._clock()
        links = []
        for before in self._pulse.links:
            link = self._links[before.road]
            connected, problem = link.connected, link.last_problem
            same = connected is before.connected
            code = problem.code.code if problem is not None else ""
            links.append(replace(before, connected=connected, since=before.since if same else now, problem=code))
        self._pulse = replace(self._pulse, at=now, links=links)
        return self._pulse

    def turn(self) -> None:
        """Write it down when a link has changed or it is time to. A full disk does not end the node for that."""
        pulse, written = self.pulse(), self._written
        if written is not None and written.links == pulse.links and timedelta(0) <= pulse.at - written.at < EVERY:
            return
        self._written = pulse
        try:
            files.write_atomically(self._file, json.dumps(asdict(pulse), default=_iso).encode())
        except YunhuobanError:
            return  # the page says that the disk is full; a command finds an old file and says so, too

    def stop(self) -> None:
        """The node ends; so does its word."""
        self._file.unlink(missing_ok=True)


def read(folder: Path, now: datetime) -> Pulse | None:
    """What the running node last said; None when none runs."""
    try:
        said = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        pulse = _pulse(said)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pulse if abs(now - pulse.at) <= STALE else None


def _pulse(said: Mapping[str, Any]) -> Pulse:
    links = [LinkPulse(**{**each, "since": datetime.fromisoformat(each["since"])}) for each in said["links"]]
    at, started_at = (datetime.fromisoformat(said[name]) for name in ("at", "started_at"))
    return Pulse(at=at, started_at=started_at, links=links)


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
