"""Dead letters sent again: tried dry, counted, ordered, paced, stopped, cut anywhere; nothing lost, nothing twice."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from typer.testing import CliRunner

from certs.atrest import AtRest
from hub.broker import Delivery as Incoming
from hub.broker import Outcome, Outgoing
from hub.cli import app as hub_app
from hub.outflow import deadletters
from hub.people.tables import TABLES as PEOPLE
from hub.record import listing
from hub.record.noting import Actor
from hub.record.verifying import verify
from hub.replaying import choosing, ordering, reading, sending
from hub.replaying.choosing import Wanted
from hub.store import tables
from pages.people.person import HUB_ROLES
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, Case, Message, World
from tests.people_world import OWN, People

LI = Actor(account="li.ops", address="192.0.2.7")
EVERY = Wanted(queue=topology.county_inbox(ISSUING))
LETTERS = 5


class Killed(BaseException):
    """The process is gone: nothing catches it."""


def died(message: Message, reason: str = "rejected") -> Incoming:
    """As the broker's dead letters give it out."""
    death = {"queue": topology.county_inbox(ISSUING), "reason": reason, "count": 1}
    headers = {**message.delivery().headers, "x-death": [death], "evidence": b"evidence"}
    return replace(message.delivery(), queue=topology.DEAD_LETTERS, user_id=None, headers=headers)


@pytest.fixture
def messages(world: World) -> list[Message]:
    """Five applications that their destination rejected; they are kept."""
    made = [Case(world).application() for _ in range(LETTERS)]
    with world.store.write() as tx:
        for each in made:
            deadletters.keep_from_broker(tx, died(each), world.now)
            world.later(seconds=1)
    return made


def order(world: World, *, counted: int = LETTERS, wanted: Wanted = EVERY, **changes: Any) -> int:
    """An order of two persons."""
    given_ = {"rate": 50, "reason": "收件库已修好", "second": "wang.ops", "now": world.now, **changes}
    with world.store.write() as tx:
        return ordering.order_many(tx, wanted, LI, counted=counted, **given_)


def run(world: World, steps: int = 100) -> int:
    """The keeper's steps until there is nothing to do; how many there were."""
    for count in range(steps):
        if sending.step(world.store, world.link, world.now) is None:
            return count
    return steps


def states(world: World) -> Counter[str]:
    """How many letters are in which state."""
    return Counter(row.state for row in world.rows(select(tables.dead_letters.c.state)))


def acts(world: World) -> list[str]:
    """What the operators' record says, oldest first; it is whole."""
    with world.store.read() as tx:
        assert verify(tx).findings == ()
        return [f"{each.who} {each.what} {each.about}" for each in reversed(listing.lines(tx))]


def test_a_batch_goes_where_each_died_under_its_id_and_the_record_says_so(world: World, messages: list[Message]):
    """The dry run counts and changes nothing; then each goes once, the oldest first, at the pace that was told."""
    with world.store.read() as tx:
        tried = ordering.attempt(tx, EVERY, world.now)
        (heap,) = choosing.heaps(tx)
    assert (tried.count, tried.goes, tried.stays, heap.count) == (LETTERS, LETTERS, {}, LETTERS)
    assert states(world) == {"waiting": LETTERS}
    number = order(world, rate=10)
    assert states(world) == {"queued": LETTERS}
    assert sending.step(world.store, world.link, world.now) == pytest.approx(0.1)
    assert run(world) == LETTERS  # the four others, and the order's end
    assert [(each.routing_key, each.message_id, each.body) for each in world.link.published] == [
        (topology.county_inbox(ISSUING), each.envelope.id, each.body) for each in messages
    ]
    assert {tuple(each.headers) for each in world.link.published} == {("signatures", "evidence")}
    with world.store.read() as tx:
        done = ordering.one(tx, number)
    assert done is not None
    assert (done.state, done.sent, done.left, done.second) == ("done", LETTERS, 0, "wang.ops")
    assert acts(world) == [f"li.ops 下达重放 replay-{number}", f"hub 重放结束 replay-{number}"]


