"""Whether one application may be made: asked by the sender's adapter before it sends, and again by the hub.

Pure and quick: a handful of look-ups. The day is the hub's admission day in Beijing; the sender asks for its own today.
"""

import re
from collections.abc import Collection
from datetime import date
from typing import Final

from schemas.catalogue.model import Mode, in_force
from schemas.catalogue.view import CatalogueView
from schemas.errors import Code, YunhuobanError, declare
from schemas.identifiers.item import BASIC_LENGTH, HANDLING_LENGTH, IMPLEMENTATION_LENGTH

ITEM_UNKNOWN: Final = declare("E-CAT-101", "目录中没有这个事项。", "请核对事项编码；新事项须先由联盟办公室列入目录。")
NOT_OFFERED: Final = declare(
    "E-CAT-102", "该县不办理这个事项。", "请核对实施编码与属地，或在目录中查找办理该事项的县。"
)
NOT_IN_FORCE: Final = declare(
    "E-CAT-103", "该县在这一天不办理这个事项：未到或已过有效期。", "请核对有效期；如该县已延期，请其更新目录。"
)
ALLIANCE_UNKNOWN: Final = declare(
    "E-CAT-104", "没有这个联盟，或其协议在这一天无效。", "请核对联盟编号与协议有效期，改用两县共同加入的联盟。"
)
NOT_A_MEMBER: Final = declare(
    "E-CAT-105", "该县在这一天不是这个联盟的成员。", "请改用两县共同加入的联盟，或与联盟办公室核对。"
)
NOT_LISTED: Final = declare(
    "E-CAT-106", "这个事项在这一天不在这个联盟的通办清单内。", "请改用列有该事项的联盟，或请申请人到属地办理。"
)
MODE_WRONG: Final = declare("E-CAT-107", "这个事项不能以这种模式办理。", "请改用目录中列出的办理模式。")
MATERIAL_MISSING: Final = declare(
    "E-CAT-108", "缺少必要材料。", "请补齐所列编码的材料后再报送；容缺后补与免提交的材料不在其列。"
)
MATERIAL_UNKNOWN: Final = declare(
    "E-CAT-109",
    "所附材料的编码不在这个事项的材料清单内。",
    "请按目录中的材料编码填写；清单之外的材料不写编码，只放在加密的申请内。",
)
_ALLIANCE: Final = re.compile(r"[A-Z0-9-]{1,20}")


def problem(
    view: CatalogueView,
    *,
    service_item: str,
    issuing: str,
    window: str,
    alliance: str,
    mode: str,
    material_codes: Collection[str],
    on: date,
) -> YunhuobanError | None:
    """The first thing that stands against it, or None.

    `service_item` is an 实施编码 or a 业务办理项编码, `mode` one of `Mode`. In this order: E-CAT-101 unknown item,
    -102 not offered by the issuing county, -103 not on that day, -104 alliance, -105 a county, -106 the item not in it
    on that day, -107 wrong mode, -108 the demanded materials that are missing, by their codes, -109 codes that are not
    on the item's list: facts travel in the clear and must not become a place for anything else.
    """
    against = concerning(view, service_item=service_item, county=issuing, on=on)
    basic = service_item[IMPLEMENTATION_LENGTH - BASIC_LENGTH : IMPLEMENTATION_LENGTH]
    item = view.item(basic)
    if against is not None or item is None:
        return against
    found = view.alliance(alliance)
    if found is None:
        known = _ALLIANCE.fullmatch(alliance)
        return _refused(ALLIANCE_UNKNOWN, "alliance", alliance if known else f"len={len(alliance)}", _ALLIANCE.pattern)
    if not in_force(found, on):
        return _refused(ALLIANCE_UNKNOWN, "alliance", on.isoformat(), _days(found.valid_from, found.valid_to))
    for county in (window, issuing):
        member = view.member(alliance, county)
        if member is None or not in_force(member, on):
            return _refused(NOT_A_MEMBER, "alliance", f"{county} {on}", alliance)
    listed = view.listed(alliance, basic)
    if listed is None or not in_force(listed, on):
        return _refused(NOT_LISTED, "alliance", f"{basic} {on}", alliance)
    if mode not in item.modes:
        return _refused(MODE_WRONG, "mode", mode if mode in set(Mode) else "", " ".join(item.modes))
    missing = [each.code for each in item.materials if each.demanded and each.code not in material_codes]
    if missing:
        return _refused(MATERIAL_MISSING, "material_codes", str(len(material_codes)), " ".join(missing))
    listed_codes = [each.code for each in item.materials]
    strange = sum(code not in listed_codes for code in material_codes)
    if strange:
        return _refused(MATERIAL_UNKNOWN, "material_codes", str(strange), " ".join(listed_codes))
    return None


def concerning(view: CatalogueView, *, service_item: str, county: str, on: date) -> YunhuobanError | None:
    """What stands against it that this county handles this item on that day: E-CAT-101 to -103, or None.

    It is all that a matter beside the cases is asked: a question needs no alliance.
    """
    implementation_code = service_item[:IMPLEMENTATION_LENGTH]
    if view.item(implementation_code[IMPLEMENTATION_LENGTH - BASIC_LENGTH :]) is None:
        return _refused(ITEM_UNKNOWN, "service_item", service_item)
    offered = view.implementation(county, implementation_code)
    if offered is None or not _handled(service_item, [each.handling for each in offered.business_items]):
        return _refused(NOT_OFFERED, "service_item", f"{county} {service_item}")
    if not in_force(offered, on):
        return _refused(NOT_IN_FORCE, "service_item", on.isoformat(), _days(offered.valid_from, offered.valid_to))
    return None


def alliances(view: CatalogueView, *, service_item: str, issuing: str, window: str, on: date) -> list[str]:
    """Ids of the alliances under which the window may take this application on that day, in order."""
    basic = service_item[IMPLEMENTATION_LENGTH - BASIC_LENGTH : IMPLEMENTATION_LENGTH]
    found = []
    for each in view.alliances:
        there = (view.member(each.id, window), view.member(each.id, issuing), view.listed(each.id, basic))
        if in_force(each, on) and all(one is not None and in_force(one, on) for one in there):
            found.append(each.id)
    return found


def modes(view: CatalogueView, service_item: str) -> tuple[Mode, ...]:
    """The modes in which an item may be handled; empty for an unknown one."""
    item = view.item(service_item[IMPLEMENTATION_LENGTH - BASIC_LENGTH : IMPLEMENTATION_LENGTH])
    return tuple(item.modes) if item is not None else ()


def _handled(service_item: str, handlings: Collection[str]) -> bool:
    """A 33-character code must name one of the business items; with 31 characters any of them is meant."""
    return len(service_item) != HANDLING_LENGTH or service_item[IMPLEMENTATION_LENGTH:] in handlings


def _days(start: date, end: date | None) -> str:
    return f"{start}…{end or ''}"


def _refused(code: Code, place: str, found: str, expected: str = "") -> YunhuobanError:
    return YunhuobanError(code, place=place, found=found[:200], expected=expected)
