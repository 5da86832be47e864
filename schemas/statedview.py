"""Questions to what counties have said of themselves: look-ups in the directory's entries, decoded when asked.

The hub has the entries from its store, a county from the directory; the answers are the same. What its days do not
cover is not there. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

from schemas import codec, directory
from schemas.identifiers.item import IMPLEMENTATION_LENGTH
from schemas.stating import STATEMENTS

Record = Mapping[str, Any]
_RECORDS: Final = {
    directory.kind_of(key): record
    for key, record in (
        (directory.powers_key("", "", ""), "WindowPowers"),
        (directory.expert_key("", ""), "Expert"),
        (directory.bundle_key("", ""), "Bundle"),
        (directory.detail_key("", ""), "ItemDetail"),
        (directory.guide_answer_key("", ""), "GuideAnswer"),
    )
}
_KEYS: Final = {each.record: each.key for each in STATEMENTS.values()}


class StatedView:
    """One state of what was said. Safe to share between threads."""

    def __init__(self, entries: Mapping[str, bytes], before: "StatedView | None" = None) -> None:
        """`entries` may hold other kinds too; what `before` has read of an entry that is the same is kept."""
        self._entries = entries
        self._read: dict[str, tuple[bytes, Record]] = before._read if before is not None else {}  # noqa: SLF001 -- its own kind

    @cached_property
    def _keys(self) -> Sequence[str]:
        """Of these kinds only: the whole directory has tens of thousands of others, and pages ask all the time."""
        return sorted(key for key in self._entries if directory.kind_of(key) in directory.STATED)

    def powers(self, *, issuing: str, window: str, service_item: str, on: date) -> frozenset[str] | None:
        """The powers that the window county has for this item; None when the issuing county has said nothing."""
        found = self._get(directory.powers_key(issuing, window, service_item[:IMPLEMENTATION_LENGTH]))
        if found is None:
            return None
        return frozenset(found["powers"]) if _covers(found, on) else frozenset()

    def detail(self, county: str, service_item: str) -> Record | None:
        """What the county adds about its item."""
        return self._get(directory.detail_key(county, service_item[:IMPLEMENTATION_LENGTH]))

    def bundle(self, county: str, bundle: str) -> Record | None:
        """One of the county's bundles, whether its days cover today or not."""
        return self._get(directory.bundle_key(county, bundle))

    def bundles(self, county: str, *, on: date) -> list[Record]:
        """The county's bundles (一件事) on that day."""
        return [each for each in self._each(f"{directory.BUNDLE}/{county}/") if _covers(each, on)]

    def every_bundle(self, *, on: date) -> list[Record]:
        """All counties' bundles on that day, in the order of counties and numbers."""
        return [each for each in self._each(f"{directory.BUNDLE}/") if _covers(each, on)]

    def experts(self, *, on: date) -> list[Record]:
        """All counties' experts on that day, in the order of their numbers."""
        found = [each for each in self._each(f"{directory.EXPERT}/") if _covers(each, on)]
        return sorted(found, key=lambda each: (each["expert_no"], each["county"]))

    def answers(self, county: str, service_item: str) -> list[Record]:
        """What the guide answers about this item, the newest first."""
        item = service_item[:IMPLEMENTATION_LENGTH]
        found = [each for each in self._each(f"{directory.GUIDE_ANSWER}/{county}/") if each["service_item"] == item]
        return sorted(found, key=lambda each: (each["published_at"], each["answer_no"]), reverse=True)

    def stated_answers(self, county: str) -> list[Record]:
        """Everything that this county's guide answers, in the order of the numbers."""
        return list(self._each(f"{directory.GUIDE_ANSWER}/{county}/"))

    def stated_powers(self, issuing: str) -> list[Record]:
        """Every power that this county has granted, in the order of the window counties and items."""
        return list(self._each(f"{directory.POWERS}/{issuing}/"))

    def granted_to(self, window: str) -> list[Record]:
        """Every power that this window county was granted, in the order of the issuing counties and items."""
        found = (self._get(key) for key in sorted(self._entries) if key.startswith(f"{directory.POWERS}/"))
        return [each for each in found if each is not None and each["window"] == window]

    def _each(self, prefix: str) -> Iterator[Record]:
        for key in self._keys:
            if not key.startswith(prefix):
                continue
            found = self._get(key)
            if found is not None:
                yield found

    def _get(self, key: str) -> Record | None:
        value = self._entries.get(key)
        if value is None:
            return None
        kept = self._read.get(key)
        if kept is None or kept[0] != value:
            kept = self._read[key] = (value, decode(key, value))
        return kept[1]


def decode(key: str, value: bytes) -> Record:
    """The record under a key of one of these kinds. Raises E-CODEC-…, ValueError for another key's value."""
    name = _RECORDS[directory.kind_of(key)]
    record: Record = codec.decode(value, name)
    if _KEYS[name](record) != key:
        raise ValueError(key)
    return record


def _covers(record: Record, on: date) -> bool:
    return bool(record["valid_from"] <= on and (record["valid_to"] is None or on <= record["valid_to"]))
