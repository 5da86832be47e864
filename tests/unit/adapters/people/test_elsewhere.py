"""One sees where one is signed in, and ends what is not one's own, with the password; nobody else's."""

import re

import pytest

from pages.access import Access
from pages.people.elsewhere import Elsewhere
from pages.serving import Serving
from tests.people_browser import Browser, enter
from tests.people_world import OWN, People

PLACE = re.compile(r'name="place" value="([0-9a-f]{16})"')
PAGE = "/sign-in/password"


def key_of(people: People, session: str) -> str:
    """By what a session is called on its own holder's page."""
    (own,) = [each.key for each in Elsewhere(people.shelf, people.sign_in.sessions).places(session) if each.here]
    return own


def end(browser: Browser, *places: str, password: str = OWN) -> str:
    """Press the button with these ticked; the page that comes then."""
    form = {"csrf": Access().csrf(browser.session), "place": list(places), "password": password}
    answer = browser.http.post("/sign-out/elsewhere", data=form)
    return browser.open(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def test_what_is_signed_in_elsewhere_is_seen_and_ended(browser: Browser, people: People, serving: Serving) -> None:
    """Each with its times; a wrong password ends nothing, and the session at hand goes on in any case."""
    people.enrolled()  # one session of its own
    enter(browser, people)
    other = Browser(serving.port)
    enter(other, people)
    shown = browser.open(PAGE).text
    assert "登录于" in shown
    found = PLACE.findall(shown)
    assert len(found) == 2, "what is at hand has no box"
    assert "E-PAGE-064" in end(browser, *found, password="wrong wrong wrong")
    assert other.open("/cases").url.path == "/cases"
    left = end(browser, *found, "0" * 16)
    assert PLACE.findall(left) == []
    assert "没有在别处登录" in left
    assert other.open("/cases").url.path == "/sign-in"
    assert browser.open("/cases").url.path == "/cases"
    assert [what for what, _who, _by in people.told()].count("signed_out") == 2
    other.http.close()


def test_nobody_ends_the_session_of_another(browser: Browser, people: People, serving: Serving) -> None:
    """Whatever is sent along: only what is one's own is looked for, and never what is at hand."""
    people.enrolled()
    foreign = people.enrolled("li.si", "approver")
    enter(browser, people)
    end(browser, key_of(people, foreign), key_of(people, browser.session))
    assert people.signed(foreign) is not None
    assert people.signed(browser.session) is not None


@pytest.mark.long
def test_guesses_there_are_counted(browser: Browser, people: People) -> None:
    """Five wrong passwords at an open page and the account waits, as at the sign-in."""
    people.enrolled()
    enter(browser, people)
    told = [end(browser, password="wrong wrong wrong") for _ in range(6)]
    assert ["E-PAGE-064" in each for each in told] == [True] * 5 + [False]
    assert "E-PAGE-062" in told[-1]


@pytest.mark.long
def test_who_has_not_signed_in_wholly_ends_nothing(browser: Browser, people: People) -> None:
    """Between password and second factor there is nothing to see, and the button leads to the next step."""
    people.enrolled()
    browser.open("/sign-in")
    browser.submit(account="zhang.san", password=OWN)
    assert "登录于" not in browser.open(PAGE).text
    answer = browser.http.post("/sign-out/elsewhere", data={"csrf": Access().csrf(browser.session)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/second")
