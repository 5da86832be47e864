"""Signing in step by step, and everything that keeps others out."""

import threading

import pytest

from pages.people.lockout import OF_ADDRESS
from pages.people.sessions import IDLE_SECONDS, LONGEST_SECONDS
from pages.people.signed import Step
from pages.people.signin import REFUSED
from schemas.errors import YunhuobanError
from tests.people_world import ADDRESS, OWN, PASSWORD, People


def refused(people: People, account: str = "zhang.san", password: str = "wrong wrong", address: str = ADDRESS) -> str:
    """The code that a sign-in is refused with."""
    with pytest.raises(YunhuobanError) as error:
        people.sign_in.enter(account, password, address)
    return error.value.code.code


def test_the_first_time_asks_for_everything(people: People):
    """Password, telephone, a password of one's own: each step has a session of its own, and the one before is void."""
    people.add()
    first = people.sign_in.enter("zhang.san", PASSWORD, ADDRESS)
    assert people.signed(first).step is Step.ENROL
    secret, uri = people.sign_in.enrolment(first)
    assert (secret, uri) == people.sign_in.enrolment(first), "loading the page anew shows the same code"
    people.secrets["zhang.san"] = secret
    second, codes = people.sign_in.enrol(first, people.code(), ADDRESS)
    assert people.signed(first) is None
    assert people.signed(second).step is Step.CHANGE
    assert len(set(codes)) == 10
    done = people.sign_in.change_password(second, old=PASSWORD, new=OWN, again=OWN, address=ADDRESS)
    assert people.signed(second) is None
    assert people.signed(done).step is Step.DONE
    assert len({first, second, done}) == 3


def test_a_code_is_good_once_and_one_step_off(people: People):
    """The same code again, one of two minutes ago, somebody's guess: refused; one of the step before: taken."""
    people.enrolled()
    step = lambda: people.sign_in.enter("zhang.san", OWN, ADDRESS)  # noqa: E731
    code = people.code()
    people.sign_in.second(step(), code, ADDRESS)
    for wrong in (code, "000000", ""):
        with pytest.raises(YunhuobanError, match="E-PAGE-063"):
            people.sign_in.second(step(), wrong, ADDRESS)
    late = people.code()
    people.later(seconds=30)
    assert people.signed(people.sign_in.second(step(), f" {late[:3]} {late[3:]} ", ADDRESS)).step is Step.DONE
    old = people.code()
    people.later(minutes=2)
    with pytest.raises(YunhuobanError, match="E-PAGE-063"):
        people.sign_in.second(step(), old, ADDRESS)


def test_a_recovery_code_is_good_once(people: People):
    """However it is typed; it says so in the record, and another account's does not open this one."""
    people.enrolled()
    code = people.recovery[0]
    step = lambda: people.sign_in.enter("zhang.san", OWN, ADDRESS)  # noqa: E731
    people.sign_in.second(step(), code.upper().replace("-", " "), ADDRESS)
    assert people.told()[-1] == ("recovery_used", "zhang.san", "zhang.san")
    with pytest.raises(YunhuobanError, match="E-PAGE-063"):
        people.sign_in.second(step(), code, ADDRESS)


def test_a_lost_telephone_is_set_up_anew(people: People):
    """County IT resets: the old telephone and the old recovery codes open nothing, the sign-in enrols again."""
    people.enrolled()
    people.accounts.reset_second_factor("zhang.san", by="it")
    session = people.sign_in.enter("zhang.san", OWN, ADDRESS)
    assert people.signed(session).step is Step.ENROL
    assert people.sign_in.enrolment(session)[0] != people.secrets["zhang.san"]
    for old in (people.code(), people.recovery[0]):
        with pytest.raises(YunhuobanError, match="E-PAGE-063"):
            people.sign_in.enrol(session, old, ADDRESS)


def test_no_step_is_left_out(people: People):
    """A session between two steps does neither the first nor the last of them."""
    people.enrolled()
    half = people.sign_in.enter("zhang.san", OWN, ADDRESS)
    for early in (
        lambda: people.sign_in.change_password(half, old=OWN, new=PASSWORD, again=PASSWORD, address=ADDRESS),
        lambda: people.sign_in.enrol(half, people.code(), ADDRESS),
        lambda: people.sign_in.enrolment(half),
        lambda: people.sign_in.second("made up", people.code(), ADDRESS),
    ):
        with pytest.raises(YunhuobanError, match="E-PAGE-067"):
            early()
    people.later(minutes=11)
    with pytest.raises(YunhuobanError, match="E-PAGE-067"):
        people.sign_in.second(half, people.code(), ADDRESS)


def test_answers_do_not_tell_who_has_an_account(people: People):
    """No account, a wrong password, a locked account with the right one: one answer, and after five of them another."""
    people.add()
    people.add("li.si")
    people.accounts.lock("li.si", by="it")
    assert (
        refused(people, "nobody") == refused(people, "zhang.san") == refused(people, "li.si", PASSWORD) == "E-PAGE-061"
    )
    for account in ("nobody", "zhang.san"):
        for _ in range(4):
            assert refused(people, account) == REFUSED.code
        assert refused(people, account, PASSWORD) == "E-PAGE-062"
    assert {who for what, who, _by in people.told() if what == "failed"} == {"", "zhang.san", "li.si"}


