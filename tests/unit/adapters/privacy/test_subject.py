"""A person's request: everything about them is found by their number, masked, and the search itself is written down."""

import pytest

from adapters.hall.privacy.subject import bodies, number
from adapters.hall.privacy.subject.found import Kind
from adapters.hall.privacy.subject.searching import search
from adapters.hall.revealing.book import looks
from schemas.errors import YunhuobanError
from tests import around_records
from tests.county_records import COMPANY, IDENTITY_NO, NAME
from tests.county_world import ISSUING, OWN_ITEM, World
from tests.privacy_world import AUDITOR, CLERK, IT, Pages, begin, subjects_of
from tests.unit.adapters.around.saying import begin as start
from tests.unit.adapters.around.saying import say

HELD_BY_ALL = {Kind.CASE, Kind.RECEIVED, Kind.LICENSE}
OTHER_NO = "130928198807169415"
SECRETS = (IDENTITY_NO, IDENTITY_NO[:17], NAME, NAME[1:])


def test_a_number_is_checked_before_anything_is_read() -> None:
    """Wide letters and small ones are read; a wrong last character, a wrong date, a wrong length are refused."""
    assert number.parse(f" {IDENTITY_NO} ") == IDENTITY_NO
    assert number.parse("11140881mb0000000u") == "11140881MB0000000U"
    for typed, code in (("130928199003074517", "E-ID-023"), ("1309", "E-ID-021"), ("11140881MB00000001", "E-ID-012")):
        with pytest.raises(YunhuobanError, match=code) as refused:
            number.parse(typed)
        assert typed not in repr(refused.value)


def test_everything_is_found_at_both_counties(world: World) -> None:
    """Messages, license files, prints, hand-over, signature, draft, scan, notice, namesake; who looked and why."""
    case_no = begin(world)
    with world.window.store.read() as tx:
        found = search(tx, world.window.identity, IDENTITY_NO, revealed=True)
    here = {each.kind for each in found.found}
    assert here == {*Kind} - {Kind.WAITING, Kind.PUSHED}
    assert found.cases == [case_no]
    assert NAME in found.names
    assert [(each.account, each.purpose) for each in found.looks] == [("li", "identity")]
    values = {field.value for each in found.found for field in each.fields}
    assert {NAME, IDENTITY_NO, COMPANY} <= values
    with world.issuing.store.read() as tx:
        theirs = search(tx, world.issuing.identity, IDENTITY_NO, revealed=True)
        nobody = search(tx, world.issuing.identity, OTHER_NO, revealed=True)
    assert {each.kind for each in theirs.found} >= HELD_BY_ALL
    assert (nobody.found, nobody.looks, nobody.names) == ([], [], [])


def test_the_page_is_masked_and_the_look_is_written_down(world: World) -> None:
    """County IT and the auditor; a purpose first; no number and no name in page or address; a row for each case."""
    case_no = begin(world)
    pages = Pages(world)
    with pages.browser(CLERK) as clerk:
        assert "E-PAGE-060" in clerk.post("/subject", data={"number": IDENTITY_NO, "purpose": "subject"}).text
    for person in (IT, AUDITOR):
        with pages.browser(person) as browser:
            assert "E-LOOK-001" in browser.post("/subject", data={"number": IDENTITY_NO, "purpose": "contact"}).text
            wrong = browser.post("/subject", data={"number": "130928199003074517", "purpose": "subject"})
            assert "E-ID-023" in wrong.text
            shown = browser.post("/subject", data={"number": IDENTITY_NO, "purpose": "subject"})
            assert (shown.status_code, shown.url.query, shown.headers["cache-control"]) == (200, b"", "no-store")
            assert case_no in shown.text
            assert "130928********4511" in shown.text
            assert [word for word in SECRETS if word in shown.text + wrong.text] == []
    with world.window.store.read() as tx:
        mine = [(each.account, each.case_no, each.what) for each in looks(tx) if each.account != "li"]
    assert mine == [(person.account, each, "subject") for person in (AUDITOR, IT) for each in (case_no, "")]


def test_a_request_for_an_export_is_of_a_search_just_made(world: World) -> None:
    """The number travels sealed, for the account that searched, for a quarter of an hour."""
    desk = subjects_of(world)
    ticket = desk.ticket(IDENTITY_NO, account="it01")
    assert IDENTITY_NO not in ticket
    assert desk.open_ticket(ticket, account="it01") == IDENTITY_NO
    for other, account in ((ticket, "it02"), ("x", "it01"), ("", "it01")):
        with pytest.raises(YunhuobanError, match="E-SUBJ-001"):
            desk.open_ticket(other, account=account)
    world.later(minutes=16)
    with pytest.raises(YunhuobanError, match="E-SUBJ-001"):
        desk.open_ticket(ticket, account="it01")


def test_a_list_shows_a_person_their_own_line_and_nobody_elses(world: World) -> None:
    """Hundreds of persons stand in one monthly list: an export about one names no other, nor what was said of them."""
    mine, other = around_records.line(1), around_records.line(2) | {"person_name": "龘某", "identity_no": OTHER_NO}
    outcomes = [
        around_records.outcome(1, result="differs", note="本人情况"),
        around_records.outcome(2, note="他人情况"),
    ]
    number_of_list = start(
        world, "list.published", service_item=OWN_ITEM, record=around_records.monthly_list(lines=[mine, other])
    )
    world.settle()
    say(
        world, ISSUING, number_of_list, "list.reconciled", around_records.reconciliation(differing=1, outcomes=outcomes)
    )
    world.settle()
    for county in (world.window, world.issuing):
        with county.store.read() as tx:
            found = search(tx, county.identity, IDENTITY_NO, revealed=True)
        said = " ".join(f"{field.label} {field.value}" for each in found.found for field in each.fields)
        assert IDENTITY_NO in said
        assert "本人情况" in said
        assert not [each for each in ("龘某", OTHER_NO, "他人情况") if each in said]
        assert found.names == [NAME]


def test_whoever_is_checked_to_be_alive_is_found_by_number_and_named(world: World) -> None:
    """The name beside an identity number is the person's, whatever its field is called, and never the number itself."""
    start(world, "alive.requested", service_item=OWN_ITEM)
    world.settle()
    for county in (world.window, world.issuing):
        with county.store.read() as tx:
            assert search(tx, county.identity, IDENTITY_NO, revealed=True).names == [NAME]
    assert list(bodies.beside({"residence": {"name": "甲", "identity_no": OTHER_NO}}, OTHER_NO)) == ["甲"]