def test_what_was_not_counted_is_not_sent(world: World, messages: list[Message], monkeypatch: pytest.MonkeyPatch):
    """One more since the count (E-ADM-095), too many (E-ADM-096), too fast (E-ADM-098), no reason (E-ADM-092)."""
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("E-ADM-095", {"counted": LETTERS - 1}),
        ("E-ADM-098", {"rate": 51}),
        ("E-ADM-098", {"rate": 0}),
        ("E-ADM-092", {"reason": "  "}),
    ]
    for code, changes in wrong:
        with pytest.raises(YunhuobanError, match=code):
            order(world, **changes)
    monkeypatch.setattr(ordering, "MOST", LETTERS - 1)
    with pytest.raises(YunhuobanError, match="E-ADM-096"):
        order(world)
    assert states(world) == {"waiting": LETTERS}
    assert acts(world) == []
    assert not sending.under_way(world.store)


def test_filters_choose(world: World, messages: list[Message]):
    """By queue, sender, reason, type; a page after a page holds each once."""
    with world.store.write() as tx:
        deadletters.keep_from_broker(tx, died(Case(world).application(), "delivery_limit"), world.now)
    with world.store.read() as tx:
        assert choosing.count(tx, Wanted(reason="delivery_limit"), 500) == 1
        assert choosing.count(tx, Wanted(source=WINDOW), 500) == LETTERS + 1
        assert choosing.count(tx, Wanted(source=WINDOW), 2) == 3  # beyond what may be sent nothing is counted
        assert choosing.count(tx, Wanted(type="decision.made"), 500) == 0
        first = choosing.page(tx, Wanted(), limit=4)
        last = first[-1]
        died_at = round(last.died_at.timestamp() * 1000)
        rest = choosing.page(tx, Wanted(), after=(died_at, last.number))
    assert len({each.number for each in [*first, *rest]}) == LETTERS + 1


def test_what_has_expired_stays(world: World, messages: list[Message]):
    """Alone it is refused (E-ADM-094); of a batch it is left out, also when its time ends while it waits its turn."""
    letters = tables.dead_letters
    soon, later = (round((world.now + timedelta(hours=each)).timestamp() * 1000) for each in (1, 2))
    with world.store.write() as tx:
        numbers = [each.number for each in choosing.page(tx, Wanted())]
        tx.execute(update(letters).where(letters.c.id == numbers[0]).values(expires_at=soon))
        tx.execute(update(letters).where(letters.c.id == numbers[1]).values(expires_at=later))
    world.later(hours=1)
    with world.store.write() as tx, pytest.raises(YunhuobanError, match="E-ADM-094"):
        ordering.order_one(tx, numbers[0], LI, reason="x", now=world.now)
    with world.store.write() as tx, pytest.raises(YunhuobanError, match="E-ADM-094"):
        deadletters.replay(tx, numbers[0], reason="x", now=world.now)
    with world.store.read() as tx:
        tried = ordering.attempt(tx, EVERY, world.now)
        opened = reading.opened(tx, numbers[0], world.now)
    assert (tried.count, tried.goes, tried.stays) == (LETTERS, LETTERS - 1, {"E-ADM-094": 1})
    assert opened is not None
    assert opened.why_not is deadletters.EXPIRED
    order(world)
    world.later(hours=1)
    run(world)
    assert len(world.link.published) == LETTERS - 2
    with world.store.read() as tx:
        assert [each.number for each in choosing.page(tx, Wanted())] == numbers[:2]


def test_a_stop_stops_at_once(world: World, messages: list[Message]):
    """After two of five: nothing more goes, what is left waits as before, and it is stopped once (E-ADM-097)."""
    number = order(world)
    sending.step(world.store, world.link, world.now)
    sending.step(world.store, world.link, world.now)
    with world.store.write() as tx:
        ordering.stop(tx, number, LI, reason="", now=world.now)
    assert sending.step(world.store, world.link, world.now) is None
    assert len(world.link.published) == 2
    assert states(world) == {"waiting": LETTERS - 2, "replayed": 2}
    with world.store.write() as tx, pytest.raises(YunhuobanError, match="E-ADM-097"):
        ordering.stop(tx, number, LI, reason="", now=world.now)
    assert acts(world)[-1] == f"li.ops 停止重放 replay-{number}"


