"""Whether an application may be made: each reason why not has its own code, at the sender as at the hub."""

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.catalogue import offering
from schemas.catalogue.model import Entity, Mode
from tests.catalogue_world import (
    ALLIANCE,
    BASIC,
    CODE,
    DAY,
    ISSUING,
    WINDOW,
    alliance,
    item,
    listed,
    member,
    small,
    view,
)

GOOD: dict[str, Any] = {
    "service_item": CODE, "issuing": ISSUING, "window": WINDOW, "alliance": ALLIANCE, "mode": "relayed",
    "material_codes": ["SQB"], "on": DAY,
}  # fmt: skip


def code(entities: dict[str, Entity], **changes: Any) -> str | None:
    """What stands against it."""
    found = offering.problem(view(entities), **(GOOD | changes))
    return found.code.code if found else None


def test_what_is_agreed_may_be_applied_for():
    """By the 31 characters or by a business item's 33; deferrable, optional and exempt materials need not be there."""
    assert code(small()) is None
    assert code(small(), service_item=f"{CODE}02") is None
    assert code(small(), material_codes=["SQB", "SFZ", "WTS"]) is None


@pytest.mark.parametrize(
    ("expected", "others", "changes"),
    [
        ("E-CAT-101", [], {"service_item": "11140881MB0000000U4000131127009"}),
        ("E-CAT-101", [], {"service_item": ""}),
        ("E-CAT-102", [], {"issuing": WINDOW}),
        ("E-CAT-102", [], {"service_item": f"{CODE}03"}),
        ("E-CAT-102", [], {"service_item": "11140881MB0000000U3000131127004"}),
        ("E-CAT-103", [], {"on": date(2025, 12, 31)}),
        ("E-CAT-103", [], {"on": date(2027, 1, 1)}),
        ("E-CAT-104", [], {"alliance": "JJJ"}),
        ("E-CAT-104", [alliance(valid_to=date(2026, 11, 24))], {}),
        ("E-CAT-105", [], {"window": "340321"}),
        ("E-CAT-105", [member(WINDOW, valid_from=date(2026, 11, 26))], {}),
        ("E-CAT-105", [member(ISSUING, valid_to=date(2026, 11, 24))], {}),
        ("E-CAT-106", [listed(valid_to=date(2026, 11, 24))], {}),
        ("E-CAT-107", [], {"mode": "joint"}),
        ("E-CAT-107", [], {"mode": ""}),
        ("E-CAT-108", [], {"material_codes": ["SFZ", "CNS"]}),
        ("E-CAT-109", [], {"material_codes": ["SQB", "ANY"]}),
    ],
)
def test_each_reason_has_its_own_code(expected: str, others: list[Entity], changes: dict[str, Any]):
    """Unknown item, not offered, not in force, alliance, county, list, mode, material."""
    assert code(small(*others), **changes) == expected


def test_a_question_needs_no_alliance():
    """Whom one asks must handle the item on that day, and nothing else is looked at."""

    def concerning(county: str, service_item: str = CODE, on: date = DAY) -> str | None:
        found = offering.concerning(view(small()), service_item=service_item, county=county, on=on)
        return found.code.code if found else None

    assert concerning(ISSUING) is None
    assert concerning(WINDOW) == "E-CAT-102"
    assert concerning(ISSUING, "11140881MB0000000U4000131127009") == "E-CAT-101"
    assert concerning(ISSUING, on=date(2027, 1, 1)) == "E-CAT-103"


def test_the_last_day_of_an_interval_belongs_to_it():
    """On it an application may be made, on the next not."""
    ending = small(listed(valid_from=DAY, valid_to=DAY), member(WINDOW, valid_to=DAY), alliance(valid_to=DAY))
    assert code(ending) is None
    assert code(ending, on=date(2026, 11, 26)) == "E-CAT-104"
    assert code(ending, on=date(2026, 11, 24)) == "E-CAT-106"


def test_missing_materials_are_named_and_nothing_else_is():
    """By their codes, all of them."""
    short = replace(item(), materials=[replace(each, exempt=False) for each in item().materials])
    found = offering.problem(view(small(short)), **(GOOD | {"material_codes": []}))
    assert found is not None
    assert (found.place, found.expected) == ("material_codes", "SQB SFZ")


def test_what_a_sender_wrote_in_place_of_a_code_is_not_repeated():
    """People put names and numbers into the wrong field, and an error travels further than the field did."""
    person = "13043419840726291X"
    for changes in ({"material_codes": ["SQB", person]}, {"alliance": "张三"}, {"mode": person}):
        found = offering.problem(view(small()), **(GOOD | changes))
        assert found is not None
        assert not {person, "张三"} & {found.place, found.found, found.expected}


def test_a_county_in_several_alliances_has_each_by_its_own_rules():
    """What the one alliance lists the other need not; the sender learns which ones will do."""
    second = [alliance(id="JJJ"), member(WINDOW, alliance="JJJ"), member(ISSUING, alliance="JJJ")]
    entities = small(*second)
    assert code(entities, alliance="JJJ") == "E-CAT-106"
    asked = {"service_item": CODE, "issuing": ISSUING, "window": WINDOW, "on": DAY}
    assert offering.alliances(view(entities), **asked) == [ALLIANCE]
    both = small(*second, listed(alliance="JJJ"))
    assert offering.alliances(view(both), **asked) == ["JJJ", ALLIANCE]
    assert offering.alliances(view(both), **(asked | {"on": date(2029, 1, 1)})) == []
    assert offering.modes(view(both), CODE) == (Mode.ONLINE, Mode.RELAYED)
    assert offering.modes(view(both), f"0{BASIC}") == ()


def test_it_is_quick_enough_for_every_message():
    """Some microseconds once the entries have been read."""
    asked = view(small())
    offering.problem(asked, **GOOD)
    started = time.process_time()
    for _ in range(1000):
        assert offering.problem(asked, **GOOD) is None
    assert time.process_time() - started < 0.5
