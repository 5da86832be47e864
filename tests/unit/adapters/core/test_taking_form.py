"""The form of an application: made of the contract and the item, checked by the contract's own functions."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.hall.taking import fields, materials, partner
from adapters.hall.taking.checking import check
from adapters.hall.taking.offered import Offered, Search
from adapters.hall.taking.partner import Reach
from adapters.licenses import particulars
from adapters.local.mapping import canonical
from pages.wording import say
from schemas.catalogue.model import LimitUnit
from schemas.workdays.hours import beijing_day
from tests.catalogue_world import implementation, item
from tests.county_records import ITEM, START, acceptance, application, material
from tests.county_world import ISSUING, WINDOW, World
from tests.taking_world import WHOLE, publish

SCANNED: set[str] = set()


def what(**changes: Any) -> Offered:
    """公司登记 in 永济, as the catalogue has it."""
    made = Offered(
        county=ISSUING,
        county_name="永济市",
        service_item=ITEM,
        name="公司登记注册",
        item=item(),
        implementation=implementation(),
        alliances=("YUNHUOBAN",),
    )
    return replace(made, **changes)


OTHER_ITEM = ITEM[:-4] + "9999"


def codes(typed: dict[str, str], path: str, scanned: set[str] = SCANNED) -> list[str]:
    """What stands at one field of a form that is right in everything else."""
    found = check(what(), {**WHOLE, **typed}, scanned).problems
    assert {each.path for each in found} <= {path}, found
    return [each.error.code.code for each in found]


def test_every_field_of_the_record_is_asked_or_filled_by_the_node():
    """With the contract's own caps and privacy class, in English too; what a later contract adds is asked by itself."""
    shape = canonical.shape(fields.OPENING)
    asked = {each.path: each for each in fields.fields(what())}
    for license_name, about in particulars.BY_LICENSE.items():
        offered = what(service_item=OTHER_ITEM, implementation=implementation(license_template=license_name))
        more = {each.path: each for each in fields.fields(offered)}
        assert {path.partition(".")[0] for path in more.keys() & shape.leaves.keys() - asked.keys()} == {about.part}
        asked |= more
    assert shape.leaves.keys() - fields.BY_THE_NODE == {path for path, each in asked.items() if each.sent}
    for path, leaf in shape.leaves.items():
        if path not in fields.BY_THE_NODE:
            assert (asked[path].personal, asked[path].max_bytes) == (leaf.personal, leaf.max_bytes or 200), path
            assert set(asked[path].choices) == set(leaf.symbols) or not leaf.symbols or path == "mode"
    for each in asked.values():
        assert say(each.label, "en") != each.label, each.path
        assert all(say(text, "en") != text for text in each.choices.values() if each.path != fields.HANDLING)
    order = [list(fields.Group).index(each.group) for each in fields.fields(what())]
    assert order == sorted(order)
    elsewhere = what(service_item=OTHER_ITEM, implementation=implementation(license_template=""))
    assert not any(each.path.startswith("registration.") for each in fields.fields(elsewhere))


def test_a_whole_form_has_nothing_to_put_right():
    """And what it says is read into the record's own types."""
    checked = check(what(), WHOLE, SCANNED)
    assert list(checked.problems) == []
    assert checked.values["registration.registered_capital_fen"] == 100_000_000


@pytest.mark.parametrize(
    ("typed", "path", "code"),
    [
        ({"applicant.name": "  "}, "applicant.name", "E-TAKE-010"),
        ({"applicant.name": "字" * 67}, "applicant.name", "E-TAKE-011"),
        ({"applicant.name": "王\x07"}, "applicant.name", "E-TAKE-011"),
        ({"applicant.document_no": "130928"}, "applicant.document_no", "E-ID-021"),
        ({"applicant.document_no": "130928198813169415"}, "applicant.document_no", "E-ID-023"),
        ({"applicant.mobile": "1994873160"}, "applicant.mobile", "E-MAP-016"),
        ({"applicant.kind": "legal_person"}, "applicant.document_kind", "E-TAKE-012"),
        ({"registration.registered_capital_fen": "很多"}, "registration.registered_capital_fen", "E-MAP-014"),
        ({"mode": "joint"}, "mode", "E-TAKE-011"),
        ({"identity.method": ""}, "identity.method", "E-TAKE-010"),
        ({"origin.channel": "town"}, "origin.place", "E-TAKE-010"),
        ({"delivery.method": "post"}, "delivery.address", "E-TAKE-010"),
        ({"m.SQB.taken_as": ""}, "m.SQB.taken_as", "E-TAKE-013"),
        ({"m.SQB.taken_as": "electronic"}, "m.SQB.taken_as", "E-TAKE-014"),
        ({"m.SQB.trust": ""}, "m.SQB.trust", "E-TAKE-015"),
        ({"m.SQB.copies": "0"}, "m.SQB.copies", "E-TAKE-011"),
        ({"m.SQB.note": "注" * 41}, "m.SQB.note", "E-TAKE-011"),
        ({"extras": "1", "m.x1.taken_as": "copy", "m.x1.trust": "C"}, "m.x1.name", "E-TAKE-010"),
    ],
)
def test_what_is_wrong_stands_at_its_field(typed, path, code):
    """One slip, one field, one sentence; the rest of the form is not blamed for it."""
    assert codes(typed, path) == [code]


