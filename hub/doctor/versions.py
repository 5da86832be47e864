"""Which RabbitMQ the hub is known to work with, and what is known to be wrong with each. Pure data.

Source: RabbitMQ's release notes, as read for `library-facts.md` §2.2 and §2.3: Debian 12 ships 3.10.8, which is older
than each of these corrections of its own series.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

OLDEST: Final = "3.10"
NEWEST_MAJOR: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something that goes wrong from one version on, until another."""

    since: str
    fixed_in: str
    what: str
    """As an operator would look it up, in the words of the release notes."""


_DEFECTS: Final = (
    Defect(since="3.10", fixed_in="3.10.9", what="cancel and re-register on a quorum queue closes the channel"),
    Defect(since="3.10", fixed_in="3.10.11", what="queue metrics stall 30-40 s while a peer is down"),
    Defect(since="3.10", fixed_in="3.10.12", what="the WAL grows behind consumers that never consume"),
    Defect(since="3.10", fixed_in="3.10.12", what="an invalid definitions file at boot is ignored"),
    Defect(since="3.10", fixed_in="3.10.20", what="at-least-once dead-lettering is less resilient"),
    Defect(since="4.0", fixed_in="4.2.0", what="definition import loses topic permissions (#14409)"),
)


def supported(version: str) -> bool:
    """Whether the hub's topology runs on it."""
    found = parts(version)
    return bool(found) and found >= parts(OLDEST) and found[0] <= NEWEST_MAJOR


def defects(version: str) -> Sequence[Defect]:
    """What is known to be wrong with it."""
    found = parts(version)
    return [each for each in _DEFECTS if parts(each.since) <= found < parts(each.fixed_in)]


def parts(version: str) -> tuple[int, ...]:
    """`3.10.8-1+deb12u1` as (3, 10, 8); empty for what begins with no number."""
    begun = re.match(r"[0-9]+(?:\.[0-9]+)*", version, flags=re.ASCII)
    return tuple(int(each) for each in begun[0].split(".")) if begun else ()
