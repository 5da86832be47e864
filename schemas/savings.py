"""What a bundle or a group saves the applicant, from what catalogue and counties say of its parts. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas import reductions
from schemas.catalogue.model import ServiceItem
from schemas.catalogue.view import CatalogueView
from schemas.identifiers.item import BASIC_LENGTH, IMPLEMENTATION_LENGTH
from schemas.reductions import Effort, Reduction
from schemas.statedview import StatedView

Parts = Sequence[tuple[str, str]]
"""Each by county and item."""


def of_bundle(view: CatalogueView, stated: StatedView, bundle: Mapping[str, Any]) -> Mapping[str, Reduction]:
    """Of a county's bundle as it states it."""
    parts = [(bundle["county"], each["service_item"]) for each in bundle["bundle_parts"]]
    after = reductions.of_bundle(bundle, [_item(view, code) for _county, code in parts])
    return reductions.reductions(reductions.one_by_one(_efforts(view, stated, parts)), after)


def of_joint(view: CatalogueView, stated: StatedView, parts: Parts) -> Mapping[str, Reduction]:
    """Of cases in several counties."""
    efforts = _efforts(view, stated, parts)
    after = reductions.of_joint(efforts, [_item(view, code) for _county, code in parts])
    return reductions.reductions(reductions.one_by_one(efforts), after)


def _efforts(view: CatalogueView, stated: StatedView, parts: Parts) -> list[Effort]:
    return [
        reductions.of_item(
            _item(view, code), view.implementation(county, code[:IMPLEMENTATION_LENGTH]), stated.detail(county, code)
        )
        for county, code in parts
    ]


def _item(view: CatalogueView, code: str) -> ServiceItem | None:
    return view.item(code[IMPLEMENTATION_LENGTH - BASIC_LENGTH : IMPLEMENTATION_LENGTH])
