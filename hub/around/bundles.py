"""四减: what the counties' bundles (一件事) save in visits, steps, materials and days, as the directory has them.

Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schemas import reductions, savings
from schemas.catalogue.view import CatalogueView
from schemas.reductions import Reduction
from schemas.statedview import StatedView


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One bundle, or all of a county's together."""

    county: str
    name: str
    parts: int
    reductions: Mapping[str, Reduction]
    """Those of the four (`schemas.reductions.MEASURES`) that are known."""


def counted(view: CatalogueView, stated: StatedView, on: date) -> Sequence[Saved]:
    """Every county's bundles on that day, by county and number."""
    return [
        Saved(
            county=each["county"],
            name=each["name"],
            parts=len(each["bundle_parts"]),
            reductions=savings.of_bundle(view, stated, each),
        )
        for each in stated.every_bundle(on=on)
    ]


def summed(several: Sequence[Saved]) -> Mapping[str, Reduction]:
    """Of all of them together."""
    return reductions.total(each.reductions for each in several)