def test_after_a_restore_nothing_goes_by_itself(world: World, messages: list[Message]):
    """An order that ran when the backup was made is over: its letters wait for a person."""
    number = order(world)
    with world.store.write() as tx:
        ordering.end_all(tx, why="restored", now=world.now)
        ended = ordering.one(tx, number)
    assert ended is not None
    assert (ended.state, ended.why) == ("stopped", "restored")
    assert not sending.under_way(world.store)
    assert states(world) == {"waiting": LETTERS}


def test_a_queue_that_takes_nothing_ends_the_order(world: World, messages: list[Message]):
    """No second try by itself: the rest waits for a person, who reads which queue it was."""
    number = order(world)
    answers = itertools.chain([Outcome.CONFIRMED, Outcome.NACKED], itertools.repeat(Outcome.CONFIRMED))
    world.link.outcome = lambda _: next(answers)
    run(world)
    assert states(world) == {"waiting": LETTERS - 1, "replayed": 1}
    with world.store.read() as tx:
        ended = ordering.one(tx, number)
    assert ended is not None
    assert (ended.state, ended.why) == ("stopped", f"{topology.county_inbox(ISSUING)}: nacked")


def test_one_letter_needs_one_person_and_poison_goes_never(world: World, messages: list[Message]):
    """E-ADM-091 the second time, E-ADM-093 for what was refused to its sender."""
    with world.store.write() as tx:
        (letter, *_) = choosing.page(tx, Wanted())
        batch = ordering.order_one(tx, letter.number, LI, reason="once", now=world.now)
        with pytest.raises(YunhuobanError, match="E-ADM-091"):
            ordering.order_one(tx, letter.number, LI, reason="twice", now=world.now)
        poison = deadletters.keep_poison(tx, Case(world).application().delivery(), world.now)
        with pytest.raises(YunhuobanError, match="E-ADM-093"):
            ordering.order_one(tx, poison, LI, reason="x", now=world.now)
    run(world)
    assert len(world.link.published) == 1
    with world.store.read() as tx:
        done = ordering.one(tx, batch)
    assert done is not None
    assert (done.count, done.sent, done.second) == (1, 1, "")


def test_a_letter_that_dies_again_meanwhile_is_not_forgotten(world: World, messages: list[Message]):
    """Replayed and rejected again it waits again; one that is queued stays queued."""
    number = order(world)
    sending.step(world.store, world.link, world.now)
    with world.store.write() as tx:
        for each in messages[:2]:
            deadletters.keep_from_broker(tx, died(each), world.now)
    assert states(world) == {"waiting": 1, "queued": LETTERS - 1}
    run(world)
    assert states(world) == {"waiting": 1, "replayed": LETTERS - 1}
    assert number


@settings(deadline=None, max_examples=6)
@given(cuts=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["before", "after"])), max_size=4))
def test_cut_anywhere_nothing_is_lost_and_nothing_has_effect_twice(
    cut_world: Callable[[], tuple[World, list[Message]]], cuts: Sequence[tuple[int, str]]
):
    """A process dies before the publish, or between the confirm and the commit; the next one goes on.

    Every letter arrives; what arrives twice is the same bytes under the same id, which its destination has already.
    """
    world, messages = cut_world()
    order(world)
    for steps, where in cuts:
        publish, countdown = world.link.publish, itertools.count()

        def dying(
            outgoings: Sequence[Outgoing], timeout_seconds: float = 5.0, *, at: int = steps, moment: str = where,
            real: Any = publish, counted: Any = countdown,
        ) -> list[Outcome]:  # fmt: skip
            now_ = next(counted) == at
            if now_ and moment == "before":
                raise Killed
            outcomes: list[Outcome] = real(outgoings, timeout_seconds)
            if now_:
                raise Killed
            return outcomes

        world.link.publish = dying  # type: ignore[method-assign]
        try:
            run(world)
        except Killed:
            pass
        finally:
            world.link.publish = publish  # type: ignore[method-assign]
    run(world)
    sent = {each.envelope.id: each.body for each in messages}
    assert {each.message_id: each.body for each in world.link.published} == sent
    assert len(world.link.published) <= len(messages) + len(cuts)
    assert states(world) == {"replayed": len(messages)}
    assert acts(world)[-1].startswith("hub 重放结束")
    world.close()


