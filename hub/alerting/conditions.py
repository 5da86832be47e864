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
from hub.observing.workers import Roll
from hub.views import clocks, readers
from hub.views.ledgerview import Pile
from hub.views.standing import HubStatus

_HOUR: Final = timedelta(hours=1)


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
    late_answers: Mapping[str, Pile]
    """Questions and appeals whose day for an answer is over, by the county that is to answer."""
    bad_ratings: Mapping[str, Pile]
    """Bad ratings that were not followed up in time, by the county that was rated."""
    red: Mapping[str, Pile]
    """Red cards by the county that owes the step, until it is done or ruled upon."""
    red_plus: Mapping[str, Pile]
    """The same for a statutory limit that has passed."""
    ahead_seconds: Mapping[str, float]
    """How far each county's clock, as its newest messages say, is before the hub's; negative: behind, or on the way."""
    workers: Mapping[str, Roll]
    """Who is at work of each role, and who has died."""
    unsaved_since: datetime | None
    """Of when the last backup is, or the oldest of what was never saved; None: there is nothing to be saved."""
    free_share: float | None
    """Of the disk under the hub's folder; None when it cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing that is the matter: ten thousand messages for one county are one."""

    subject: str
    """A division code, `hub`, or a process of it."""
    count: int = 1
    whole: int | None = None
    """Of how many, where that is known."""
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
        "late-answers": _piles(facts.late_answers),
        "bad-ratings": _piles(facts.bad_ratings),
        "clock": _counted(clocks.wrong(facts.ahead_seconds, limits.clock_seconds)),
        "backup": _unsaved(facts, timedelta(hours=limits.backup_hours)),
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
            "worker-died": _workers(readers.missing(status.queues), facts.workers),
            "admission-backlog": _counted(
                readers.piled(status.queues, most_messages=limits.backlog_messages, most_claims=limits.backlog_claims)
            ),
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


def _workers(unread: Mapping[str, int], rolls: Mapping[str, Roll]) -> list[Matter]:
    """Who died and was not replaced, also where others of its role work; and those whose queues nobody reads."""
    gone = {role: roll for role, roll in rolls.items() if roll.gone}
    died = [Matter(subject=role, count=roll.gone, whole=roll.whole) for role, roll in gone.items()]
    return died + [Matter(subject=each, count=count) for each, count in unread.items() if each not in gone]


def _counted(counts: Mapping[str, int]) -> list[Matter]:
    return [Matter(subject=subject, count=count) for subject, count in counts.items()]


def _unsaved(facts: Facts, most: timedelta) -> list[Matter]:
    since, now = facts.unsaved_since, facts.status.at
    if since is None or now - since <= most:
        return []
    return [Matter(subject=HUB, count=int((now - since) / _HOUR), since_at=since)]
