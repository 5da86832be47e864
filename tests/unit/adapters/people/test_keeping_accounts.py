"""`/people/new`, `/people/ACCOUNT` and `/organisation`: county IT opens and changes accounts without a command."""

import re

from pages.access import Access
from pages.people import passwords
from tests.people_browser import Browser, enter
from tests.people_world import OWN, People


def csrf(browser: Browser) -> dict[str, str]:
    """What a form of this browser's session carries."""
    return {"csrf": Access().csrf(browser.session)}


def test_an_account_opened_on_the_page_signs_in_with_the_password_shown_once(browser: Browser, people: People) -> None:
    """Somebody new: shown one first password, signs in with it, has to choose another; sent twice nothing is new."""
    people.enrolled("it.one", "county_it")
    enter(browser, people, "it.one", "/people/new")
    typed = {"account": " Li.Si ", "name": "李四", "role": ["clerk", "approver"]} | csrf(browser)
    told = browser.http.post("/people/new", data=typed)
    password = re.search(r"<code>([2-9][a-z]{3}(?:\+[2-9][a-z]{3}){3})</code>", told.text).group(1)
    assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    again = browser.http.post("/people/new", data=typed)
    assert (again.status_code, "E-USER-002" in again.text, password in again.text) == (409, True, False)
    assert 'value="李四"' in again.text, "what was typed stays in the form"
    assert password not in browser.open("/people/li.si").text
    browser.http.post("/sign-out", data=csrf(browser))
    browser.open("/")
    browser.submit(account="li.si", password=password)
    assert browser.page.url.path == "/sign-in/enrol"
    assert ("added", "li.si", "it.one") in people.told()


def test_what_cannot_be_is_said_above_the_form(browser: Browser, people: People) -> None:
    """No role, roles that watch each other, a name with capitals, no such unit: a sentence, and no account."""
    people.enrolled("it.one", "county_it")
    enter(browser, people, "it.one", "/people/new")
    good = {"account": "li.si", "name": "李四", "role": ["clerk"]} | csrf(browser)
    for bad, code in (
        ({"role": []}, "E-USER-004"),
        ({"role": ["clerk", "stock_keeper"]}, "E-USER-004"),
        ({"role": ["operator"]}, "E-USER-004"),
        ({"account": "李四"}, "E-USER-001"),
        ({"account": "new"}, "E-USER-001"),
        ({"account": ""}, "E-USER-001"),
        ({"name": " "}, "E-USER-008"),
        ({"unit": "nowhere"}, "E-USER-009"),
    ):
        answer = browser.http.post("/people/new", data=good | bad)
        assert (answer.status_code, code in answer.text) == (409, True), bad
    assert [each.person.account for each in people.accounts.accounts()] == ["it.one"]


def test_an_account_is_changed_on_its_page_but_never_by_itself(browser: Browser, people: People) -> None:
    """Roles, unit, password, telephone, leaving; each ends its sessions. The own page has no form and takes none."""
    people.organisation.add("hall-1", kind="hall", name="政务服务中心", by="it")
    people.enrolled("it.one", "county_it")
    session = people.enrolled()
    enter(browser, people, "it.one", "/people/zhang.san")
    there, form = "/people/zhang.san", csrf(browser)
    assert browser.http.post(f"{there}/roles", data=form | {"role": ["approver"]}).headers["location"] == there
    assert people.signed(session) is None
    assert browser.http.post(f"{there}/unit", data=form | {"unit": "hall-1"}).status_code == 303
    kept = people.accounts.one("zhang.san")
    assert ({each.value for each in kept.person.roles}, kept.person.unit) == ({"approver"}, "hall-1")
    told = browser.http.post(f"{there}/password", data=form)
    assert re.search(r"<code>[2-9][a-z]{3}\+", told.text)
    assert people.accounts.one("zhang.san").must_change
    assert browser.http.post(f"{there}/second-factor", data=form).status_code == 303
    assert not people.accounts.one("zhang.san").enrolled
    assert "E-USER-009" in browser.http.post(f"{there}/unit", data=form | {"unit": "nowhere"}).text
    assert browser.http.post(f"{there}/leave", data=form).status_code == 303
    assert "E-USER-007" in browser.http.post(f"{there}/password", data=form).text
    own = browser.open("/people/it.one").text
    assert ("/people/it.one/roles" in own, "/people/it.one/leave" in own) == (False, False)
    for what in ("roles", "unit", "password", "second-factor", "leave"):
        assert "E-USER-014" in browser.http.post(f"/people/it.one/{what}", data=form | {"role": ["clerk"]}).text, what
    assert "E-USER-003" in browser.open("/people/nobody").text


def test_the_organisation_grows_and_moves_on_its_page(browser: Browser, people: People) -> None:
    """A town, a village below it; the village moved; never below itself; the auditor looks on without a form."""
    people.enrolled("it.one", "county_it")
    people.enrolled("wang.wu", "auditor")
    enter(browser, people, "it.one", "/organisation")
    form = csrf(browser)
    town = {"unit": "town-3", "kind": "town", "name": "铁城镇"}
    assert browser.http.post("/organisation", data=form | town).status_code == 303
    village = {"unit": "village-9", "kind": "village", "name": "张家洼村", "parent": "town-3"}
    assert browser.http.post("/organisation", data=form | village).status_code == 303
    refused = browser.http.post("/organisation", data=form | town | {"name": "<b>另一个</b>"})
    assert ("E-USER-010" in refused.text, "&lt;b&gt;另一个" in refused.text) == (True, True)
    assert "E-USER-012" in browser.http.post("/organisation/town-3/move", data=form | {"parent": "village-9"}).text
    assert browser.http.post("/organisation/village-9/move", data=form | {"parent": ""}).status_code == 303
    assert {each.unit: each.parent for each in people.organisation.units()} == {"town-3": "", "village-9": ""}
    browser.http.post("/sign-out", data=form)
    enter(browser, people, "wang.wu", "/organisation")
    assert ("张家洼村" in browser.page.text, 'action="/organisation' in browser.page.text) == (True, False)


def test_a_first_password_is_always_one_that_may_be_used() -> None:
    """Whatever the account is called, in a thousand of them; and none twice."""
    made = {passwords.first() for _ in range(1000)}
    assert len(made) == 1000
    for each in made:
        passwords.check(each, each[1:4])
        passwords.check(each, each.replace("+", "")[1:5])
    assert OWN not in made
