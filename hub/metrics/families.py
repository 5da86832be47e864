"""Everything that is measured, in Prometheus' conventions: base units, gauges but for what only grows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Final

from hub.alerting.conditions import Facts
from hub.alerting.kinds import HUB
from hub.metrics.exposition import Family, Samples
from hub.views.ledgerview import Pile

_COUNTY: Final = ("county",)

BUILD: Final = Family(name="yhb_build_info", help="The hub's version.", labels=("version",))
BROKER_UP: Final = Family(name="yhb_broker_up", help="Whether the broker's management answers.")
BROKER_ALARM: Final = Family(name="yhb_broker_alarm", help="A resource alarm of the broker.", labels=("resource",))
BROKER_DISK: Final = Family(name="yhb_broker_disk_free_bytes", help="Free disk, as the broker sees it.")
BROKER_MEMORY: Final = Family(name="yhb_broker_memory_bytes", help="Memory that the broker uses.")
QUEUE: Final = Family(name="yhb_queue_messages", help="Messages in a queue.", labels=("queue", "state"))
READERS: Final = Family(name="yhb_queue_consumers", help="Consumers of a queue.", labels=("queue",))
CONNECTED: Final = Family(name="yhb_county_connected", help="Whether an active county is connected.", labels=_COUNTY)
HELD: Final = Family(name="yhb_county_held", help="Whether a county's messages are held for it.", labels=_COUNTY)
SLOWED: Final = Family(name="yhb_county_slowed", help="Whether a county sends beyond its quota.", labels=_COUNTY)
WAITING: Final = Family(
    name="yhb_county_waiting_messages", help="Messages that a county has not signed for.", labels=_COUNTY
)
OLDEST: Final = Family(
    name="yhb_county_oldest_waiting_seconds", help="Age of the oldest message a county has not signed for.",
    labels=_COUNTY,
)  # fmt: skip
AHEAD: Final = Family(
    name="yhb_county_clock_ahead_seconds", help="How far a county's freshest message was ahead.", labels=_COUNTY
)
DEAD: Final = Family(name="yhb_dead_letters", help="Dead letters nobody has dealt with.", labels=_COUNTY)
UNKNOWN: Final = Family(name="yhb_prints_unknown", help="Grants without an outcome for too long.", labels=_COUNTY)
LATE: Final = Family(name="yhb_late_cases", help="Cases past a limit, by the county that decides.", labels=_COUNTY)
UNANSWERED: Final = Family(
    name="yhb_late_answers", help="Questions and appeals past their day, by the county that answers.", labels=_COUNTY
)
UNFOLLOWED: Final = Family(
    name="yhb_bad_ratings", help="Bad ratings not followed up in time, by the county rated.", labels=_COUNTY
)
CARDS: Final = Family(
    name="yhb_red_cards", help="Red cards that stand, by the county that owes the step.", labels=("county", "level")
)
UNFINISHED: Final = Family(name="yhb_unfinished", help="Work of the hub that is not done.", labels=("work",))
UNFINISHED_AGE: Final = Family(
    name="yhb_unfinished_oldest_seconds", help="Age of the oldest of that work.", labels=("work",)
)
CASES: Final = Family(name="yhb_cases", help="Cases by state.", labels=("state",))
PRINTS: Final = Family(name="yhb_print_authorisations", help="Print authorisations by state.", labels=("state",))
LEAVES: Final = Family(name="yhb_journal_leaves_total", help="Leaves of the journal.", kind="counter")
CHECKPOINT: Final = Family(name="yhb_checkpoint_timestamp_seconds", help="When the last checkpoint was signed.")
DIRECTORY: Final = Family(name="yhb_directory_expiry_timestamp_seconds", help="Until when the directory holds.")
LIST_ENDS: Final = Family(
    name="yhb_revocation_list_expiry_timestamp_seconds", help="Until when the first list to end holds."
)
LIST_AGE: Final = Family(name="yhb_revocation_list_age_seconds", help="Age of the oldest current list.")
CERTIFICATE: Final = Family(
    name="yhb_certificate_expiry_timestamp_seconds", help="Until when a certificate that ends soon holds.",
    labels=("holder", "role"),
)  # fmt: skip
DISK: Final = Family(name="yhb_disk_free_ratio", help="Free share of the disk under the hub's folder.")
WRITABLE: Final = Family(name="yhb_store_writable", help="Whether the hub's database can be written.")
UNSAVED: Final = Family(
    name="yhb_unsaved_since_timestamp_seconds", help="When the last backup was made, or the hub began its work."
)
ALERTS: Final = Family(name="yhb_alerts", help="Alerts that stand.", labels=("kind", "acknowledged"))
LOOKED: Final = Family(name="yhb_alerts_looked_timestamp_seconds", help="When the keeper last looked for alerts.")

FAMILIES: Final[tuple[Family, ...]] = (
    BUILD, BROKER_UP, BROKER_ALARM, BROKER_DISK, BROKER_MEMORY, QUEUE, READERS, CONNECTED, HELD, SLOWED, WAITING,
    OLDEST, AHEAD, DEAD, UNKNOWN, LATE, UNANSWERED, UNFOLLOWED, CARDS, UNFINISHED,
    UNFINISHED_AGE, CASES, PRINTS, LEAVES, CHECKPOINT,
    DIRECTORY, LIST_ENDS, LIST_AGE, CERTIFICATE, DISK, WRITABLE, UNSAVED, ALERTS, LOOKED,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known at one moment."""

    facts: Facts
    alerts: Mapping[str, tuple[int, int]]
    """How many stand of each kind, and how many of them nobody has acknowledged."""
    writable: bool
    looked_at: datetime | None


