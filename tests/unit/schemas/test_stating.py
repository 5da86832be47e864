"""What a county says of itself, for all: what it may say, and what everybody reads of it."""

from datetime import timedelta
from typing import Any

import pytest

from schemas import codec, directory, statedview, stating
from schemas.errors import YunhuobanError
from schemas.statedview import StatedView
from tests import stated_records as of
from tests.county_records import ITEM

DAY = of.TODAY
WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("powers.stated", {"issuing": "130928"}, "E-STATE-001", "issuing"),
    ("expert.stated", {"expert_no": "钱"}, "E-STATE-002", "expert_no"),
    ("item.stated", {"service_item": ITEM[:30]}, "E-STATE-002", "service_item"),
    ("powers.stated", {"agreement": " "}, "E-STATE-003", "agreement"),
    ("bundle.stated", {"valid_to": DAY - timedelta(days=1)}, "E-STATE-004", "valid_to"),
    ("bundle.stated", {"bundle_parts": of.bundle()["bundle_parts"][:1]}, "E-STATE-005", "bundle_parts"),
    ("bundle.stated", {"bundle_parts": of.bundle()["bundle_parts"][::-1]}, "E-STATE-005", "bundle_parts[1].after"),
    ("bundle.stated", {"days": -1}, "E-STATE-005", "days"),
    ("answer.stated", {"answer": "请找钱某，电话13812345678。"}, "E-STATE-006", "answer"),
    ("expert.stated", {"expert_no": "130928198501010014"}, "E-STATE-006", "expert_no"),
    ("expert.stated", {"professions": ["130928198501010014"]}, "E-STATE-006", "professions"),
]


@pytest.mark.parametrize("kind", stating.STATEMENTS)
def test_what_is_right_may_be_said(kind: str) -> None:
    """Every kind, and its entry lies under a key of that county."""
    stated, record = stating.STATEMENTS[kind], of.GOOD[kind]
    stating.demand(kind, "140881", record)
    key = stated.key(record)
    assert directory.owner_of(key) == "140881"
    assert directory.kind_of(key) in directory.STATED
    assert statedview.decode(key, codec.encode(stated.record, record))[stated.owner] == "140881"


@pytest.mark.parametrize(("kind", "changes", "code", "place"), WRONG)
def test_what_is_wrong_is_named(kind: str, changes: dict[str, Any], code: str, place: str) -> None:
    """By its code and field: another county's affairs, numbers, blanks, days, parts, personal data."""
    with pytest.raises(YunhuobanError) as caught:
        stating.demand(kind, "140881", of.GOOD[kind] | changes)
    assert (caught.value.code.code, caught.value.place) == (code, place)


def test_codes_of_other_registers_are_no_persons() -> None:
    """A credit code of digits only, and an implementation code with eighteen digits in a row."""
    item = "11" + "0" * 10 + "A" + "1" * 18
    stating.demand("expert.stated", "140881", of.expert(employer_code="911309281111111118"))
    stating.demand("item.stated", "140881", of.detail(service_item=item))
    stating.demand("powers.stated", "140881", of.powers(service_item=item))


def test_a_name_in_the_place_of_a_number_is_not_told() -> None:
    """A refusal stays at the hub and travels: it says how long what was typed is."""
    with pytest.raises(YunhuobanError) as caught:
        stating.demand("expert.stated", "140881", of.expert(expert_no="钱教授"))
    assert caught.value.found == "len=3"


def test_what_everybody_reads_of_it() -> None:
    """What is not covered by its days is not there; powers that ended are none, and none said is not the same."""
    later = DAY + timedelta(days=1)
    entries = {
        stated.key(record): codec.encode(stated.record, record)
        for kind, stated in stating.STATEMENTS.items()
        for record in (of.GOOD[kind] | ({"valid_to": DAY} if "valid_to" in of.GOOD[kind] else {}),)
    }
    view = StatedView(entries)
    asked = {"issuing": "140881", "window": "130928", "service_item": ITEM + "01"}
    assert view.powers(**asked, on=DAY) == {"verify", "deliver"}
    assert view.powers(**asked, on=later) == frozenset()
    assert view.powers(**asked | {"window": "370800"}, on=DAY) is None
    assert [each["expert_no"] for each in view.experts(on=DAY)] == ["E001"]
    assert view.experts(on=later) == view.bundles("140881", on=later) == []
    assert [each["name"] for each in view.bundles("140881", on=DAY)] == ["开餐馆一件事"]
    detail = StatedView(entries, view).detail("140881", ITEM)
    assert detail is not None
    assert detail["special_procedures"] == ["inspection"]
    assert [each["answer_no"] for each in view.answers("140881", ITEM)] == ["Q-20261126-01"]
    assert view.answers("140881", of.OTHER_ITEM) == []
    with pytest.raises(ValueError, match="bundle"):
        statedview.decode("bundle/140881/XX", entries["bundle/140881/KCG"])
