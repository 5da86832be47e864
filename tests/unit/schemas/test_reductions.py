"""The four reductions of 一件事: parts one by one against the whole; what is not known is not guessed."""

from dataclasses import replace

from schemas.catalogue.model import LimitUnit
from schemas.reductions import Effort, Reduction, of_bundle, of_item, of_joint, one_by_one, reductions, total
from tests import stated_records
from tests.catalogue_world import implementation, item, material


def test_cangzhous_own_figures() -> None:
    """Its 21 bundles, 2025-07: visits -87 %, steps -84 %, materials -73 %, days -68 %.

    The city published the four percentages; the counts here are chosen so that they come out of them.
    """
    before = Effort(visits=161, steps=394, materials=456, days=625)
    after = Effort(visits=21, steps=63, materials=123, days=200)
    found = reductions(before, after)
    assert {name: each.percent for name, each in found.items()} == {
        "visits": 87, "steps": 84, "materials": 73, "days": 68,
    }  # fmt: skip


def test_a_bundle_against_its_parts() -> None:
    """Visits, promised days and stated steps add up; a material of the same code and name is handed in once."""
    first = item(materials=(material(), material("SFZ", name="身份证明")))
    second = item(materials=(material("SQB", name="另一种申请书"), material("SFZ", name="身份证明")))
    offer = implementation(limit_scene_num=2, promise_day=5, promise_type=LimitUnit.WORKING_DAY)
    detail = stated_records.detail(steps=4)
    before = one_by_one([of_item(first, offer, detail), of_item(second, offer, detail)])
    assert before == Effort(visits=4, steps=8, materials=4, days=10)
    after = of_bundle(stated_records.bundle(visits=1, steps=3, days=5), [first, second])
    assert reductions(before, after) == {
        "visits": Reduction(before=4, after=1),
        "steps": Reduction(before=8, after=3),
        "materials": Reduction(before=4, after=3),
        "days": Reduction(before=10, after=5),
    }


def test_what_is_not_known_makes_no_reduction() -> None:
    """No steps were stated, a limit is in natural days, an item is gone: the others are told all the same."""
    offer = implementation(limit_scene_num=1, promise_day=20, promise_type=LimitUnit.DAY)
    parts = [of_item(item(), offer, None), of_item(item(), offer, stated_records.detail())]
    assert one_by_one(parts) == Effort(visits=2, steps=None, materials=2, days=None)
    assert of_bundle(stated_records.bundle(), [item(), None]).materials is None
    assert set(reductions(one_by_one(parts), of_bundle(stated_records.bundle(), [item(), item()]))) == {
        "visits", "materials",
    }  # fmt: skip


def test_joint_cases_are_one_visit_and_run_beside_each_other() -> None:
    """The longest of them is the whole's limit."""
    parts = [Effort(visits=2, steps=3, materials=1, days=days) for days in (3, 8)]
    assert of_joint(parts, [item(), item()]) == Effort(visits=1, steps=None, materials=1, days=8)
    assert of_joint([*parts, replace(parts[0], days=None)], [item()]).days is None


def test_several_groups_are_counted_together() -> None:
    """Each measure over the groups that know it; nothing before is no reduction, and more is a negative one."""
    found = total([{"visits": Reduction(before=4, after=1)}, {"days": Reduction(before=0, after=2)}, {}])
    assert found == {"visits": Reduction(before=4, after=1), "days": Reduction(before=0, after=2)}
    assert (found["visits"].percent, found["days"].percent) == (75, None)
    assert Reduction(before=2, after=3).percent == -50
