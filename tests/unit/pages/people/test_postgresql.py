"""The same on PostgreSQL, where two transactions really run at the same time."""

import threading
from collections.abc import Iterator

import pytest

from adapters.store import open_store
from certs.atrest import AtRest
from schemas.errors import YunhuobanError
from tests.people_world import ADDRESS, OWN, People
from tests.postgres import PostgresNode

pytestmark = pytest.mark.long


@pytest.fixture
def people(postgres: PostgresNode, tmp_path, quick_passwords) -> Iterator[People]:
    """Nobody yet."""
    name = postgres.create()
    store = open_store(postgres.url(name))
    yield People(store=store, sealing=AtRest.create(tmp_path / "storage"))
    store.close()
    postgres.drop(name)


def together(count: int, act) -> None:
    """Do it in as many threads at once."""
    threads = [threading.Thread(target=act) for _ in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_one_code_opens_once_however_often_it_is_sent_at_once(people: People) -> None:
    """Four requests with the same code at the same moment: one sign-in."""
    people.enrolled()
    halves = [people.sign_in.enter("zhang.san", OWN, ADDRESS) for _ in range(4)]
    code, answers = people.code(), []

    def use() -> None:
        try:
            answers.append(people.sign_in.second(halves.pop(), code, ADDRESS) and "opened")
        except YunhuobanError as error:
            answers.append(error.code.code)

    together(4, use)
    assert sorted(answers) == ["E-PAGE-063", "E-PAGE-063", "E-PAGE-063", "opened"]


def test_guesses_at_once_are_not_more_guesses(people: People) -> None:
    """Twenty at once: at most five are tried, the others are told to wait."""
    people.enrolled()
    tried: list[str] = []

    def guess() -> None:
        with pytest.raises(YunhuobanError) as error:
            people.sign_in.enter("zhang.san", "wrong wrong", ADDRESS)
        tried.append(error.value.code.code)

    together(20, guess)
    assert len(tried) == 20
    assert tried.count("E-PAGE-061") <= 5


def test_accounts_units_and_sessions_are_the_same_there(people: People) -> None:
    """The whole first sign-in, a unit, a change that ends the session, and the record of it."""
    people.organisation.add("hall-1", kind="hall", name="吴桥县政务服务中心", by="it")
    session = people.enrolled()
    people.accounts.move("zhang.san", "hall-1", by="it")
    assert people.signed(session) is None
    assert people.told()[-1] == ("moved", "zhang.san", "it")
    with pytest.raises(YunhuobanError, match="E-USER-002"):
        people.add()
