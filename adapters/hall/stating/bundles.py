"""The county's catalogue of 一件事: each bundle is stated to all, changed by stating it anew, and withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from adapters.directory.directoryview import DirectoryView
from adapters.hall.stating.desk import Stated, StatingDesk
from pages.frame import NOT_THERE
from schemas import directory, savings
from schemas.errors import YunhuobanError
from schemas.reductions import Reduction
from schemas.stating import PARTS_WRONG
from schemas.workdays.hours import beijing_day

KIND: Final = "bundle.stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One bundle of this county."""

    said: Stated
    saved: Mapping[str, Reduction]
    names: Sequence[str]
    """Of its parts, in order."""


class BundleDesk:
    """States, changes and withdraws; shows what there is."""

    def __init__(self, desk: StatingDesk) -> None:
        """Over what every section has."""
        self._desk = desk
        self._place = desk.place

    def lines(self) -> Sequence[Line]:
        """What this county has said, in the order of its numbers."""
        view, items = self._view(), self.items()
        return [
            Line(
                said=each,
                saved=savings.of_bundle(view.catalogue, view.stated, each.record) if view is not None else {},
                names=[items.get(part["service_item"], part["service_item"]) for part in each.record["bundle_parts"]],
            )
            for each in self._desk.stated(KIND, directory.BUNDLE).values()
        ]

    def items(self) -> Mapping[str, str]:
        """The items that this county handles: code and name."""
        return self._desk.items()

    def today(self) -> date:
        """In Beijing."""
        return beijing_day(self._place.clock())

    def state(self, record: Mapping[str, Any], *, action_id: str) -> None:
        """Say a bundle, new or changed. Raises E-STATE-001 to -006, E-LINK-101."""
        whole: dict[str, Any] = {"county": self._place.county, "withdrawn": False, **record}
        for number, each in enumerate(whole["bundle_parts"], 1):
            if each["service_item"] not in self.items():
                place = f"bundle_parts[{number}].service_item"
                raise YunhuobanError(PARTS_WRONG, place=place, found=each["service_item"][:40])
        self._desk.say(KIND, whole, action_id=action_id)

    def withdraw(self, bundle: str, *, action_id: str) -> None:
        """Take it out of the directory: no window begins it any more. Raises E-PAGE-005, E-LINK-101."""
        there = self._desk.stated(KIND, directory.BUNDLE).get(directory.bundle_key(self._place.county, bundle))
        if there is None:
            raise YunhuobanError(NOT_THERE, place="bundle")
        self._desk.say(KIND, {**there.record, "withdrawn": True}, action_id=action_id)

    def _view(self) -> DirectoryView | None:
        with self._place.store.read() as tx:
            return self._place.directory(tx)


def parts(items: Sequence[str], after: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a form that have an item, in their order; what comes before is typed as numbers of rows.

    Raises E-STATE-005 for anything else.
    """
    typed = [(item.strip(), before) for item, before in zip(items, after, strict=False) if item.strip()]
    return [{"service_item": item, "after": _numbers(before, n)} for n, (item, before) in enumerate(typed, 1)]


def _numbers(typed: str, row: int) -> list[int]:
    words = typed.replace("、", " ").replace("，", " ").replace(",", " ").split()
    if any(not (each.isascii() and each.isdecimal() and len(each) < 3) for each in words):
        raise YunhuobanError(PARTS_WRONG, place=f"bundle_parts[{row}].after", found=typed[:40], expected="1, 2 …")
    return [int(each) for each in words]
