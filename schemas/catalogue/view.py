"""Questions to a catalogue, each a look-up: built over entries as they lie, decoded when they are first asked for.

The hub has the entries from its store, a county from the directory; the answers are the same. With some 17,000
implementations nothing may be read twice because one of them changed, so that what was decoded before is kept as long
as its bytes are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from schemas import directory as form
from schemas.catalogue import records
from schemas.catalogue.model import Alliance, AllianceItem, AllianceMember, Entity, Implementation, ServiceItem

_E = TypeVar("_E", bound=Entity)


class CatalogueView:
    """One state of the catalogue. Safe to share between threads: what is kept is only ever added to."""

    def __init__(self, entries: Mapping[str, bytes], before: "CatalogueView | None" = None) -> None:
        """`entries` may hold other kinds too. They were checked where they came in (`records.decode`)."""
        self.entries = entries
        self._read: dict[str, tuple[bytes, Entity]] = before._read if before is not None else {}  # noqa: SLF001 -- its own kind

    @cached_property
    def filled(self) -> bool:
        """Whether there is any item at all; a hub where no catalogue was imported yet has none."""
        return any(form.kind_of(key) == form.ITEM for key in self.entries)

    @cached_property
    def alliances(self) -> Sequence[Alliance]:
        """All of them; they are few."""
        return tuple(self.each(Alliance))

    def item(self, basic_code: str) -> ServiceItem | None:
        """The service item under a 基本编码."""
        return self._get(form.item_key(basic_code), ServiceItem)

    def implementation(self, county: str, code: str) -> Implementation | None:
        """What this county says of the item under an 实施编码."""
        return self._get(form.implementation_key(county, code), Implementation)

    def alliance(self, alliance: str) -> Alliance | None:
        """The alliance with this id."""
        return self._get(form.alliance_key(alliance), Alliance)

    def member(self, alliance: str, county: str) -> AllianceMember | None:
        """The county's membership."""
        return self._get(form.member_key(alliance, county), AllianceMember)

    def listed(self, alliance: str, basic_code: str) -> AllianceItem | None:
        """The item on the alliance's list."""
        return self._get(form.alliance_item_key(alliance, basic_code), AllianceItem)

    def each(self, kind: type[_E]) -> Iterator[_E]:
        """All of one kind, in the order of their keys. Reads them all."""
        (name,) = (name for name, made in records.CLASSES.items() if made is kind)
        for key in sorted(key for key in self.entries if form.kind_of(key) == name):
            found = self._get(key, kind)
            if found is not None:
                yield found

    def _get(self, key: str, kind: type[_E]) -> _E | None:
        value = self.entries.get(key)
        if value is None:
            return None
        kept = self._read.get(key)
        if kept is None or kept[0] != value:
            kept = self._read[key] = (value, records.decode(key, value))
        found = kept[1]
        return found if isinstance(found, kind) else None
