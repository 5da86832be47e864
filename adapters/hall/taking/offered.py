"""What may be applied for: every item of every county in the directory, found as one types, and whether it goes now.

With a catalogue it is searched as everywhere (`schemas.catalogue.search`). Before there is one, all that is known of an
item is its name on the issuing county's card: the same search goes over that, and what is not known is not told.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from adapters.authority import windowpowers
from adapters.authority.windowpowers import Held
from adapters.directory import choosing
from adapters.directory.directoryview import DirectoryView
from adapters.local.mapping import Translation
from schemas import releases
from schemas.catalogue import offering
from schemas.catalogue.model import (
    AllianceMember,
    BusinessItem,
    Entity,
    Implementation,
    LimitUnit,
    ListedMaterial,
    Mode,
    ServiceItem,
    in_force,
)
from schemas.catalogue.search import Index
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.item import BASIC_LENGTH, IMPLEMENTATION_LENGTH
from schemas.messages import Parties
from schemas.workdays.hours import beijing_day

SHOWN: Final = 12
"""Hits on one screen of 1366 × 768 with nothing to scroll."""
NOT_TO_BE_TAKEN: Final = declare(
    "E-TAKE-003", "目录中没有这个县的这个事项。", "请重新查找；目录更新后，事项可能已经换了编码。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One item at one county, with what the directory says of it."""

    county: str
    county_name: str
    service_item: str
    name: str
    item: ServiceItem | None
    """None before there is a catalogue."""
    implementation: Implementation | None
    alliances: Sequence[str]
    """Under which this window may take it today; none before there is a catalogue."""
    why_not: YunhuobanError | None = None
    """What stands in the way today."""
    powers: Held = None
    """What the issuing county lets this window do in its place."""
    told: bool = True
    """Whether the issuing county's contract has words for what was done in its place."""
    answers: Sequence[Mapping[str, Any]] = ()
    """What the county's guide answers about it; known when it is looked at alone."""

    @property
    def modes(self) -> Sequence[Mode]:
        """In which it may be handled."""
        return tuple(self.item.modes) if self.item is not None else tuple(Mode)

    @property
    def may_accept(self) -> bool:
        """收件受理权, and a promise to give."""
        return self.told and self.implementation is not None and windowpowers.may(self.powers, windowpowers.ACCEPT)

    @property
    def may_inform(self) -> bool:
        """一次性告知权."""
        return self.told and windowpowers.may(self.powers, windowpowers.INFORM)

    @property
    def may_compare(self) -> bool:
        """原件核验权."""
        return windowpowers.may(self.powers, windowpowers.VERIFY)

    @property
    def may_deliver(self) -> bool:
        """结果送达权."""
        return windowpowers.may(self.powers, windowpowers.DELIVER)

    @property
    def materials(self) -> Sequence[ListedMaterial]:
        """What it asks for; empty when that is not known."""
        return tuple(self.item.materials) if self.item is not None else ()

    @property
    def business_items(self) -> Sequence[BusinessItem]:
        """业务办理项; empty when that is not known."""
        return tuple(self.implementation.business_items) if self.implementation is not None else ()


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found, and how many there are in all."""

    rows: Sequence[Offered]
    total: int


class Search:
    """Over the newest directory; the index is made anew when what it is made of has changed. Safe to share."""

    def __init__(self, window: str) -> None:
        """`window` is this county. Nothing is read yet."""
        self._window = window
        self._lock = threading.Lock()
        self._serial = -1
        self._entities: Sequence[Entity] = ()
        self._index: Index | None = None

    def look(self, text: str, directory: DirectoryView, now: datetime) -> Hits:
        """The best matches for words, initials or fragments of codes; an item that no county handles is left out."""
        found = self._over(directory).search(text, limit=SHOWN * 2)
        rows = [
            offered(directory, hit.implementation.county, hit.implementation.code, window=self._window, now=now)
            for hit in found.hits
            if hit.implementation is not None
        ]
        return Hits(rows[:SHOWN], max(found.total - len(found.hits) + len(rows), len(rows)))

    def _over(self, directory: DirectoryView) -> Index:
        with self._lock:
            if self._index is None or self._serial != directory.serial:
                found = tuple(_entities(directory))  # read once as long as their bytes are the same
                if self._index is None or found != self._entities:
                    self._index, self._entities = Index(found), found
                self._serial = directory.serial
            return self._index


def offered(directory: DirectoryView, county: str, service_item: str, *, window: str, now: datetime) -> Offered:
    """One item at one county as it stands today. Raises E-TAKE-003 when the directory has none such."""
    code = service_item[:IMPLEMENTATION_LENGTH]
    catalogue, on = directory.catalogue, beijing_day(now)
    found = catalogue.implementation(county, code)
    item = catalogue.item(code[IMPLEMENTATION_LENGTH - BASIC_LENGTH :])
    carded = directory.offers.get((county, code))
    if (found is None or item is None) and (catalogue.filled or carded is None):
        raise YunhuobanError(NOT_TO_BE_TAKEN, place="service_item", found=f"{county} {code}"[:60])
    under = offering.alliances(catalogue, service_item=code, issuing=county, window=window, on=on)
    plain = Offered(
        county=county,
        county_name=directory.name(county),
        service_item=code,
        name=found.name if found is not None else carded or "",
        item=item,
        implementation=found,
        alliances=under,
        powers=windowpowers.held(directory, Parties(window=window, issuing=county), code, on),
        told=_told(directory, county),
    )
    return replace(plain, why_not=_why_not(plain, directory, window, now))


def _told(directory: DirectoryView, county: str) -> bool:
    try:
        return releases.has_field(directory.contract(county), "Application", "window_acceptance")
    except YunhuobanError:  # nothing in common: said elsewhere
        return False


def _why_not(what: Offered, directory: DirectoryView, window: str, now: datetime) -> YunhuobanError | None:
    """The same judgement as at the press, with all materials there."""
    said = Translation(
        message_type="application.submitted",
        canonical={
            "alliance": what.alliances[0] if what.alliances else "",
            "mode": what.modes[0].value if what.modes else "",
            "materials": [{"code": each.code} for each in what.materials],
        },
        local_case="",
        destination=what.county,
        service_item=what.service_item,
        trial=False,
        lineage=(),
    )
    if what.implementation is not None and not in_force(what.implementation, beijing_day(now)):
        ends = what.implementation.valid_to.isoformat() if what.implementation.valid_to is not None else ""
        return YunhuobanError(offering.NOT_IN_FORCE, place="service_item", expected=ends)
    if what.implementation is not None and not what.alliances:
        return YunhuobanError(offering.NOT_LISTED, place="alliance", found=window, expected=what.county)
    try:
        choosing.check(said, directory, window=window, now=now)
        member = directory.members.get(what.county)
        if member is None or not member.active:
            directory.recipient(what.county, now)
    except YunhuobanError as error:
        return error
    return None


def _entities(directory: DirectoryView) -> Iterable[Entity]:
    if directory.catalogue.filled:
        yield from directory.catalogue.each(ServiceItem)
        done = tuple(directory.catalogue.each(Implementation))
        yield from done
        yield from _named({each.county for each in done}, directory)
    else:
        yield from _carded(directory)
        yield from _named({county for county, _item in directory.offers}, directory)


def _named(counties: Iterable[str], directory: DirectoryView) -> Iterator[AllianceMember]:
    """The counties under the names that the pages show, in the shape in which the search takes names."""
    for county in sorted(counties):
        name = directory.name(county)
        yield AllianceMember(alliance="", county=county, name=name, valid_from=date.min, valid_to=None)


def _carded(directory: DirectoryView) -> Iterator[Entity]:
    """What the counties' cards offer, in the shape that the search looks through; only names and codes are true."""
    items: dict[str, ServiceItem] = {}
    for (county, code), name in directory.offers.items():
        basic = code[IMPLEMENTATION_LENGTH - BASIC_LENGTH :]
        items.setdefault(basic, _bare_item(basic, name))
        yield _bare_implementation(county, code, name)
    yield from items.values()


def _bare_item(basic: str, name: str) -> ServiceItem:
    return ServiceItem(
        code=basic, name=name, modes=(), materials=(), power_source="", accept_condition="", handle_flow="",
        result_name="",
    )  # fmt: skip


def _bare_implementation(county: str, code: str, name: str) -> Implementation:
    return Implementation(
        county=county, code=code, name=name, business_items=(), anticipate_day=0,
        anticipate_type=LimitUnit.WORKING_DAY, promise_day=0, promise_type=LimitUnit.WORKING_DAY, license_template="",
        greatest_state_age_seconds=0, limit_scene_num=0, is_fee=False, special_procedure="", accept_condition="",
        handle_flow="", transact_addr="", transact_time="", link_way="", supervise_way="", valid_from=date.min,
        valid_to=None,
    )  # fmt: skip
