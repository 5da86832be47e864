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
    member = directory.members.get(issuing)
    if member is None or not member.active:
        _check_division(issuing, now)
    if not directory.catalogue.filled:
        if (issuing, item) in directory.offers:
            return
        offered = sorted(item for county, item in directory.offers if county == issuing)
        raise YunhuobanError(NOT_OFFERED, place="service_item", found=item, expected=", ".join(offered[:3]) or "-")
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


def _check_division(code: str, now: datetime) -> None:
    try:
        register.find_county(code, beijing_day(now))
    except YunhuobanError as error:
        error.place = "destination"
        raise
