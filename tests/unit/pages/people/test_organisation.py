"""The organisation below the county: a tree that stays one."""

import pytest

from schemas.errors import YunhuobanError
from tests.people_world import People


def test_units_stand_below_each_other_and_are_moved_with_all_below_them(people: People):
    """A village of a town is shown after it; the town moves with it; a unit never stands below itself."""
    organisation = people.organisation
    organisation.add("hall-1", kind="hall", name="吴桥县政务服务中心", by="it")
    organisation.add("town-3", kind="town", name="铁城镇", by="it")
    organisation.add("village-7", kind="village", name="范屯村", by="it", parent="town-3")
    organisation.add("bank-1", kind="bank", name="农商行铁城支行", by="it", parent="village-7")
    assert [(each.unit, each.depth) for each in organisation.units()] == [
        ("hall-1", 0), ("town-3", 0), ("village-7", 1), ("bank-1", 2),
    ]  # fmt: skip
    organisation.move("town-3", parent="hall-1", by="it")
    assert [each.depth for each in organisation.units()] == [0, 1, 2, 3]
    for parent in ("town-3", "bank-1"):
        with pytest.raises(YunhuobanError, match="E-USER-012"):
            organisation.move("town-3", parent=parent, by="it")
    organisation.move("town-3", parent="", by="it")
    assert organisation.names()["bank-1"] == "农商行铁城支行"


@pytest.mark.parametrize(
    ("unit", "kind", "name", "parent", "code"),
    [
        ("hall-1", "hall", "又一个", "", "E-USER-010"),
        ("town-4", "town", "无", "nowhere", "E-USER-009"),
        ("T", "town", "铁城镇", "", "E-USER-011"),
        ("town-4", "city", "铁城镇", "", "E-USER-011"),
        ("town-4", "town", " ", "", "E-USER-011"),
    ],
)
def test_a_unit_is_a_code_a_kind_and_a_name(people: People, unit: str, kind: str, name: str, parent: str, code: str):
    """Anything else is refused and nothing is added."""
    people.organisation.add("hall-1", kind="hall", name="吴桥县政务服务中心", by="it")
    with pytest.raises(YunhuobanError, match=code):
        people.organisation.add(unit, kind=kind, name=name, by="it", parent=parent)
    with pytest.raises(YunhuobanError, match="E-USER-009"):
        people.organisation.move("nowhere", parent="", by="it")
    assert len(people.organisation.units()) == 1