@pytest.fixture(scope="module")
def cut_world(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[World, list[Message]]]:
    """A fresh hub with the same letters, each time."""

    def make() -> tuple[World, list[Message]]:
        world = World.make(network, tmp_path_factory.mktemp("cut"))
        made = [Case(world).application() for _ in range(LETTERS)]
        with world.store.write() as tx:
            for each in made:
                deadletters.keep_from_broker(tx, died(each), world.now)
        return world, made

    return make


def test_a_correction_is_shown_by_its_clear_fields(world: World):
    """What was sent since in its place, and in which clear fields it differs; never anything of the content."""
    case = Case(world)
    first = case.application()
    world.send(first)
    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, died(first), world.now)
        alone = reading.opened(tx, number, world.now)
    assert alone is not None
    assert alone.correction is None
    assert alone.fields["case_no"] == first.envelope.case_no
    assert "data_commitment" not in alone.fields
    before = first.envelope
    after = replace(before, supersedes=before.id, trial=not before.trial)
    found = reading.differences(before, after)
    assert [(each.field, each.before, each.after) for each in found] == [("trial", "false", "true")]


def test_the_hubs_own_words_and_odd_bytes_are_shown_without_fields(world: World, messages: list[Message]):
    """What is no envelope has no clear fields; nobody is kept from seeing that it is there."""
    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, replace(died(messages[0]), body=b"\xff\x00odd"), world.now)
        opened = reading.opened(tx, number, world.now)
        assert reading.opened(tx, "x", world.now) is None
    assert opened is not None
    assert (opened.fields, opened.bytes, opened.letter.source) == ({}, 5, "hub")


def test_by_command_two_persons_sign_in_earnest_and_the_machine_stands_for_both_on_trial(
    world: World, messages: list[Message], tmp_path: Path, quick_passwords: None
):
    """`hub dead try`, `replay-many`, `stop`, `discard`: both accounts are asked for, one after the other."""
    with world.store.read() as tx:
        number = choosing.page(tx, Wanted())[0].number
    (tmp_path / "certs").mkdir(exist_ok=True)
    sealing = AtRest.create(tmp_path / "certs" / "storage")
    people = People(store=world.store, sealing=sealing, at=datetime.now(UTC), tables=PEOPLE, allowed=HUB_ROLES)
    for account in ("li.ops", "wang.ops"):
        people.enrolled(account, "operator")

    def signed(account: str) -> str:
        with world.store.write() as tx:
            tx.execute(update(PEOPLE.accounts).values(last_step=None))
        people.at = datetime.now(UTC)
        return f"{account}\n{OWN}\n{people.code(account)}\n"

    def hub(*words: str, typed: str = "", trial: bool = False) -> str:
        text = f'store_url = "{world.url}"\ntrial = {str(trial).lower()}\n'
        (tmp_path / "hub.toml").write_text(text, encoding="utf-8")
        done = CliRunner().invoke(hub_app, ["dead", *words, "-d", str(tmp_path)], input=typed, env={"COLUMNS": "200"})
        if isinstance(done.exception, YunhuobanError):
            return done.exception.code.code
        assert done.exit_code == 0, done.output
        return done.output

    discard = ("discard", number, "--reason", "withdrawn")
    assert hub(*discard, typed=signed("li.ops") + "li.ops\nx\n1\n") == "E-PAGE-066"
    assert hub(*discard, typed=signed("li.ops") + signed("wang.ops"))
    assert "E-ADM" not in hub("try", "--source", WINDOW)
    batch = ("replay-many", "--source", WINDOW, "--reason", "x", "--counted", str(LETTERS - 1))
    assert "hub dead stop 1" in hub(*batch, trial=True)
    assert "1" in hub("batches")
    hub("stop", "1")
    said = acts(world)
    assert said[0] == f"li.ops 丢弃死信 {number}"
    assert said[1].endswith("下达重放 replay-1")
    with world.store.read() as tx:
        seconds = [each.second for each in reversed(listing.lines(tx))]
    assert seconds == ["wang.ops", "second-person", ""]