def test_an_agent_brings_an_authorisation():
    """With who comes instead of the applicant, his name, his telephone and the document are asked for."""
    found = check(what(), {**WHOLE, "agent.kind": "bank"}, SCANNED)
    assert {each.path for each in found.hindrances} == {
        "contact_name", "contact_mobile", "agent.organisation", f"m.{materials.AUTHORISATION}.taken_as",
        "authority.document", "authority.scope", "authority.valid_until",
    }  # fmt: skip


def test_a_suspicious_number_is_told_and_hinders_nothing():
    """A region that nobody knows may stand on a true card."""
    found = check(what(), {**WHOLE, "applicant.document_no": _checked("99010119800101001")}, SCANNED)
    assert [each.error.code.code for each in found.problems] == ["E-ID-024"]
    assert found.hindrances == []


def test_before_there_is_a_catalogue_the_cards_are_searched(world: World):
    """By name, initials, county and code; what the cards do not say is not known, and nothing is invented."""
    directory = world.window.view()
    search = Search(WINDOW)
    for text in ("公司登记", "gsdj", "140881", "县140881 公司", ITEM[:20]):
        found = search.look(text, directory, world.now)
        assert (ISSUING, ITEM) in {(each.county, each.service_item) for each in found.rows}, text
    (row,) = [each for each in search.look("gsdj", directory, world.now).rows if each.county == ISSUING]
    assert (row.item, row.implementation, row.why_not, row.name) == (None, None, None, "公司登记")
    assert search.look("没有这样的事", directory, world.now).rows == []


def test_a_newer_directory_is_searched_at_once(world: World):
    """What the catalogue has now: days, fee, and why something cannot be taken."""
    search = Search(WINDOW)
    search.look("gsdj", world.window.view(), world.now)
    publish(world)
    (row,) = [each for each in search.look("gsdj", world.window.view(), world.now).rows if each.county == ISSUING]
    assert row.implementation is not None
    assert (row.implementation.promise_day, row.implementation.promise_type) == (2, LimitUnit.WORKING_DAY)
    assert row.why_not is None
    publish(world, state="suspended")
    (row,) = [each for each in search.look("gsdj", world.window.view(), world.now).rows if each.county == ISSUING]
    assert row.why_not is not None
    assert row.why_not.code.code == "E-LINK-103"


def test_of_a_county_nobody_has_dealt_with_nothing_is_claimed(world: World):
    """Not known stays not known; after three answers there is a usual time, and it is heard of within the hour."""
    publish(world)

    def look() -> partner.PartnerState:
        with world.window.store.read() as tx:
            return partner.look(tx, world.window.view(), ISSUING, said_hours="", now=world.now)

    before = look()
    assert (before.reach, before.heard_at, before.answers, before.usual_seconds) == (Reach.UNKNOWN, None, 0, None)
    for number in range(3):
        local = f"WQ{number}"
        record = application(materials=[material("m", code="SQB")])
        world.window.source.add("application.submitted", local, record)
        world.settle()
        world.later(minutes=10 * (number + 1))
        world.issuing.source.add("application.accepted", world.case_no(), acceptance(promised_on=beijing_day(START)))
        world.settle()
    after = look()
    assert (after.reach, after.answers, after.usual_seconds) == (Reach.NOW, 3, 1200.0)
    assert after.heard_at is not None
    world.later(days=8)
    assert look().reach is Reach.BARRED


def _checked(seventeen: str) -> str:
    """With its check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return seventeen + "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, weights, strict=True)) % 11]
