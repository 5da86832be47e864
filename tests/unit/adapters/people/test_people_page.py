"""`/people` and its record: county IT locks and unlocks, the auditor sees what was done, and by whom."""

from adapters.hall.people.lacking import lacking
from pages.access import Access
from tests.people_browser import Browser, enter
from tests.people_world import OWN, People


def test_county_it_locks_and_the_auditor_sees_it(browser: Browser, people: People) -> None:
    """The list with names and states; a lock that works at once; never one's own; then the record, newest first."""
    people.organisation.add("hall-1", kind="hall", name="吴桥县政务服务中心", by="it")
    session = people.enrolled()
    people.accounts.move("zhang.san", "hall-1", by="it")
    people.enrolled("it.one", "county_it")
    people.enrolled("wang.wu", "auditor")
    session = people.sign_in.second(people.sign_in.enter("zhang.san", OWN, ""), people.code(), "")
    enter(browser, people, "it.one", "/people")
    assert "吴桥县政务服务中心" in browser.page.text
    csrf = {"csrf": Access().csrf(browser.session)}
    assert "E-USER-014" in browser.http.post("/people/it.one/lock", data=csrf).text
    assert "E-USER-003" in browser.http.post("/people/nobody/lock", data=csrf).text
    assert browser.http.post("/people/zhang.san/lock", data=csrf).headers["location"] == "/people"
    assert people.signed(session) is None
    assert "已锁定" in browser.open("/people").text
    assert browser.http.post("/people/zhang.san/unlock", data=csrf).status_code == 303
    assert browser.http.get("/people/events").status_code == 403
    browser.http.post("/sign-out", data=csrf)
    enter(browser, people, "wang.wu", "/people/events")
    rows = [row for row in browser.page.text.split("<tr>") if "it.one" in row and "zhang.san" in row]
    assert ["解锁" in rows[0], "锁定" in rows[1], "127.0.0.1" in rows[0]] == [True, True, True]
    assert '<button class="danger"' not in browser.open("/people").text


def test_in_earnest_a_county_without_a_clerk_is_told(people: People) -> None:
    """Nobody, then only county IT, then a clerk who has left: E-USER-015 stands in the node's state; on trial never."""

    def told(*, trial: bool = False) -> list[str]:
        with people.store.read() as tx:
            return [each.code.code for each in lacking(tx, trial=trial)]

    assert (told(), told(trial=True)) == (["E-USER-015"], [])
    people.add("it.one", "county_it")
    assert told() == ["E-USER-015"]
    people.add("zhang.san", "approver", "clerk")
    assert told() == []
    people.accounts.leave("zhang.san", by="it")
    assert told() == ["E-USER-015"]
