"""What of the hub's standing is the matter. Pure.

A kind whose facts cannot be had now (the broker does not answer) is not in the answer at all: what stood of it goes on
standing, for nothing is known to have ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.alerting.kinds import HUB
from hub.alerting.limits import Limits
from hub.views.ledgerview import Pile
from hub.views.standing import HubStatus
from schemas import topology

_FEWEST_CLOCKS: Final = 3
"""From so many counties on it can be told whose clock is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How the hub stands, as far as alerts look at it."""

    status: HubStatus
    dead: Mapping[str, Pile]
    """Dead letters by source."""
    unknown_prints: Mapping[str, Pile]
    """Grants without an outcome by the county that prints."""
    late: Mapping[str, Pile]
    """Late cases by the county that decides."""
    red: Mapping[str, Pile]
    """Red cards by the county that owes the step, until it is done or ruled upon."""
    red_plus: Mapping[str, Pile]
    """The same for a statutory limit that has passed."""
    ahead_seconds: Mapping[str, float]
    """How far each county's clock, as its newest messages say, is before the hub's; negative: behind, or on the way."""
    free_share: float | None
    """Of the disk under the hub's folder; None when it cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing that is the matter: ten thousand messages for one county are one."""

    subject: str
    """A division code, `hub`, or a process of it."""
    count: int = 1
    since_at: datetime | None = None
    """When it is known to have begun; None: when it was first seen."""


Found = Mapping[str, Sequence[Matter]]


def found(facts: Facts, limits: Limits) -> Found:
    """Everything that is the matter, by kind; a kind of which nothing is known is missing."""
    status = facts.status
    answer = {
        "broker-away": [Matter(subject=HUB)] if status.broker is None else [],
        "revocation-list": _lists(status),
        "certificate": _certificates(status),
        "waiting": _waiting(status, limits),
        "dead-letters": _piles(facts.dead),
        "print-unknown": _piles(facts.unknown_prints),
        "statute-cards": _piles(facts.red_plus),
        "red-cards": _piles(facts.red),
        "late-cases": _piles(facts.late),
        "clock": _clocks(facts, limits.clock_seconds),
    }
    if facts.free_share is not None:
        percent = int(facts.free_share * 100)
        answer["disk"] = [Matter(subject=HUB, count=percent)] if percent < limits.disk_free_percent else []
    if status.broker is not None:
        answer |= {
            "broker-alarm": [
                Matter(subject=name)
                for name, stands in (("memory", status.broker.memory_alarm), ("disk", status.broker.disk_alarm))
                if stands
            ],
            "county-offline": [
                Matter(subject=each.code)
                for each in status.counties
                if each.state == "active" and each.connected is False
            ],
            "worker-died": _workers(status),
            "admission-backlog": _backlog(status, limits),
        }
    return answer


def _lists(status: HubStatus) -> list[Matter]:
    late = [each for each in status.revocation_lists if each.late or each.ends_at <= status.at]
    return [Matter(subject=HUB, count=max(1, len(late)))] if late or not status.revocation_lists else []


def _certificates(status: HubStatus) -> list[Matter]:
    """Each holder once, with what ends first: they come in that order."""
    first: dict[str, Matter] = {}
    for each in status.certificates:
        holder = each.holder or HUB
        first.setdefault(holder, Matter(subject=holder, count=max(0, each.days_left)))
    return list(first.values())


def _waiting(status: HubStatus, limits: Limits) -> list[Matter]:
    before = status.at - timedelta(minutes=limits.waiting_minutes)
    return [
        Matter(subject=each.code, count=each.waiting.count, since_at=each.waiting.oldest_at)
        for each in status.counties
        if each.waiting.oldest_at is not None and each.waiting.oldest_at < before
    ]


def _piles(piles: Mapping[str, Pile]) -> list[Matter]:
    return [
        Matter(subject=subject, count=pile.count, since_at=pile.oldest_at)
        for subject, pile in sorted(piles.items())
        if pile.count
    ]


def _workers(status: HubStatus) -> list[Matter]:
    """Who reads a queue is there; a queue that nobody reads has lost its process."""
    readers = {each.name: each.consumers for each in status.queues}
    queues = {
        "admission": topology.admission_queues(),
        "express": (topology.ADMISSION_EXPRESS,),
        "keeper": (topology.DEAD_LETTERS,),
    }
    return [
        Matter(subject=process, count=sum(readers.get(name) == 0 for name in names))
        for process, names in queues.items()
        if any(readers.get(name) == 0 for name in names)
    ]


def _backlog(status: HubStatus, limits: Limits) -> list[Matter]:
    ready = {each.name: each.ready for each in status.queues}
    piles = {
        "admission": (sum(ready.get(name, 0) for name in topology.admission_queues()), limits.backlog_messages),
        "express": (ready.get(topology.ADMISSION_EXPRESS, 0), limits.backlog_claims),
    }
    return [Matter(subject=name, count=count) for name, (count, most) in piles.items() if count > most]


def _clocks(facts: Facts, most: float) -> list[Matter]:
    """Whose clock is wrong: when more than half of the counties seem to be ahead, it is the hub that is behind.

    When even the freshest message of everybody seems old, the hub is ahead.
    """
    ahead = {county: seconds for county, seconds in facts.ahead_seconds.items() if seconds > most}
    known = facts.ahead_seconds.values()
    if len(known) >= _FEWEST_CLOCKS:
        middle = sorted(known)[len(known) // 2]
        if len(ahead) * 2 > len(known):
            return [Matter(subject=HUB, count=int(middle))]
        if max(known) < -most:
            return [Matter(subject=HUB, count=int(-max(known)))]
    return [Matter(subject=county, count=int(seconds)) for county, seconds in sorted(ahead.items())]
