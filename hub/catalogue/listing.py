"""What `hub catalogue list` and `show` say: the alliances with their sizes, and everything about one code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.catalogue import sheets
from schemas.catalogue.model import (
    Alliance,
    AllianceItem,
    AllianceMember,
    Dated,
    Implementation,
    ServiceItem,
    in_force,
)
from schemas.catalogue.view import CatalogueView
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.item import BASIC_LENGTH, IMPLEMENTATION_LENGTH

NOT_THERE: Final = declare(
    "E-CAT-040", "目录中没有这个编码。", "请用 hub catalogue search 查找；可写联盟编号、12位或31位编码、行政区划代码。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllianceSize:
    """An alliance with what is in force in it on a day."""

    alliance: Alliance
    provinces: int
    prefectures: int
    counties: int
    items: int


def sizes(view: CatalogueView, on: date) -> list[AllianceSize]:
    """Every alliance; a prefecture is counted by the first four digits of its counties."""
    members = [each for each in view.each(AllianceMember) if in_force(each, on)]
    items = [each for each in view.each(AllianceItem) if in_force(each, on)]
    found = []
    for alliance in view.alliances:
        codes = [each.county for each in members if each.alliance == alliance.id]
        found.append(
            AllianceSize(
                alliance=alliance,
                provinces=len({code[:2] for code in codes}),
                prefectures=len({code[:4] for code in codes}),
                counties=len(codes),
                items=sum(each.alliance == alliance.id for each in items),
            )
        )
    return found


def show(view: CatalogueView, code: str) -> Sequence[ServiceItem | Implementation | Alliance | AllianceMember]:
    """What a code names: an item, what a county says of it, an alliance with its members, or a county's items.

    Raises E-CAT-040.
    """
    found = list(_found(view, code.strip()))
    if not found:
        raise YunhuobanError(NOT_THERE, found=code[:40])
    return found


def lines(thing: ServiceItem | Implementation | Alliance | AllianceMember) -> Iterator[str]:
    """It for a person at a terminal, in the words of the sheets."""
    match thing:
        case ServiceItem():
            yield f"{thing.code}  {thing.name}  {thing.item_type}  {sheets.MODES.write(thing.modes)}"
            for text in (thing.power_source, thing.accept_condition, thing.handle_flow, thing.result_name):
                if text:
                    yield f"  {text}"
            for each in thing.materials:
                exempt = "  免提交" if each.exempt else ""
                needed, source = sheets.NECESSITY.write(each.necessity), sheets.SOURCE.write(each.source)
                yield f"  {each.code}  {each.name}  {needed}  {source}{exempt}"
        case Implementation():
            promised = f"{thing.promise_day} {sheets.UNIT.write(thing.promise_type)}"
            stated = f"{thing.anticipate_day} {sheets.UNIT.write(thing.anticipate_type)}"
            where = f"{thing.transact_addr}  {thing.link_way}"
            yield f"{thing.county}  {thing.code}  {thing.name}  {promised} ≤ {stated}  {where}  {days(thing)}"
        case Alliance():
            yield f"{thing.id}  {thing.name}  {thing.agreement}  {days(thing)}"
        case AllianceMember():
            yield f"  {thing.county}  {thing.name}  {days(thing)}"


def days(thing: Dated) -> str:
    """From when to when it holds; open when it has no end."""
    return f"{thing.valid_from}…{thing.valid_to or ''}"


def _found(view: CatalogueView, code: str) -> Iterator[ServiceItem | Implementation | Alliance | AllianceMember]:
    item = view.item(code[-BASIC_LENGTH:]) if len(code) in (BASIC_LENGTH, IMPLEMENTATION_LENGTH) else None
    if item is not None:
        yield item
    alliance = view.alliance(code)
    if alliance is not None:
        yield alliance
        yield from (each for each in view.each(AllianceMember) if each.alliance == code)
    for each in view.each(Implementation):
        if code in (each.code, each.county, each.basic):
            yield each