def test_five_failures_wait_longer_each_time(people: People):
    """Fifteen minutes, then thirty; a right sign-in afterwards forgets it, county IT's unlock does at once."""
    people.enrolled()
    for minutes in (15, 30):
        for _ in range(5):
            assert refused(people) == "E-PAGE-061"
        people.later(minutes=minutes - 0.5)
        assert refused(people, password=OWN) == "E-PAGE-062"
        people.later(minutes=1)
    people.sign_in.second(people.sign_in.enter("zhang.san", OWN, ADDRESS), people.code(), ADDRESS)
    assert [what for what, _who, _by in people.told()].count("made_to_wait") == 2
    for _ in range(5):
        refused(people)
    people.accounts.unlock("zhang.san", by="it")
    assert people.sign_in.enter("zhang.san", OWN, ADDRESS)


def test_the_password_alone_does_not_forget_failures(people: People):
    """Who knows the password and guesses at the second factor has five guesses, not five between two sign-ins."""
    people.enrolled()
    codes = set()
    for _ in range(5):
        session = people.sign_in.enter("zhang.san", OWN, ADDRESS)
        with pytest.raises(YunhuobanError) as error:
            people.sign_in.second(session, "000000", ADDRESS)
        codes.add(error.value.code.code)
    assert codes == {"E-PAGE-063"}
    assert refused(people, password=OWN) == "E-PAGE-062"


def test_one_address_does_not_try_everybody(people: People):
    """Thirty failures from one place, whatever the names, and that place waits; another does not."""
    people.add()
    for number in range(OF_ADDRESS):
        assert refused(people, f"guess-{number}") == "E-PAGE-061"
    assert refused(people, "zhang.san", PASSWORD) == "E-PAGE-062"
    assert people.sign_in.enter("zhang.san", PASSWORD, "192.0.2.8")


def test_guesses_at_once_are_not_more_guesses(people: People):
    """Twenty requests in the same moment: at most five are tried."""
    people.add()
    tried: list[str] = []

    def guess() -> None:
        tried.append(refused(people))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(tried) == 20
    assert tried.count("E-PAGE-061") <= 5


def test_a_session_ends_by_itself(people: People):
    """Fifteen minutes without a person, whatever the page asks by itself; twelve hours with one."""
    session = people.enrolled()
    for _ in range(3):
        people.later(seconds=IDLE_SECONDS - 60)
        assert people.signed(session) is not None
    for _ in range(14):
        people.later(seconds=60)
        assert people.sign_in.signed(session, attended=False) is not None
    people.later(seconds=61)
    assert people.sign_in.signed(session, attended=False) is None
    session = people.sign_in.second(people.sign_in.enter("zhang.san", OWN, ADDRESS), people.code(), ADDRESS)
    for _ in range(LONGEST_SECONDS // 600 - 1):
        people.later(seconds=600)
        assert people.signed(session) is not None
    people.later(seconds=601)
    assert people.signed(session) is None


def test_signing_out_ends_one_session(people: People):
    """The other one, at another window, goes on; a password change ends that, too."""
    here = people.enrolled()
    there = people.sign_in.second(people.sign_in.enter("zhang.san", OWN, ADDRESS), people.code(), ADDRESS)
    people.sign_in.sign_out(here, ADDRESS)
    people.sign_in.sign_out("made up", ADDRESS)
    assert people.signed(here) is None
    assert people.signed(there) is not None
    again = people.sign_in.second(people.sign_in.enter("zhang.san", OWN, ADDRESS), people.code(), ADDRESS)
    people.sign_in.change_password(again, old=OWN, new=PASSWORD, again=PASSWORD, address=ADDRESS)
    assert people.signed(there) is None


def test_a_new_password_is_another_one_typed_twice(people: People):
    """The old one is asked for; the same again, two different ones and a weak one are refused."""
    session = people.enrolled()

    def change(old: str, new: str, again: str) -> str:
        with pytest.raises(YunhuobanError) as error:
            people.sign_in.change_password(session, old=old, new=new, again=again, address=ADDRESS)
        return error.value.code.code

    assert change("wrong wrong", PASSWORD, PASSWORD) == "E-PAGE-064"
    assert change(OWN, PASSWORD, PASSWORD + "x") == "E-PAGE-065"
    assert change(OWN, OWN, OWN) == "E-USER-005"
    assert change(OWN, "1234567890", "1234567890") == "E-USER-005"


def test_a_second_person_is_another_with_both_factors(people: People):
    """Not oneself, not an auditor, not without the code; then the record names both."""
    people.enrolled("zhang.san")
    people.enrolled("li.si", "stock_keeper")
    people.enrolled("wang.wu", "auditor")
    vouch = lambda account, code: people.sign_in.vouch(account, OWN, code, first="zhang.san", address=ADDRESS)  # noqa: E731
    for account in ("zhang.san", "wang.wu"):
        with pytest.raises(YunhuobanError, match="E-PAGE-066"):
            vouch(account, people.code(account))
    with pytest.raises(YunhuobanError, match="E-PAGE-063"):
        vouch("li.si", "000000")
    assert vouch("li.si", people.code("li.si")).account == "li.si"
    assert people.told()[-1] == ("vouched", "li.si", "zhang.san")
