"""Reminders that the node sends itself, where the county has set it so: each once, whatever crashes or comes twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.boxes import inbox
from adapters.hall.around import expiring
from adapters.hall.around.reminding import Reminders
from adapters.hall.around.sending import ReminderSender
from adapters.local import troublebook
from adapters.settings import ReminderSettings
from adapters.store import tables
from schemas.workdays.hours import beijing_day
from tests.around_pages import WANG, ZHANG, Browser, place_of
from tests.county_begun import begin_at
from tests.county_doubles import PowerCut
from tests.county_records import acceptance, decision, refusal
from tests.county_stores import stored
from tests.county_world import ISSUING, WINDOW, World
from tests.databases import Databases
from tests.taking_world import publish

REMINDER = "license.expiring"


def ending_in(world: World, days: int) -> str:
    """A case whose license ends so many days from now."""
    case_no = begin_at(world, "application.submitted")
    return granted_until(world, case_no, days)


def granted_until(world: World, case_no: str, days: int) -> str:
    """The same of a case that was just submitted."""
    world.issuing.source.add("application.accepted", case_no, acceptance())
    world.settle()
    until = beijing_day(world.now) + timedelta(days=days)
    world.issuing.source.add("decision.made", case_no, decision(valid_until=until))
    world.settle()
    return case_no


def sender(world: World, *, on: bool = True) -> ReminderSender:
    """A node that was just started."""
    return ReminderSender(place_of(world, ISSUING), on=on)


def sent(world: World) -> list[str]:
    """The states of the reminders in the issuing county's outbox."""
    box = tables.outbox.c
    query = select(box.state).where(box.type == REMINDER).order_by(box.seq)
    return [state for (state,) in world.issuing.rows(query)]


def test_a_step_of_a_license_has_one_message_for_ever() -> None:
    """So that a node that starts again finds what it sent; and no node does without its county's setting."""
    first = expiring.node_message_id("1.2.3", 60)
    assert first == expiring.node_message_id("1.2.3", 60)
    assert len({first, expiring.node_message_id("1.2.3", 30), expiring.node_message_id("1.2.4", 60)}) == 3
    assert expiring.is_by_node(first, "1.2.3")
    assert not expiring.is_by_node(first, "1.2.4")
    assert ReminderSettings().by_node is False


@pytest.mark.long
def test_no_node_reminds_unless_its_county_has_set_it_so(world: World) -> None:
    """Off: an approver reads the words first, and presses."""
    ending_in(world, 40)
    assert sender(world, on=False).run_once(world.now) == 0
    assert sent(world) == []


@pytest.mark.long
def test_each_step_is_sent_once_by_whichever_start_of_the_node(world: World) -> None:
    """At 60 days and at 30, once each; both pages say that no person pressed, and no approver is told."""
    case_no = ending_in(world, 40)
    for later, known in ((0, ["received"]), (9, ["received"]), (1, ["received"] * 2), (5, ["received"] * 2)):
        world.later(days=later)
        publish(world)
        node = sender(world)
        for _ in range(2):
            node.run_once(world.now)
        sender(world).run_once(world.now)
        world.settle()
        assert sent(world) == known
        with world.issuing.store.read() as tx:
            assert Reminders(world.issuing.box, ISSUING, by_node=True).waiting(tx, world.now) == []
    (row,) = world.window.rows(select(tables.inbox.c.seq).where(tables.inbox.c.type == REMINDER).limit(1))
    with world.window.store.read() as tx:
        said = inbox.record_of(tx, world.window.identity, row.seq)
    assert said["clerk"] == expiring.BY_NODE
    assert said["text"].startswith("证照即将到期")
    assert "由本县节点自动提醒过" in Browser(world, ISSUING, ZHANG).get("/around/expiring")
    for code, person in ((ISSUING, ZHANG), (WINDOW, WANG)):
        assert Browser(world, code, person).get(f"/around/{case_no}").count("由节点自动发送") == 2


