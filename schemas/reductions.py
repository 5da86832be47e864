"""What a bundle (一件事) saves the applicant: visits, steps, materials and days, one by one against the whole.

The four are those by which counties count it (跑动、环节、材料、时限); the figures of one item come from what its
county says of it in the directory. What is not known makes no reduction, and is not guessed. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from schemas.catalogue.model import Implementation, LimitUnit, ServiceItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What one thing asks of the applicant; None: not known."""

    visits: int | None
    """How often somebody has to appear."""
    steps: int | None
    materials: int | None
    """Without which the application is incomplete."""
    days: int | None
    """Working days until the end, as promised."""


MEASURES: Final = tuple(each.name for each in fields(Effort))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """One of the four."""

    before: int
    """All parts, one by one."""
    after: int

    @property
    def percent(self) -> int | None:
        """How much less, of a hundred; None where there was nothing. More is a negative reduction."""
        return round(100 * (self.before - self.after) / self.before) if self.before else None


def of_item(item: ServiceItem | None, offer: Implementation | None, detail: Mapping[str, Any] | None) -> Effort:
    """One item by itself: its materials, its visits and days in its county, and the steps that were stated."""
    counted = offer is not None and offer.promise_type is LimitUnit.WORKING_DAY
    return Effort(
        visits=offer.limit_scene_num if offer is not None else None,
        steps=detail["steps"] if detail is not None else None,
        materials=len(_demanded([item])) if item is not None else None,
        days=offer.promise_day if offer is not None and counted else None,
    )


def of_bundle(bundle: Mapping[str, Any], items: Sequence[ServiceItem | None]) -> Effort:
    """A bundle as its county states it; a material that several parts ask for is handed in once."""
    return Effort(visits=bundle["visits"], steps=bundle["steps"], materials=_together(items), days=bundle["days"])


def of_joint(parts: Sequence[Effort], items: Sequence[ServiceItem | None]) -> Effort:
    """Cases of several counties at one window: one visit, each material once, and all at the same time."""
    days = [each.days for each in parts]
    known = [each for each in days if each is not None]
    return Effort(
        visits=1,
        steps=None,
        materials=_together(items),
        days=max(known, default=None) if len(known) == len(days) else None,
    )


def one_by_one(parts: Iterable[Effort]) -> Effort:
    """All parts as if there were no bundle."""
    found = list(parts)
    return Effort(**{name: _sum([getattr(each, name) for each in found]) for name in MEASURES})


def reductions(before: Effort, after: Effort) -> Mapping[str, Reduction]:
    """Those of the four of which both sides are known."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in MEASURES}
    return {
        name: Reduction(before=first, after=second)
        for name, (first, second) in pairs.items()
        if first is not None and second is not None
    }


def total(several: Iterable[Mapping[str, Reduction]]) -> Mapping[str, Reduction]:
    """Of several groups together."""
    found = list(several)
    return {
        name: Reduction(
            before=sum(each[name].before for each in found if name in each),
            after=sum(each[name].after for each in found if name in each),
        )
        for name in MEASURES
        if any(name in each for each in found)
    }


def _together(items: Sequence[ServiceItem | None]) -> int | None:
    known = [each for each in items if each is not None]
    return len(_demanded(known)) if len(known) == len(items) else None


def _demanded(items: Sequence[ServiceItem]) -> set[tuple[str, str]]:
    return {(each.code, each.name) for item in items for each in item.materials if each.demanded}


def _sum(values: Sequence[int | None]) -> int | None:
    known = [each for each in values if each is not None]
    return sum(known) if len(known) == len(values) else None
