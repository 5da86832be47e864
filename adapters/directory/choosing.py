"""Whether a county's own application may be made, and under which alliance: asked before anything is signed.

By the catalogue once the directory has one; before that by what the issuing county's card says it offers.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters.directory.directoryview import DirectoryView
from adapters.local.mapping import Translation
from schemas.catalogue import offering
from schemas.divisions import register
from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import beijing_day

NOT_OFFERED: Final = declare(
    "E-SRC-103", "目录中该县没有开通这一事项。", "请核对实施编码，或查看目录中该县开通的事项。"
)
MAY_COME: Final = (
    NOT_OFFERED,
    offering.ITEM_UNKNOWN,
    offering.NOT_OFFERED,
    offering.NOT_IN_FORCE,
    offering.ALLIANCE_UNKNOWN,
    offering.NOT_A_MEMBER,
    offering.NOT_LISTED,
)
"""What a new directory, or a new day, may cure."""
_OPENING: Final = "application.submitted"


def completed(translation: Translation, directory: DirectoryView, *, window: str, now: datetime) -> Translation:
    """An application whose local system knows of no alliances goes under the first one that has it."""
    record = translation.canonical
    if translation.message_type != _OPENING or record["alliance"] or not directory.catalogue.filled:
        return translation
    found = offering.alliances(
        directory.catalogue,
        service_item=translation.service_item or "",
        issuing=translation.destination or "",
        window=window,
        on=beijing_day(now),
    )
    return replace(translation, canonical={**record, "alliance": found[0] if found else ""})


def check(translation: Translation, directory: DirectoryView, *, window: str, now: datetime) -> None:
    """Raises E-SRC-103 or E-CAT-101…109 for an application that the hub would refuse.

    A county that the directory does not have as active may have a code of before: E-ID-003 to -005 say so.
    """
    issuing, item, record = translation.destination or "", translation.service_item or "", translation.canonical
    _check_member(directory, issuing, now)
    if not directory.catalogue.filled:
        _check_card(directory, issuing, item)
        return
    problem = offering.problem(
        directory.catalogue,
        service_item=item,
        issuing=issuing,
        window=window,
        alliance=record["alliance"],
        mode=record["mode"],
        material_codes=[each["code"] for each in record["materials"] if each["code"]],
        on=beijing_day(now),
    )
    if problem is not None:
        raise problem


def check_concerning(directory: DirectoryView, *, other: str, concerned: str, service_item: str, now: datetime) -> None:
    """Whether a matter with the `other` county may be opened about an item of the county `concerned`.

    Raises E-SRC-103 or E-CAT-101 to -103, E-ID-003 to -005.
    """
    _check_member(directory, other, now)
    if not directory.catalogue.filled:
        _check_card(directory, concerned, service_item)
        return
    against = offering.concerning(directory.catalogue, service_item=service_item, county=concerned, on=beijing_day(now))
    if against is not None:
        raise against


def _check_member(directory: DirectoryView, county: str, now: datetime) -> None:
    member = directory.members.get(county)
    if member is None or not member.active:
        _check_division(county, now)


def _check_card(directory: DirectoryView, county: str, item: str) -> None:
    if (county, item) in directory.offers:
        return
    offered = sorted(item for at, item in directory.offers if at == county)
    raise YunhuobanError(NOT_OFFERED, place="service_item", found=item, expected=", ".join(offered[:3]) or "-")


def _check_division(code: str, now: datetime) -> None:
    try:
        register.find_county(code, beijing_day(now))
    except YunhuobanError as error:
        error.place = "destination"
        raise
