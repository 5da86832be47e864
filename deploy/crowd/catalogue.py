"""Makes a catalogue of the true sizes: 云伙伴 with 81 items in 177 counties, 京津冀 with 1,389 items, one agreement.

`python -m deploy.crowd.catalogue FILE.xlsx|FOLDER` writes it for `hub catalogue import`. Codes, names of counties and
the law's words are real; who belongs, who offers what, and every guide are invented, and the same every time.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from stdnum.cn import uscc

from deploy.crowd import guides
from deploy.crowd.divisions import FIRST, County, members
from deploy.crowd.guides import Subject
from hub.catalogue import csvfolder, workbook
from schemas.catalogue.model import (
    Alliance,
    AllianceItem,
    AllianceMember,
    BusinessItem,
    Entity,
    Implementation,
    LimitUnit,
    Mode,
    ServiceItem,
)

PARTNERS: Final = "YUNHUOBAN"
CAPITAL_REGION: Final = "JJJ"
AGREEMENT: Final = "WUQIAO-HEDONG"
PARTNER_ITEMS: Final = 81
CAPITAL_ITEMS: Final = 1389
SHARED_ITEMS: Final = 27
"""Items that stand in both alliances."""
_BEGINNING: Final = date(2026, 1, 1)
_END: Final = date(2028, 12, 31)
_OFFERED_BY: Final = 2
_STATE_AGE_SECONDS: Final = 30 * 24 * 3600
_MODES: Final = (
    (Mode.ONLINE, Mode.RELAYED), (Mode.RELAYED,), (Mode.ONLINE,), (Mode.RELAYED, Mode.JOINT),
    (Mode.ONLINE, Mode.RELAYED, Mode.JOINT),
)  # fmt: skip


@cache
def entities() -> dict[str, Entity]:
    """The whole catalogue, by key."""
    return {each.key: each for each in _made()}


def capital_members() -> list[County]:
    """The counties of Beijing, Tianjin and Hebei among the members."""
    return [each for each in members() if each.code[:2] in ("11", "12", "13")]


def credit_code(county: str) -> str:
    """The invented credit code of a county's approval bureau; of the demonstration's counties, theirs."""
    body = f"11{county}MB0000000"
    return body + str(uscc.calc_check_digit(body + "0"))


def implementation_code(county: str, basic: str) -> str:
    """The 实施编码 of an item at a county."""
    return f"{credit_code(county)}4{basic}"


def _made() -> Iterator[Entity]:
    partners, capital = guides.subjects(PARTNER_ITEMS, CAPITAL_ITEMS, SHARED_ITEMS)
    items = {each.code: each for each in (*partners, *capital)}
    for at, subject in enumerate(items.values()):
        yield _item(subject, at)
    yield from _alliance(PARTNERS, "云伙伴百县联盟", members(), partners)
    yield from _alliance(CAPITAL_REGION, "京津冀政务服务跨省通办", capital_members(), capital)
    pair = [each for each in members() if each.code in (FIRST[0], FIRST[2])]
    yield from _alliance(AGREEMENT, "吴桥县与天津市河东区双边通办协议", pair, partners[:SHARED_ITEMS])
    for county in members():
        for at, subject in enumerate(partners):
            yield _implementation(county, subject, at)
    counties, shared = capital_members(), {each.code for each in partners}
    for at, subject in enumerate(each for each in capital if each.code not in shared):
        for step in range(_OFFERED_BY):
            yield _implementation(counties[(at + step * 7) % len(counties)], subject, at)


def _alliance(name: str, title: str, counties: Sequence[County], items: Sequence[Subject]) -> Iterator[Entity]:
    yield Alliance(
        id=name,
        name=title,
        agreement=f"《{title}合作协议》（示例），自签署之日起施行",
        valid_from=_BEGINNING,
        valid_to=_END,
    )
    for county in counties:
        yield AllianceMember(alliance=name, county=county.code, name=county.name, valid_from=_BEGINNING, valid_to=None)
    for subject in items:
        yield AllianceItem(alliance=name, service_item=subject.code, valid_from=_BEGINNING, valid_to=None)


def _item(subject: Subject, at: int) -> ServiceItem:
    return ServiceItem(
        code=subject.code,
        name=subject.name,
        modes=_MODES[0] if at == 0 else _MODES[at % len(_MODES)],
        materials=guides.materials(subject, at),
        power_source=guides.power_source(subject),
        accept_condition=guides.accept_condition(subject),
        handle_flow=guides.handle_flow(subject),
        result_name=subject.result,
    )


def _implementation(county: County, subject: Subject, at: int) -> Implementation:
    turn = at + int(county.code)
    promise = turn % 6
    return Implementation(
        county=county.code,
        code=implementation_code(county.code, subject.code),
        name=subject.name,
        business_items=tuple(
            BusinessItem(handling=f"{number:02d}", name=name)
            for number, name in enumerate(guides.business_items(subject), 1)
        ),
        anticipate_day=20,
        anticipate_type=LimitUnit.WORKING_DAY,
        promise_day=promise,
        promise_type=LimitUnit.WORKING_DAY,
        license_template="business-license-2019" if at == 0 else "",
        greatest_state_age_seconds=_STATE_AGE_SECONDS,
        limit_scene_num=turn % 2,
        is_fee=turn % 23 == 0,
        special_procedure="现场核查、专家评审所需时间不计入时限" if turn % 9 == 0 else "",
        accept_condition="",
        handle_flow=guides.own_flow(county, subject) if turn % 5 == 0 else "",
        transact_addr=guides.address(county, turn),
        transact_time=guides.hours(turn),
        link_way=guides.telephone(county, turn),
        supervise_way="12345 政务服务便民热线",
        valid_from=_BEGINNING,
        valid_to=None,
    )


def main(target: Path) -> None:
    """Write it to a workbook or into a folder."""
    made = entities()
    (workbook if target.suffix == ".xlsx" else csvfolder).write(target, made)
    print(f"{target}: {len(made)} entries")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
