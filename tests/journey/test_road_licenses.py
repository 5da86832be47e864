"""A license that changes between its issue and its paper: what the authority says counts at the window at once.

Revoked, suspended and valid again, its authorisation alone taken back, renewed: in both directions, side by side.
"""

from collections.abc import Mapping

import pytest

from schemas.scanning import digest
from tests.journey.handled import COPIES, WINDOWS, Handled, finish, taken
from tests.journey.road import Road, until

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

LICENSE_STATE, AUTHORISATION_REVOKED, ENDED = "E-ADM-072", "E-ADM-075", "E-PRINT-103"


@pytest.fixture(scope="module")
def unprinted(road: Road) -> Mapping[tuple[str, str], Handled]:
    """For each county's window and each story one case whose license waits at the window to be printed."""
    stories = ("revoked", "suspended", "taken back", "renewed")
    cases = {
        (window, story): case
        for window in WINDOWS
        for story, case in zip(stories, taken(road, window, len(stories)), strict=True)
    }
    for case in cases.values():
        case.authorisations()
    return cases


def _license_state(road: Road, case: Handled, identifier: str) -> set[str]:
    """What the hub's license book and the issuing county's own say; nothing while they differ from each other."""
    query = "SELECT state FROM licenses WHERE license_identifier = ?"
    (hub,) = road.hub(query, identifier)
    (own,) = road.county(case.issuing, query.replace("licenses", "own_licenses"), identifier)
    return {hub["state"], own["state"]}


def _never_printed(road: Road, case: Handled, code: str) -> None:
    """Every authorisation is over in both ledgers, its page says why, no button brings paper, and none came."""
    for number in case.authorisations():
        road.windows[case.window].until(number, "ended")
        page = case.page(number)
        assert code in page, page
        assert f"/authorisations/{number}/print" not in page
        pressed = case.press_print(number)
        assert pressed.status == 409
        assert ENDED in pressed.text or code in pressed.text, pressed.text
    assert {state for _, state, _ in road.prints(case.case_no)} == {"revoked"}
    assert road.sheets(case.case_no) == []
    assert road.types(case.case_no)["print.claimed"] == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_a_revoked_license_is_not_printed(road: Road, unprinted: Mapping[tuple[str, str], Handled], window: str):
    """撤销 in the authority's own system: the page says so, nothing comes out, all books agree; 办结 without paper."""
    case = unprinted[window, "revoked"]
    identifier, _ = case.license()
    case.authority("证照状态", "--license", identifier, "--code", "撤销", "--reasons", "提交虚假材料取得登记。")
    case.both_know("license.state_changed")
    _never_printed(road, case, LICENSE_STATE)
    assert "撤销" in case.page(case.authorisations()[0])
    assert _license_state(road, case, identifier) == {"revoked"}
    (scan,) = road.hub("SELECT county FROM license_scans WHERE license_sha256 = ?", digest(identifier))
    assert scan["county"] == case.issuing  # whoever scans the paper is told the state that the book says
    told = " ".join(case.told("证照状态"))
    assert "提交虚假材料" in told
    assert "撤销" in told
    case.authority("办结", "--code", "不发证")
    case.until("closed")
    shown = case.trace()
    assert all(word in shown for word in ("证照状态变更", "撤销", "已撤回", "不发证", "已办结")), shown


@pytest.mark.parametrize("window", WINDOWS)
def test_a_suspended_license_waits_and_prints_when_it_is_valid_again(
    road: Road, unprinted: Mapping[tuple[str, str], Handled], window: str
):
    """暂扣: the button is shut and says why; 有效 again: one sheet of each copy, as if nothing had been."""
    case = unprinted[window, "suspended"]
    identifier, _ = case.license()
    number = case.authorisations()[0]
    assert "disabled" not in case.page(number)
    case.authority("证照状态", "--license", identifier, "--code", "暂扣")
    until(lambda: LICENSE_STATE in case.page(number), "the reason on the window's page")
    page = case.page(number)
    assert "暂扣" in page
    assert "disabled" in page
    pressed = case.press_print(number)
    assert (pressed.status, LICENSE_STATE in pressed.text) == (409, True), pressed.text
    assert _license_state(road, case, identifier) == {"suspended"}
    assert {state for _, state, _ in road.prints(case.case_no)} == {"authorised"}
    assert road.sheets(case.case_no) == []

    case.authority("证照状态", "--license", identifier, "--code", "有效", "--reasons", "暂扣期满，发还。")
    until(lambda: LICENSE_STATE not in case.page(number), "the button open again")
    finish(road, [case])
    road.check_once(case.case_no, copies=COPIES[window], more={"license.state_changed": 2})
    assert _license_state(road, case, identifier) == {"valid"}
    assert case.traces(window)["license.state_changed"] == 2


@pytest.mark.parametrize("window", WINDOWS)
def test_authorisations_that_are_taken_back_are_not_printed(
    road: Road, unprinted: Mapping[tuple[str, str], Handled], window: str
):
    """撤销打印授权, each by its number: the license stays valid, and nothing of it is printed under them."""
    case = unprinted[window, "taken back"]
    identifier, _ = case.license()
    for number in case.authorisations():
        case.authority("撤销打印授权", "--authorisation", number)
    until(lambda: case.traces(window)["print.revoked"] == COPIES[window], f"{case.case_no} taken back")
    _never_printed(road, case, AUTHORISATION_REVOKED)
    assert _license_state(road, case, identifier) == {"valid"}
    assert all("登记内容有误" in each for each in case.told("撤销打印授权"))
    assert "撤销打印授权" in case.trace()


@pytest.mark.parametrize("window", WINDOWS)
def test_a_renewed_license_is_printed_in_its_new_version_only(
    road: Road, unprinted: Mapping[tuple[str, str], Handled], window: str
):
    """A second case renews the unprinted license: the new version comes on paper, the old one is history everywhere."""
    old = unprinted[window, "renewed"]
    identifier, registered = old.license()
    (new,) = taken(road, window, by_hand=True)
    new.authority("受理")
    new.until("accepted")
    new.authority("决定", "--license", identifier, "--number", registered)
    old.both_know("license.state_changed")
    _never_printed(road, old, LICENSE_STATE)
    assert "历史版本" in old.page(old.authorisations()[0])
    finish(road, [new])

    road.check_once(new.case_no, copies=COPIES[window])
    successor, same = new.license()
    assert same == registered
    assert successor.rsplit(".", 2)[0] == identifier.rsplit(".", 2)[0]
    assert (identifier.split(".")[-2], successor.split(".")[-2]) == ("001", "002")
    assert _license_state(road, old, identifier) == {"superseded"}
    assert _license_state(road, new, successor) == {"valid"}
    told = " ".join(old.told("证照状态"))
    assert successor in told
    assert "历史版本" in told
    assert identifier in " ".join(new.told("属地决定")), "the window's own system knows what was renewed"
    old.until("licensed")
    assert "历史版本" in old.trace()
