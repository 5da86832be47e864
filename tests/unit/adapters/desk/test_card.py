"""The card at the desk says what the ledger's own table allows, and cannot become untrue unnoticed."""

import re
from itertools import product

import httpx
import pytest

from adapters.hall.desk.card import ENDED, FAILURES, LOST, OPEN, RULE, TITLE, Failure
from adapters.hall.desk.printdesk import build_app
from adapters.printing.states import FINAL, Event, PrintState, next_state
from pages.access import Access
from pages.serving import Serving
from pages.wording import say
from tests.journey.pages_fakes import Desk
from tests.people_browser import NO_AUTHORITIES

PRESSES = {
    "“打印”": {Event.CLAIM},
    "“再问一次中枢”": {Event.GRANT},
    "“确认合格”": {Event.CONFIRM, Event.SETTLE_PRINTED},
    "“打印作废”": {Event.SPOIL, Event.SETTLE_SPOILED},
    "“没有出纸”": {Event.SETTLE_SPOILED},
}
"""The words of a button, and what pressing it is to the ledger."""


def test_every_state_of_the_ledger_has_its_row_and_no_other() -> None:
    """A state that is added or taken away is missed here."""
    assert set(OPEN) == set(PrintState) - FINAL
    assert set(ENDED) == FINAL
    assert set(FAILURES) == set(Failure)
    assert all(set(told) == set(Failure) for told in OPEN.values())


@pytest.mark.parametrize("state", list(OPEN))
def test_nobody_is_told_to_press_what_the_state_does_not_allow(state: PrintState) -> None:
    """And whoever stands before a state in which a sheet may be out is told not to print."""
    for told in OPEN[state].values():
        for words in re.findall(r"按(“[^”]+”(?:或“[^”]+”)*)", told):
            for press in re.findall(r"“[^”]+”", words):
                assert any(next_state(state, event) for event in PRESSES[press]), (state, press)
        if next_state(state, Event.LOSE) or next_state(state, Event.SETTLE_SPOILED):
            assert "不要再打" in told
        if next_state(state, Event.CLAIM) or next_state(state, Event.START):
            assert "可能已经出纸" not in told
    if next_state(state, Event.SETTLE_SPOILED):
        assert any("“没有出纸”" in told and "两个人" in told for told in OPEN[state].values())


def test_the_card_is_one_page_in_both_languages() -> None:
    """Whichever language the reader has chosen."""
    access = Access()
    with (
        Serving(build_app(Desk(), access)) as serving,
        httpx.Client(verify=NO_AUTHORITIES, trust_env=False, follow_redirects=True, timeout=60) as browser,
    ):
        browser.get(access.address(serving.port))
        page = browser.get(f"http://127.0.0.1:{serving.port}/card").text.replace("&#34;", '"').replace("&#39;", "'")
    for language, (state, failure) in product(("zh", "en"), product(OPEN, Failure)):
        assert say(OPEN[state][failure], language) in page
    said = [TITLE, RULE, LOST, *FAILURES.values(), *ENDED.values()]
    assert [each for each in said for language in ("zh", "en") if say(each, language) not in page] == []
    assert [each for each in said if say(each, "zh") == say(each, "en")] == []
