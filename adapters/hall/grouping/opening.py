"""Beginning a group: which items of which counties are its parts, and what has to be granted before what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from adapters.case import casebook, groupbook
from adapters.case.workplace import Workplace
from adapters.directory.directoryview import DirectoryView
from adapters.hall.taking import drafts, offered, together
from adapters.hall.taking.offered import Offered
from adapters.hall.taking.taker import NOT_STARTED
from adapters.hall.taking.together import JOINT, Together
from pages.people.person import Person
from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import beijing_day

BUNDLE: Final = "bundle"
MOST_PARTS: Final = 20
PARTS_COUNT: Final = declare("E-GROUP-002", "一组应有二至二十个部分。", "请再添加事项；只办一个事项的，请到窗口收件。")
NOT_OFFERED: Final = declare(
    "E-GROUP-004", "目录里没有这个一件事，或者它今天不办。", "请回到一件事目录重新选择；目录更新后，内容可能已经变了。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One part before there is a group."""

    county: str
    service_item: str
    after: Sequence[int] = ()


def joint(
    tx: Connection, place: Workplace, wanted: Sequence[Wanted], *, person: Person, window_no: str, trial: bool
) -> str:
    """Begin a group of several cases; returns its number. Raises E-GROUP-002, E-TAKE-003, -021, E-LINK-101."""
    return _begin(tx, place, JOINT, wanted, bundle="", person=person, window_no=window_no, trial=trial)


def bundle(
    tx: Connection, place: Workplace, county: str, name: str, *, person: Person, window_no: str, trial: bool
) -> str:
    """Begin one of a county's bundles; returns its number. Raises E-GROUP-004 and what `joint` raises."""
    directory, today = place.directory.demand(tx), beijing_day(place.clock())
    found = next((each for each in directory.stated.bundles(county, on=today) if each["bundle"] == name), None)
    if found is None:
        raise YunhuobanError(NOT_OFFERED, place="bundle", found=f"{county} {name}"[:60])
    wanted = [
        Wanted(county=county, service_item=each["service_item"], after=tuple(each["after"]))
        for each in found["bundle_parts"]
    ]
    return _begin(tx, place, BUNDLE, wanted, bundle=name, person=person, window_no=window_no, trial=trial)


def _begin(
    tx: Connection,
    place: Workplace,
    kind: str,
    wanted: Sequence[Wanted],
    *,
    bundle: str,
    person: Person,
    window_no: str,
    trial: bool,
) -> str:
    now, directory = place.clock(), place.directory.demand(tx)
    if not 2 <= len(wanted) <= MOST_PARTS:
        raise YunhuobanError(PARTS_COUNT, place="parts", found=str(len(wanted)), expected=f"2…{MOST_PARTS}")
    items = {n: _item(directory, each, place.county, now) for n, each in enumerate(wanted, 1)}
    number = casebook.mint(tx, place.county, now)
    first = {
        each.path: each.first for each in together.fields(Together(number=number, kind=kind, parts=items)) if each.first
    }
    form_id = drafts.start(
        tx,
        place.identity.storage,
        account=person.account,
        window_no=window_no,
        issuing_county=wanted[0].county,
        service_item=items[1].service_item,
        trial=trial,
        typed=first,
        now=now,
    )
    said = {"group_kind": kind, "parts": len(wanted), "all_or_none": False, "bundle": bundle}
    groupbook.begin(
        tx,
        place.county,
        number,
        said,
        bundle_county=wanted[0].county if bundle else "",
        form_id=form_id,
        account=person.account,
        now=now,
    )
    for n, each in enumerate(wanted, 1):
        groupbook.part(
            tx, place.county, number, n, county=each.county, service_item=each.service_item, after=each.after
        )
    return number


def _item(directory: DirectoryView, wanted: Wanted, here: str, now: datetime) -> Offered:
    what = offered.offered(directory, wanted.county, wanted.service_item, window=here, now=now)
    if what.why_not is not None:
        raise YunhuobanError(NOT_STARTED, place=what.why_not.code.code) from what.why_not
    return what
