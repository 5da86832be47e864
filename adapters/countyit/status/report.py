"""What there is to say of a county node, as frozen records: codes, counts, times and sizes, and nothing of a person."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from adapters.countyit.renewing.progress import Progress
from adapters.countyit.status.pulse import Pulse
from pages import wording
from schemas.errors import YunhuobanError


class Weather(StrEnum):
    """What this county can tell of a partner from here."""

    CLEAR = "clear"
    """It signed for something, or sent something, within the last day, and nothing waits for its word."""
    QUIET = "quiet"
    """Nothing came and nothing waits: whether it could be reached, nobody here knows."""
    SLOW = "slow"
    """The hub has had something for it for a while, and it has not signed."""
    BARRED = "barred"
    """Nothing can be sent to it now, and the code says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A county that we have to do with."""

    code: str
    name: str
    weather: Weather
    why: str
    """Code of what keeps us from sending to it."""
    heard_at: datetime | None
    """When it last sent something."""
    waiting: int
    """Messages of ours for which it has not signed yet."""
    oldest_at: datetime | None
    contract: str
    """The version we write to it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLine:
    """One of our own certificates."""

    role: str
    """connection | signing | encryption | seal | hall"""
    file: str
    """Below `certs/`; in full where the hall's own certificate lies elsewhere."""
    ends_at: datetime | None
    """None when the file cannot be read."""
    days_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One revocation list of the newest directory."""

    kind: str
    """transport | seal"""
    number: int
    age_hours: float
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What came and what is on its way."""

    last_read_at: datetime | None
    """When a record of the local system was last taken."""
    last_arrived_at: datetime | None
    out_of_turn: int
    """Local records that wait for their turn."""
    unsent: int
    """Messages that the hub has not admitted yet."""
    unsent_since: datetime | None
    unsigned: int
    """Messages that the hub has and the other county has not signed for."""
    refused: int
    """Messages of ours that were refused, ever."""
    unopened: int
    """Arrivals that have no effect yet."""
    unwritten: int
    """What is still to be written into the local system."""
    unwritten_failed: int
    """Of these, what was tried and could not be written."""
    troubles: int
    """Records and messages that a person has to look at."""
    troubles_lately: int
    """Of these, what came within the last day; what could not be written locally stands above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """How far our clock is from the hub's, in seconds, positive when ours is ahead; None where nothing tells."""

    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The ground that the node stands on."""

    version: str
    contracts: Sequence[str]
    """The versions of the contract that this node reads."""
    mapping: str
    """Beginning of the version of the mapping that lies there (`adapters.local.mapping.version`)."""
    mapping_at: datetime | None
    disk_free_bytes: int
    disk_total_bytes: int
    store_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it."""

    division_code: str
    name: str
    trial: bool
    made_at: datetime
    pulse: Pulse | None
    """None when no node runs."""
    traffic: Traffic
    partners: Sequence[Partner]
    certificates: Sequence[CertificateLine]
    lists: Sequence[ListLine]
    directory_issued_at: datetime | None
    directory_ends_at: datetime | None
    clock: ClockLine
    machine: Machine
    renewal: Progress | None = None
    """Of our certificates, while it is under way."""
    attention: Sequence[YunhuobanError] = ()
    """What a person has to do something about, the gravest first."""

    @property
    def well(self) -> bool:
        """Whether nobody has to do anything."""
        return not self.attention

    def as_json(self) -> str:
        """For monitoring: every field by its name, times in UTC, `attention` as codes with their sentences."""
        plain = {name: value for name in _PLAIN for value in [getattr(self, name)]}
        parts: dict[str, object] = {
            name: [asdict(each) for each in getattr(self, name)] for name in ("partners", "certificates", "lists")
        }
        parts |= {name: asdict(getattr(self, name)) for name in ("traffic", "clock", "machine")}
        maybe = {"pulse": self.pulse, "renewal": self.renewal}
        parts |= {name: asdict(each) if each is not None else None for name, each in maybe.items()}
        attention = [_said(each) for each in self.attention]
        whole = {"well": self.well, "attention": attention, **plain, **parts}
        return json.dumps(whole, ensure_ascii=False, indent=2, default=_iso)


_PLAIN: Final = ("division_code", "name", "trial", "made_at", "directory_issued_at", "directory_ends_at")


def _said(error: YunhuobanError) -> Mapping[str, str]:
    chinese, english = (wording.sentence(error, language) for language in wording.LANGUAGES)
    return {
        "code": chinese.code,
        "place": chinese.place,
        "found": chinese.found,
        "sentence": chinese.sentence,
        "remedy": chinese.remedy,
        "sentence_en": english.sentence,
        "remedy_en": english.remedy,
    }


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
