"""What the hub's overview shows, as frozen records, and the protocol of where they come from.

Everything here is known to the hub in the clear (envelope, facts, ledger, broker): codes, states, times and counts.
There is no field for a name or a number of a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from hub.web.groundview import Ground
from hub.web.joiningview import JoiningRow
from hub.web.renewalview import RenewalRow
from hub.web.traffic import TrafficSource
from hub.web.traffic import WaitingRow as WaitingRow  # noqa: PLC0414 -- part of what the overview shows
from schemas.clockface import ClockFace

if TYPE_CHECKING:  # it is made of these rows itself
    from hub.web.searchview import Found, Sought


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One queue of the broker."""

    name: str
    county: str | None  # division code of the county it belongs to; none for the hub's own queues
    ready: int
    unacknowledged: int
    consumers: int
    oldest_age_seconds: float | None  # none: empty, or not known
    dead_lettering: int = 0  # left it as dead letters, and have found no place yet
    redelivered: int | None = None  # handed over again, since the broker started; none: it does not count
    redelivered_at: datetime | None = None  # when the count was last seen to rise


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case, and since when it stands where it stands."""

    case_no: str
    window_county: str
    issuing_county: str
    service_item: str
    state: str  # schemas.lifecycle.CaseState
    since_at: datetime
    trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a case's ladder: what was done, by whom, and when the hub admitted it."""

    name: str  # message type
    by: str  # division code, or `hub`
    at: datetime
    message_id: str
    refused_code: str = ""  # empty: admitted
    outcome: str = ""  # how the step went: granted | denied | printed | spoiled; empty: nothing to say
    to: str = ""  # division code of whom it is for, or `hub`
    leaf_index: int | None = None  # its place in the journal; none: parked, or the hub's own word
    received_at: datetime | None = None  # when the hub admitted its destination's signed receipt
    received_id: str = ""  # the message that is this receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintAttempt:
    """One authorisation of the case, and how far it came."""

    authorisation_no: str
    copy_kind: str
    copy_no: int
    hall: str
    state: str
    station: str  # which station was granted it; empty: none yet
    granted_at: datetime | None
    settled_at: datetime | None
    stock_serial: str
    replaces: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """A message of the case that no step could handle at some time."""

    number: str
    message_id: str
    type: str
    queue: str
    reason: str
    died_at: datetime
    state: str
    batch: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLadder:
    """One case with its rungs in the order of admission."""

    case: CaseRow
    rungs: Sequence[Rung]
    clock: ClockFace
    refusals: Sequence["RefusalRow"] = ()
    prints: Sequence[PrintAttempt] = ()
    deaths: Sequence[Death] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """One message the door stayed shut for."""

    message_id: str
    code: str
    source: str
    admitted_at: datetime
    sentence: str  # Chinese, as it was sent
    sentence_en: str = ""  # English, as it was sent
    case_no: str = ""
    place: str = ""
    remedy: str = ""
    remedy_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintCounts:
    """The print ledger, in numbers of authorisations."""

    authorised: int
    claimed: int
    printed: int
    spoiled: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRow:
    """One authorisation in the hub's ledger."""

    authorisation_no: str
    case_no: str
    county: str  # where it is printed
    stock_kind: str
    state: str
    since_at: datetime
    trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAlarm:
    """A resource alarm of the broker: while it stands, nobody can publish."""

    node: str
    resource: str  # memory | disk | file_descriptors
    since_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One current revocation list."""

    age_days: float
    ends_at: datetime
    ended: bool
    late: bool  # a newer one should have come


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """A certificate that ends soon."""

    holder: str  # a division code; empty for the hub itself
    name: str
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRow:
    """The hub was restored from a backup, and this many counties have not reported yet."""

    opened_at: datetime
    awaited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyRow:
    """One county of the directory, and whether it is connected."""

    code: str
    name: str
    online: bool
    since_at: datetime | None  # online or offline since; none: never seen
    held: bool  # its messages wait in the hold queue
    paused: bool = False  # by an operator; then it is held, too
    slowed: bool = False  # it sends more than its quota, and the rest waits in its slow queue
    stopped: bool = False  # by an operator: whatever it sends waits there
    state: str = "active"


class OverviewSource(TrafficSource, Protocol):
    """Where the page gets its rows. Each call answers from the store or the broker within a second.

    A part that cannot be had now (the management API is down) raises YunhuobanError; the page then shows its
    sentence in that part's place and the other parts as usual.
    """

    def queues(self) -> Sequence[QueueRow]:
        """Every queue of the broker."""

    def waiting(self, queue: str) -> Sequence[WaitingRow]:
        """What waits in one queue, oldest first, at most 500 rows."""

    def cases(self) -> Sequence[CaseRow]:
        """Cases under way, the one that has stood longest first, at most 500 rows."""

    def search(self, sought: "Sought", after: str) -> "Found":
        """A page of the cases that fit, also of closed ones. Raises E-PAGE-110 for an `after` that no page gave."""

    def case_counts(self) -> Mapping[str, int]:
        """How many cases are under way in each state."""

    def case(self, case_no: str) -> CaseLadder | None:
        """One case, also a closed one; none when the hub never admitted it."""

    def refusals(self) -> Sequence[RefusalRow]:
        """Refusals, newest first, at most 500 rows."""

    def print_counts(self) -> PrintCounts:
        """The print ledger in numbers."""

    def prints(self, state: str) -> Sequence[PrintRow]:
        """The authorisations in one state, at most 500 rows."""

    def alarms(self) -> Sequence[BrokerAlarm]:
        """Alarms of the broker that stand now."""

    def ground(self) -> Ground:
        """What the hub itself stands on."""

    def revocation_lists(self) -> Sequence[ListRow]:
        """The current revocation lists; none at all stops everything too."""

    def certificates(self) -> Sequence[CertificateRow]:
        """The certificates that end soon, the first to end first."""

    def renewals(self) -> Sequence[RenewalRow]:
        """Counties' renewals that came over the joining page and are not over; what waits for the authority first."""

    def red_cards(self) -> int:
        """How many red cards somebody still has to do something about."""

    def restore(self) -> RestoreRow | None:
        """The restore whose reports are not all here; none when nothing waits for one."""

    def counties(self) -> Sequence[CountyRow]:
        """Every county of the directory."""

    def joinings(self) -> Sequence[JoiningRow]:
        """The newest invitation of every county that was ever invited, without their key fingerprints."""

    def joinings_under_way(self) -> Sequence[JoiningRow]:
        """Those of them that are not at an end."""

    def joining(self, county: str) -> JoiningRow | None:
        """One of them, with the key fingerprint; none when the county was never invited."""