def measure(found: Measured) -> Iterator[tuple[Family, Samples]]:
    """Every family with its samples; what cannot be had now has none."""
    facts, status = found.facts, found.facts.status
    yield BUILD, {(_version(),): 1}
    yield BROKER_UP, {(): status.broker is not None}
    if status.broker is not None:
        alarms = {"memory": status.broker.memory_alarm, "disk": status.broker.disk_alarm}
        yield BROKER_ALARM, {(resource,): stands for resource, stands in alarms.items()}
        yield BROKER_DISK, {(): status.broker.disk_free_bytes}
        yield BROKER_MEMORY, {(): status.broker.memory_bytes}
        depths = [(each.name, "ready", each.ready) for each in status.queues]
        depths += [(each.name, "unacknowledged", each.unacknowledged) for each in status.queues]
        yield QUEUE, {(name, state): count for name, state, count in depths}
        yield READERS, {(each.name,): each.consumers for each in status.queues}
    active = [each for each in status.counties if each.state == "active"]
    yield CONNECTED, {(each.code,): each.connected for each in active if each.connected is not None}
    yield HELD, {(each.code,): each.held for each in active}
    yield SLOWED, {(each.code,): each.slowed_since is not None for each in active}
    yield WAITING, {(each.code,): each.waiting.count for each in status.counties}
    yield OLDEST, {(each.code,): _age(each.waiting, status.at) for each in status.counties}
    yield AHEAD, {(county,): seconds for county, seconds in facts.ahead_seconds.items()}
    for family, piles in (
        (DEAD, facts.dead),
        (UNKNOWN, facts.unknown_prints),
        (LATE, facts.late),
        (UNANSWERED, facts.late_answers),
        (UNFOLLOWED, facts.bad_ratings),
    ):
        yield family, {(HUB,): 0, **{(county,): pile.count for county, pile in piles.items()}}
    cards = {"red": facts.red, "red_plus": facts.red_plus}
    stand: dict[tuple[str, ...], float] = {(HUB, level): 0 for level in cards}
    stand |= {(county, level): pile.count for level, piles in cards.items() for county, pile in piles.items()}
    yield CARDS, stand
    work = {"effects": status.undone, "replies": status.unsaid, "parked": status.parked}
    yield UNFINISHED, {(name,): pile.count for name, pile in work.items()}
    yield UNFINISHED_AGE, {(name,): _age(pile, status.at) for name, pile in work.items()}
    yield CASES, {(state,): count for state, count in status.cases.items()}
    yield PRINTS, {(state,): count for state, count in status.prints.items()}
    yield LEAVES, {(): status.leaves}
    yield from _times(found)
    if facts.free_share is not None:
        yield DISK, {(): facts.free_share}
    yield WRITABLE, {(): found.writable}
    counts: dict[tuple[str, ...], float] = {(kind, "false"): open_ for kind, (_all, open_) in found.alerts.items()}
    counts |= {(kind, "true"): all_ - open_ for kind, (all_, open_) in found.alerts.items()}
    yield ALERTS, counts


def _times(found: Measured) -> Iterator[tuple[Family, Samples]]:
    status = found.facts.status
    lists = status.revocation_lists
    moments = (
        (CHECKPOINT, status.checkpoint_at),
        (DIRECTORY, status.directory_ends_at),
        (LIST_ENDS, lists[0].ends_at if lists else None),
        (UNSAVED, found.facts.unsaved_since),
        (LOOKED, found.looked_at),
    )
    for family, at in moments:
        if at is not None:
            yield family, {(): _seconds(at)}
    if lists:
        yield LIST_AGE, {(): max(each.age_days for each in lists) * 86_400}
    yield CERTIFICATE, {(each.holder or HUB, each.name): _seconds(each.ends_at) for each in status.certificates}


def _version() -> str:
    """The installed version; of a checkout that is not installed, nothing."""
    try:
        return metadata.version("yunhuoban")
    except metadata.PackageNotFoundError:
        return ""


def _age(pile: Pile, now: datetime) -> float:
    return max(0.0, (now - pile.oldest_at).total_seconds()) if pile.oldest_at is not None else 0.0


def _seconds(at: datetime) -> float:
    return at.astimezone(UTC).timestamp()
