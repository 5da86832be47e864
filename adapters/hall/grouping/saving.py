"""What a bundle or a group saves the applicant, from what the directory says of its parts (`schemas.reductions`)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.directory.directoryview import DirectoryView
from pages.wording import mark as _
from schemas import reductions
from schemas.identifiers.item import BASIC_LENGTH, IMPLEMENTATION_LENGTH
from schemas.reductions import Effort, Reduction

NAMES: Final = {
    "visits": _("跑动次数"),
    "steps": _("办理环节"),
    "materials": _("提交材料"),
    "days": _("办理时限（工作日）"),
}


def of_bundle(directory: DirectoryView, bundle: Mapping[str, Any]) -> Mapping[str, Reduction]:
    """Of a county's bundle as it states it."""
    parts = [(bundle["county"], each["service_item"]) for each in bundle["bundle_parts"]]
    after = reductions.of_bundle(bundle, [_item(directory, code) for _county, code in parts])
    return reductions.reductions(reductions.one_by_one(_efforts(directory, parts)), after)


def of_joint(directory: DirectoryView, parts: Sequence[tuple[str, str]]) -> Mapping[str, Reduction]:
    """Of cases in several counties, each given by county and item."""
    efforts = _efforts(directory, parts)
    after = reductions.of_joint(efforts, [_item(directory, code) for _county, code in parts])
    return reductions.reductions(reductions.one_by_one(efforts), after)


def _efforts(directory: DirectoryView, parts: Sequence[tuple[str, str]]) -> list[Effort]:
    return [
        reductions.of_item(
            _item(directory, code),
            directory.catalogue.implementation(county, code[:IMPLEMENTATION_LENGTH]),
            directory.stated.detail(county, code),
        )
        for county, code in parts
    ]


def _item(directory: DirectoryView, code: str) -> Any:
    return directory.catalogue.item(code[IMPLEMENTATION_LENGTH - BASIC_LENGTH : IMPLEMENTATION_LENGTH])
