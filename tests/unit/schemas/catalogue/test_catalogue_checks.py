"""What is wrong with a catalogue: all of it, each at its field; what passes can be encoded and published."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import checks, records
from schemas.catalogue.model import Entity, LimitUnit, Mode
from tests.catalogue_world import alliance, implementation, item, listed, material, member, small


def found(entity: Entity) -> list[tuple[str, str]]:
    """Field and code of everything that is wrong."""
    return [(each.field, each.error.code.code) for each in checks.faults(entity)]


def test_nothing_is_wrong_with_the_good_one():
    """What is damaged below is whole undamaged, and refers only to what is there."""
    whole = small()
    assert [fault for each in whole.values() for fault in (*checks.faults(each), *checks.dangling(each, whole))] == []


@pytest.mark.parametrize(
    ("entity", "wrong"),
    [
        (item(name=""), [("name", "E-CAT-002")]),
        (item(name="=1+1"), [("name", "E-CAT-001")]),
        (item(name=" 公司"), [("name", "E-CAT-001")]),
        (item(name="公\x00司"), [("name", "E-CAT-001")]),
        (item(name="\ud800"), [("name", "E-CAT-001")]),
        (item(accept_condition="长" * 1001), [("accept_condition", "E-CAT-001")]),
        (item(code="131127004"), [("code", "E-CAT-004")]),
        (item(code="0001311270Y4"), [("code", "E-ID-031")]),
        (item(modes=()), [("modes", "E-CAT-002")]),
        (item(modes=(Mode.JOINT, Mode.JOINT)), [("modes", "E-CAT-008")]),
        (item(materials=[material("sqb")]), [("materials.code", "E-CAT-003")]),
        (item(materials=[material(), material()]), [("materials.code", "E-CAT-008")]),
        (item(materials=[material(name="")]), [("materials.name", "E-CAT-002")]),
        (item(materials=[material(f"A{at}") for at in range(61)]), [("materials", "E-CAT-006")]),
        (implementation(county="990928"), [("county", "E-ID-002")]),
        (implementation(code="11140881MB0000000V4000131127004"), [("code", "E-ID-011")]),
        (implementation(code="11140881MB0000000U7000131127004"), [("code", "E-ID-032")]),
        (implementation(promise_day=4), [("promise_day", "E-CAT-005")]),
        (implementation(promise_day=-1), [("promise_day", "E-CAT-006")]),
        (implementation(greatest_state_age_seconds=1), [("greatest_state_age_seconds", "E-CAT-006")]),
        (implementation(valid_to=date(2025, 1, 1)), [("valid_to", "E-CAT-007")]),
        (alliance(id="云伙伴"), [("id", "E-CAT-003")]),
        (member("1"), [("county", "E-ID-001")]),
        (listed(service_item=""), [("service_item", "E-CAT-002")]),
        (item(name="", modes=(), code="1"), [("name", "E-CAT-002"), ("code", "E-CAT-004"), ("modes", "E-CAT-002")]),
    ],
)
def test_each_wrong_thing_is_found_at_its_field(entity: Entity, wrong: list[tuple[str, str]]):
    """And all of them at once."""
    assert found(entity) == wrong


@pytest.mark.parametrize(
    ("promised", "stated", "longer"),
    [
        ((20, "working_day"), (1, "month"), False),
        ((22, "working_day"), (1, "month"), True),
        ((1, "month"), (20, "working_day"), True),
        ((28, "day"), (20, "working_day"), False),
        ((29, "day"), (20, "working_day"), True),
        ((12, "month"), (1, "year"), False),
        ((0, "year"), (0, "day"), False),
    ],
)
def test_a_promise_is_compared_with_the_statute_in_days(promised: Any, stated: Any, longer: bool):
    """A month has 30 days, a year 365, five working days are a week."""
    assert checks.longer(promised[0], LimitUnit(promised[1]), stated[0], LimitUnit(stated[1])) is longer


def test_what_refers_to_nothing_is_found():
    """An item that is not there, an alliance that is not there."""
    nowhere = [(f.field, f.error.found) for e in (implementation(), listed()) for f in checks.dangling(e, ())]
    assert nowhere == [
        ("code", "item/000131127004"), ("alliance", "alliance/YUNHUOBAN"), ("service_item", "item/000131127004"),
    ]  # fmt: skip


TEXTS = st.text(max_size=40) | st.text(st.characters(), max_size=400)


@given(
    entity=st.builds(
        lambda made, name, text: replace(
            made,
            **{
                field: value
                for field, value in (("name", name), ("agreement", text), ("handle_flow", text), ("county", text[:8]))
                if hasattr(made, field)
            },
        ),
        st.sampled_from([item(), implementation(), alliance(), member("130928")]),
        TEXTS,
        TEXTS,
    )
)
def test_whatever_passes_can_be_published(entity: Any):
    """One county's text must never stop the directory for all."""
    if not list(checks.faults(entity)):
        assert records.decode(entity.key, records.encode(entity)) == entity