@pytest.mark.long
@pytest.mark.parametrize("cut", ["fail_before", "fail_after"])
def test_a_crash_around_the_commit_sends_one(world: World, cut: str) -> None:
    """Nothing of it before the commit and all of it after: the next start sends it, or finds it sent."""
    ending_in(world, 40)
    store = world.issuing.store
    setattr(store, cut, store.commits + 1)
    with pytest.raises(PowerCut):
        sender(world).run_once(world.now)
    world.issuing.start()
    assert len(sent(world)) == (0 if cut == "fail_before" else 1)
    sender(world).run_once(world.now)
    world.settle()
    assert sent(world) == ["received"]


@pytest.mark.long
def test_a_person_who_pressed_first_is_not_followed_by_the_node(world: World) -> None:
    """What an approver has said since the sixtieth day is enough until the thirtieth."""
    case_no = ending_in(world, 40)
    with world.issuing.store.read() as tx:
        (row,) = expiring.ending(tx, world.issuing.box, ISSUING, beijing_day(world.now), 60)
    approver = Browser(world, ISSUING, ZHANG)
    approver.done(f"/around/{case_no}/license.expiring", license_identifier=row.identifier, text="请延续。")
    assert sender(world).run_once(world.now) == 0
    assert "自动提醒过" not in approver.get("/around/expiring")
    assert "由节点自动发送" not in approver.get(f"/around/{case_no}")


@pytest.mark.long
def test_what_was_refused_is_left_to_a_person(world: World) -> None:
    """It is not sent again by itself, now or after a start; the page proposes it, and a press goes."""
    case_no = ending_in(world, 40)
    assert sender(world).run_once(world.now) == 1
    row = max(world.issuing.due(), key=lambda each: each.seq)
    world.issuing.arrive_receipt(
        world.hub.receipt(
            row.body, row.signature, at=world.now, message_id=row.message_id, refusal=refusal(row.message_id)
        )
    )
    while world.issuing.handle():
        pass
    assert sent(world) == ["refused"]
    assert sender(world).run_once(world.now) == 0
    approver = Browser(world, ISSUING, ZHANG)
    assert "建议现在提醒" in approver.get("/around/expiring")
    with world.issuing.store.read() as tx:
        (found,) = expiring.ending(tx, world.issuing.box, ISSUING, beijing_day(world.now), 60)
    approver.done(f"/around/{case_no}/license.expiring", license_identifier=found.identifier, text="请延续。")
    world.settle()
    assert sent(world) == ["refused", "received"]


@pytest.mark.long
def test_it_is_kept_while_nobody_can_be_written_to(world: World) -> None:
    """A directory that is over: the reminder waits in the outbox, goes with the next one, and is one."""
    ending_in(world, 50)
    world.later(days=8)
    assert sender(world).run_once(world.now) == 1
    assert sent(world) == ["draft"]
    assert sender(world).run_once(world.now) == 0
    publish(world)
    world.settle()
    assert sent(world) == ["received"]
    with world.issuing.store.read() as tx:
        assert troublebook.newest(tx) == []


def test_the_page_says_that_the_node_reminds(world: World) -> None:
    """Where it is set so; the words can still be changed before."""
    said = "本县节点自动发给收件窗口"
    assert said not in Browser(world, ISSUING, ZHANG).get("/around/expiring")
    assert said in Browser(world, ISSUING, ZHANG, by_node=True).get("/around/expiring")


@pytest.fixture
def over_either(world: World, databases: Databases, tmp_path: Path) -> Iterator[World]:
    """The issuing county over a store of the kind that is tested."""
    with stored(world, world.issuing, databases, tmp_path):
        yield world


@pytest.mark.long
def test_loops_that_look_at_the_same_moment_send_one(over_either: World) -> None:
    """Four at once, on either store: one message, and nobody is troubled."""
    granted_until(over_either, over_either.up_to("application.submitted"), 40)
    with ThreadPoolExecutor(4) as together:
        done = list(together.map(lambda _: sender(over_either).run_once(over_either.now), range(4)))
    assert sum(done) == 1
    over_either.settle()
    assert sent(over_either) == ["received"]
    with over_either.issuing.store.read() as tx:
        assert troublebook.newest(tx) == []
