"""Accounts: what they are made of, what is refused, and that no change leaves anybody with rights they had before."""

import sqlite3
from dataclasses import replace
from functools import partial

import pytest
from argon2.profiles import RFC_9106_LOW_MEMORY

from adapters.hall.people import placewords
from pages.people import passwords
from pages.people.accounts import AccountBook, State
from pages.people.person import Role
from schemas.errors import YunhuobanError
from tests.people_world import ADDRESS, OWN, PASSWORD, People


def test_an_account_is_what_was_given(people: People):
    """Name, roles and unit come back; the password is for the first sign-in only."""
    people.organisation.add("town-3", kind="town", name="铁城镇", by="it")
    people.accounts.add("zhang.san", name="张三", roles=["clerk"], password=PASSWORD, by="it", unit="town-3")
    (account,) = people.accounts.accounts()
    assert (account.person.name, account.person.roles, account.person.unit) == ("张三", {Role.CLERK}, "town-3")
    assert (account.state, account.enrolled, account.must_change) == (State.ACTIVE, False, True)
    assert people.told() == [("unit_added", "", "it"), ("added", "zhang.san", "it")]


@pytest.mark.parametrize("name", ["", "Z", "zhang san", "张三", "130928199003070014", "a" * 33, "desk", "z/../x"])
def test_an_account_name_is_no_persons_name_or_number(people: People, name: str):
    """It goes into ledgers and logs: letters, digits, dots and hyphens only, and none that means no person."""
    with pytest.raises(YunhuobanError, match="E-USER-001"):
        people.accounts.add(name, name="张三", roles=["clerk"], password=PASSWORD, by="it")


def test_what_is_missing_or_wrong_is_refused(people: People):
    """A second account of the name, no person, no such unit, no such account: nothing is written of it."""
    people.add()
    with pytest.raises(YunhuobanError, match="E-USER-002"):
        people.add()
    with pytest.raises(YunhuobanError, match="E-USER-008"):
        people.accounts.add("li.si", name=" ", roles=["clerk"], password=PASSWORD, by="it")
    with pytest.raises(YunhuobanError, match="E-USER-009"):
        people.accounts.add("li.si", name="李四", roles=["clerk"], password=PASSWORD, by="it", unit="nowhere")
    with pytest.raises(YunhuobanError, match="E-USER-003"):
        people.accounts.lock("li.si", by="it")
    assert [each.person.account for each in people.accounts.accounts()] == ["zhang.san"]


@pytest.mark.parametrize(
    "roles", [[], ["clerk", "stock_keeper"], ["auditor", "county_it"], ["operator"], ["clerk", "emperor"]]
)
def test_roles_that_watch_each_other_stay_apart(people: People, roles: list[str]):
    """Who prints does not keep the stock, who audits does not administrate; the hub's roles are not the county's."""
    with pytest.raises(YunhuobanError, match="E-USER-004"):
        people.accounts.add("li.si", name="李四", roles=roles, password=PASSWORD, by="it")


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "1234567890",
        "130928199003070014",
        "password123",
        "abababababab",
        "Zhang.San-2026",
        "a" * 129,
        "qwerty!!!!!",
    ],
)
def test_a_weak_password_is_refused(password: str):
    """Too short or long, digits only, common, repeated, or with the account's name in it."""
    with pytest.raises(YunhuobanError, match="E-USER-005"):
        passwords.check(password, "zhang.san")


@pytest.mark.parametrize(
    "password", ["Wuqiao-xian@2026", "wuqiao 20261126", "wqxwqxwqxwqx", "沧州吴桥 2026!!!", "HEBEI+wuqiao+1"]
)
def test_what_the_place_is_called_is_no_password(people: People, password: str):
    """In characters, in pinyin, in initials, alone or behind its province, whatever digits and signs are put to it."""
    people.shelf = replace(people.shelf, words=partial(placewords.of, "130928"))
    accounts = AccountBook(people.shelf, allowed=people.allowed)
    with pytest.raises(YunhuobanError, match="E-USER-005"):
        accounts.add("zhang.san", name="张三", roles=("clerk",), password=password, by="it")
    accounts.add("zhang.san", name="张三", roles=("clerk",), password=f"{password} chrysanthemum", by="it")


@pytest.mark.parametrize("password", ["correct horse battery", "春眠不觉晓处处闻啼鸟", "oneword-only", "Tr0ub4dor&3x"])
def test_length_is_all_that_a_password_needs(password: str):
    """No composition rules (NIST SP 800-63B); Chinese is welcome."""
    passwords.check(password, "zhang.san")


def test_every_change_ends_the_sessions(people: People):
    """Roles, unit, password, lock, reset: whoever was signed in is so no more, and each stands in the record."""
    session = people.enrolled()
    changes = {
        "roles": lambda: people.accounts.set_roles("zhang.san", ["approver"], by="it"),
        "moved": lambda: people.accounts.move("zhang.san", "", by="it"),
        "password_set": lambda: people.accounts.set_password("zhang.san", PASSWORD, by="it"),
        "locked": lambda: people.accounts.lock("zhang.san", by="it"),
    }
    password = OWN
    for what, change in changes.items():
        assert people.signed(session) is not None
        change()
        assert people.signed(session) is None
        assert people.told()[-1] == (what, "zhang.san", "it")
        if what == "locked":
            break
        password = PASSWORD if what == "password_set" else password
        session = people.sign_in.second(people.sign_in.enter("zhang.san", password, ADDRESS), people.code(), ADDRESS)


def test_who_has_left_never_comes_back(people: People):
    """No sign-in, no change, and nobody else gets the name."""
    people.add()
    people.accounts.leave("zhang.san", by="it")
    with pytest.raises(YunhuobanError, match="E-PAGE-061"):
        people.sign_in.enter("zhang.san", PASSWORD, ADDRESS)
    for change in (people.accounts.unlock, people.accounts.lock, people.accounts.leave):
        with pytest.raises(YunhuobanError, match="E-USER-007"):
            change("zhang.san", by="it")
    with pytest.raises(YunhuobanError, match="E-USER-002"):
        people.add()


def test_the_store_holds_no_name_and_no_secret(people: People):
    """Whoever copies the database finds neither the person's name, nor a password, a session, a secret or a code."""
    session = people.enrolled()
    people.store.close()
    file = str(people.store._engine.url.database)
    with sqlite3.connect(file) as copied:
        copied.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        dump = "\n".join(copied.iterdump())
    hidden = ["张三", "张三".encode().hex().upper(), PASSWORD, OWN, session, *people.recovery, *people.secrets.values()]
    hidden += [each.encode().hex().upper() for each in (session, *people.secrets.values(), *people.recovery)]
    assert [each for each in hidden if each in dump] == []


def test_a_password_costs_what_rfc_9106_recommends(people: People, monkeypatch: pytest.MonkeyPatch):
    """Second recommended option: 3 passes over 64 MiB in 4 lanes; one made for less is made anew at the sign-in."""
    people.add()
    monkeypatch.setattr(passwords, "PARAMETERS", RFC_9106_LOW_MEMORY)
    passwords._hasher.cache_clear()
    people.sign_in.enter("zhang.san", PASSWORD, ADDRESS)
    with people.store.read() as tx:
        kept = tx.exec_driver_sql("SELECT password_hash FROM people_accounts").scalar_one()
    passwords._hasher.cache_clear()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
