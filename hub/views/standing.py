"""How the hub stands now: broker, queues, counties, work in hand, cases, print ledger, directory, revocation lists.

The store is asked even when the broker does not answer: then its part says why, and the rest is as usual.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, distinct, func, select

from certs import crl, keys
from hub.broker.states import BrokerOverview, ConnectionState, QueueState
from hub.history import journal
from hub.instants import from_millis
from hub.registry import county, directory
from hub.settings import HubSettings
from hub.store import tables
from hub.views import ledgerview
from hub.views.certificatelife import Ending, ending
from hub.views.ledgerview import Pile
from schemas.errors import YunhuobanError


class BrokerView(Protocol):
    """The part of the management client that is asked here."""

    def overview(self) -> BrokerOverview:
        """Version, alarms and room of the node."""

    def queues(self, vhost: str) -> list[QueueState]:
        """Depth of every queue."""

    def connections(self) -> list[ConnectionState]:
        """Every open connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyStanding:
    """One county: whether it is there, and what waits for it."""

    code: str
    name: str
    state: str
    connected: bool | None
    """None when the broker cannot be asked."""
    held_since: datetime | None
    held: bool
    slowed_since: datetime | None
    """Since when it sends more than its quota; None when it does not."""
    waiting: Pile


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStanding:
    """One current revocation list."""

    number: int
    age_days: float
    ends_at: datetime
    late: bool
    """A newer one should have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubStatus:
    """All of it, at one time."""

    at: datetime
    broker: BrokerOverview | None
    broker_trouble: YunhuobanError | None
    queues: Sequence[QueueState]
    counties: Sequence[CountyStanding]
    undone: Pile
    unsaid: Pile
    parked: Pile
    dead: Pile
    cases: Mapping[str, int]
    prints: Mapping[str, int]
    directory_serial: int | None
    directory_ends_at: datetime | None
    revocation_lists: Sequence[ListStanding]
    certificates: Sequence[Ending]
    """Those that end soon."""
    epoch: int | None
    leaves: int
    checkpoint_at: datetime | None
    witnesses: tuple[int, int]
    """How many counties have countersigned in this epoch, and the largest size that one of them signed."""


def status(tx: Connection, management: BrokerView, *, settings: HubSettings, now: datetime) -> HubStatus:
    """Ask the broker and the store. Raises E-STORE-001; a broker that does not answer is part of the answer."""
    overview: BrokerOverview | None = None
    queues: Sequence[QueueState] = ()
    connected: frozenset[str] | None = None
    trouble: YunhuobanError | None = None
    try:
        overview = management.overview()
        queues = management.queues(settings.broker.vhost)
        connected = frozenset(each.user for each in management.connections())
    except YunhuobanError as error:
        trouble = error
    published, checkpoint = directory.newest(tx), journal.newest(tx)
    made_at = tables.checkpoints.c.made_at
    last = tx.execute(select(made_at).order_by(tables.checkpoints.c.size.desc()).limit(1)).scalar()
    return HubStatus(
        at=now,
        broker=overview,
        broker_trouble=trouble,
        queues=queues,
        counties=_counties(tx, connected),
        undone=ledgerview.undone(tx),
        unsaid=ledgerview.unsaid(tx),
        parked=ledgerview.parked(tx),
        dead=ledgerview.dead(tx),
        cases=ledgerview.case_counts(tx),
        prints=ledgerview.print_counts(tx),
        directory_serial=published.serial if published else None,
        directory_ends_at=from_millis(published.expires_at) if published else None,
        revocation_lists=lists(tx, now),
        certificates=ending(tx, settings.certificates, now),
        epoch=checkpoint.epoch if checkpoint else None,
        leaves=checkpoint.size if checkpoint else 0,
        checkpoint_at=from_millis(last) if last is not None else None,
        witnesses=_witnesses(tx, checkpoint.epoch if checkpoint else 0),
    )


def _witnesses(tx: Connection, epoch: int) -> tuple[int, int]:
    signed = tables.countersignatures.c
    newest = select(func.count(distinct(signed.county)), func.max(signed.size)).where(signed.epoch == epoch)
    count, size = tx.execute(newest).one()
    return count, size or 0


def _counties(tx: Connection, connected: frozenset[str] | None) -> list[CountyStanding]:
    waiting, held, slowed = ledgerview.waiting(tx), ledgerview.held(tx), ledgerview.slowed(tx)
    return [
        CountyStanding(
            code=row.division_code,
            name=row.name,
            state=row.state,
            connected=None if connected is None else row.division_code in connected,
            held_since=held.get(row.division_code),
            held=row.division_code in held,
            slowed_since=slowed.get(row.division_code),
            waiting=waiting.get(row.division_code, Pile(count=0, oldest_at=None)),
        )
        for row in county.listed(tx)
    ]


def lists(tx: Connection, now: datetime) -> list[ListStanding]:
    """The current revocation lists, the first to end first."""
    current = tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars()
    parsed = [keys.crl_from_der(der) for der in current]
    found = [
        ListStanding(
            number=crl.number(each),
            age_days=crl.age_days(each, now=now),
            ends_at=crl.next_update_at(each),
            late=crl.is_late(each, now=now),
        )
        for each in parsed
    ]
    return sorted(found, key=lambda each: each.ends_at)
