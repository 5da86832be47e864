"""A small catalogue for tests: two counties, an alliance, an item; every part can be had otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from schemas.catalogue import records
from schemas.catalogue.model import (
    Alliance,
    AllianceItem,
    AllianceMember,
    BusinessItem,
    Entity,
    Implementation,
    LimitUnit,
    ListedMaterial,
    MaterialSource,
    Mode,
    Necessity,
    ServiceItem,
)
from schemas.catalogue.view import CatalogueView

WINDOW, ISSUING = "130928", "140881"
BASIC = "000131127004"
CODE = f"11140881MB0000000U4{BASIC}"
ALLIANCE = "YUNHUOBAN"
DAY = date(2026, 11, 25)


def material(code: str = "SQB", **changes: Any) -> ListedMaterial:
    """A required material that the applicant brings."""
    made = ListedMaterial(
        code=code,
        name="公司登记申请书",
        necessity=Necessity.REQUIRED,
        source=MaterialSource.APPLICANT,
        exempt=False,
    )
    return replace(made, **changes)


def item(**changes: Any) -> ServiceItem:
    """公司登记注册, online or relayed."""
    made = ServiceItem(
        code=BASIC,
        name="公司登记注册",
        modes=(Mode.ONLINE, Mode.RELAYED),
        materials=(
            material(),
            material("SFZ", name="身份证明", source=MaterialSource.GOVERNMENT, exempt=True),
            material("CNS", name="承诺书", necessity=Necessity.DEFERRABLE),
            material("WTS", name="委托书", necessity=Necessity.OPTIONAL),
        ),
        power_source="《中华人民共和国市场主体登记管理条例》",
        accept_condition="材料齐全\n符合法定形式",
        handle_flow="申请、受理、审查、决定、送达",
        result_name="营业执照",
    )
    return replace(made, **changes)


def implementation(**changes: Any) -> Implementation:
    """The item at the issuing county."""
    made = Implementation(
        county=ISSUING,
        code=CODE,
        name="公司登记注册",
        business_items=(
            BusinessItem(handling="01", name="公司设立登记"),
            BusinessItem(handling="02", name="公司变更登记"),
        ),
        anticipate_day=3,
        anticipate_type=LimitUnit.WORKING_DAY,
        promise_day=0,
        promise_type=LimitUnit.WORKING_DAY,
        license_template="business-license-2019",
        greatest_state_age_seconds=30 * 24 * 3600,
        limit_scene_num=0,
        is_fee=False,
        special_procedure="",
        accept_condition="",
        handle_flow="",
        transact_addr="永济市政务服务中心",
        transact_time="工作日9:00至17:00",
        link_way="0359-0000000",
        supervise_way="12345",
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
    )
    return replace(made, **changes)


def alliance(**changes: Any) -> Alliance:
    """The alliance of both counties."""
    made = Alliance(
        id=ALLIANCE, name="云伙伴", agreement="合作协议", valid_from=date(2026, 1, 1), valid_to=date(2027, 12, 31)
    )
    return replace(made, **changes)


def member(county: str, **changes: Any) -> AllianceMember:
    """A county in it."""
    made = AllianceMember(
        alliance=ALLIANCE, county=county, name=f"{county}县", valid_from=date(2026, 1, 1), valid_to=None
    )
    return replace(made, **changes)


def listed(**changes: Any) -> AllianceItem:
    """The item on its list."""
    made = AllianceItem(alliance=ALLIANCE, service_item=BASIC, valid_from=date(2026, 1, 1), valid_to=None)
    return replace(made, **changes)


def small(*others: Entity) -> dict[str, Entity]:
    """All of it by key; what is given besides replaces what has the same key."""
    parts = (item(), implementation(), alliance(), member(WINDOW), member(ISSUING), listed(), *others)
    return {each.key: each for each in parts}


def agreed(code: str, counties: Sequence[str], **changes: Any) -> dict[str, Entity]:
    """One item, by its 实施编码, that all of these counties implement and may apply for to each other, in any mode.

    It asks for no material; `changes` are the item's.
    """
    basic = code[-12:]
    parts: list[Entity] = [
        item(code=basic, modes=tuple(Mode), materials=(), **changes),
        alliance(valid_from=date(2020, 1, 1), valid_to=None),
        listed(service_item=basic, valid_from=date(2020, 1, 1)),
    ]
    for county in counties:
        parts.append(member(county, valid_from=date(2020, 1, 1)))
        parts.append(implementation(county=county, code=code, valid_from=date(2020, 1, 1), valid_to=None))
    return {each.key: each for each in parts}


def view(entities: Mapping[str, Entity]) -> CatalogueView:
    """It as both sides ask it."""
    return CatalogueView(records.entries(entities.values()))
