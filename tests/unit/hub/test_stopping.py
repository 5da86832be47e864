"""An operator stops what one county sends: it waits in that county's own queue, and nobody else waits behind it.

The real broker: `tests/integration/hub/test_stopping_broker.py`.
"""

from datetime import timedelta

import pytest

from hub import instants
from hub.outflow.pausing import NO_REASON, NOT_SO, Act, LinkSwitch
from hub.pace import slowed, stopping
from hub.pace.sluice import Sluice
from hub.record import listing
from hub.registry import announcements
from hub.views import ledgerview
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, World
from tests.unit.hub.test_sluice import SLOW, Hall, ids

BOTH = {(WINDOW, topology.SUBMIT): True, (WINDOW, topology.EXPRESS): True}


@pytest.fixture
def hall(world: World, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """A hub with a small quota, at the test's time."""
    monkeypatch.setattr(instants, "now", lambda: world.now)
    return Hall(world)


@pytest.fixture
def switch(hall: Hall) -> LinkSwitch:
    """The operator's switch over it."""
    return LinkSwitch(hall.world.store)


@pytest.mark.both_stores
def test_what_a_stopped_county_sends_waits_and_is_admitted_in_order_afterwards(hall: Hall, switch: LinkSwitch):
    """By both roads it is moved, however little it is; others are admitted; afterwards all of it, in order."""
    case = Case(hall.world)
    case.up_to("print.authorised")
    switch.stop_sending(WINDOW, reason="  证书可疑  ", by="li.ops")
    hall.lay_road()
    assert hall.slowed() == BOTH
    waiting = [*(Case(hall.world).application() for _ in range(5)), case.claim()]
    other = Case(hall.world, window=FOREIGN).application()
    assert ids([other]) == [each.message_id for each in hall.send(*waiting, other)]
    assert [each.message_id for each in hall.link.queue(SLOW)] == ids(waiting)
    for _ in range(3):
        hall.lane.run_once()
    assert (hall.queue.prefetch, hall.queue.depth(SLOW), hall.slowed()) == (0, 6, BOTH)
    assert not hall.world.verdicts(WINDOW).keys() & set(ids(waiting))
    with hall.world.store.read() as tx:
        assert (ledgerview.slowed(tx), stopping.stopped(tx)) == ({}, {WINDOW})
    hall.world.later(minutes=30)
    switch.start_sending(WINDOW, reason="查清了", by="wang.ops")
    for _ in range(4):
        hall.lane.run_once()
    assert [each for each in hall.world.delivered(ISSUING) if each in ids(waiting)] == ids(waiting[:5])
    assert {hall.world.verdicts(WINDOW)[each] for each in ids(waiting)} == {"admitted"}
    assert hall.slowed() == {}
    late = Case(hall.world).application()
    assert [each.message_id for each in hall.send(late)] == ids([late])


def test_a_lane_that_is_at_work_leaves_the_queue(hall: Hall, switch: LinkSwitch):
    """A flooder that is stopped meanwhile: nothing more is taken, nothing is let go, though nothing may be in hand."""
    hall.flood()
    hall.send(*[Case(hall.world).application() for _ in range(6)])
    hall.lane.run_once()
    left = hall.queue.depth(SLOW)
    assert 0 < left < 6
    switch.stop_sending(WINDOW, reason="演练", by="li.ops")
    hall.lane.run_once()
    assert (hall.queue.depth(SLOW), hall.queue.prefetch, hall.queue.has(SLOW)) == (left, 0, False)
    hall.queue.lying.clear()
    hall.lane.run_once()
    assert (WINDOW, topology.SUBMIT) in hall.slowed()


def test_a_stop_in_the_moment_of_letting_go_wins(hall: Hall, switch: LinkSwitch, monkeypatch: pytest.MonkeyPatch):
    """The lane has looked and found it free; before it deletes the row the operator stops the county: the row stays."""
    hall.flood()
    hall.lane.run_once()
    with hall.world.store.write() as tx:
        slowed.slow_down(tx, [(WINDOW, topology.SUBMIT)], queue_stands=True, now=hall.world.now)
    depth = hall.queue.depth

    def stop_first(queue: str) -> int:
        monkeypatch.setattr(hall.queue, "depth", depth)
        switch.stop_sending(WINDOW, reason="演练", by="li.ops")
        return depth(queue)

    monkeypatch.setattr(hall.queue, "depth", stop_first)
    hall.lane.run_once()
    assert hall.slowed()[WINDOW, topology.SUBMIT]


def test_a_hub_without_quotas_can_stop_a_county_too(hall: Hall, switch: LinkSwitch):
    """Then nobody sends too fast, and whoever is stopped is moved aside."""
    sluice = Sluice(
        broker=hall.link, store=hall.world.store, quotas=None, clock=lambda: hall.world.now, confirm_seconds=1.0
    )
    many = [Case(hall.world).application().delivery() for _ in range(12)]
    assert len(sluice.pass_on(many)) == 12
    assert hall.slowed() == {}
    switch.stop_sending(WINDOW, reason="演练", by="li.ops")
    hall.lay_road()
    assert sluice.pass_on([Case(hall.world).application().delivery()]) == []


def test_nothing_is_refused_for_a_predecessor_that_waits(hall: Hall, switch: LinkSwitch):
    """What was parked before the stop waits for what lies in the slow queue, however long, and is admitted after it.

    Its neighbour's, that nobody stopped, is refused in its time as ever.
    """
    world = hall.world
    application, acceptance, decision = Case(world).ladder()[:3]
    lonely = Case(world, issuing=FOREIGN).ladder()[1]
    world.send(application, decision, lonely)
    switch.stop_sending(ISSUING, reason="演练", by="li.ops")
    hall.lay_road()
    assert hall.sluice.pass_on([acceptance.delivery()]) == []
    world.later(hours=2)
    assert world.pipeline.refuse_overdue(3600) == 1
    assert world.verdicts(FOREIGN)[lonely.envelope.id] == "E-ADM-050"
    switch.start_sending(ISSUING, reason="演练完了", by="li.ops")
    assert world.pipeline.refuse_overdue(3600) == 0
    world.send(acceptance)
    assert {world.verdicts(ISSUING)[each] for each in ids([acceptance, decision])} == {"admitted"}


def test_every_county_is_told_without_the_reason(hall: Hall, switch: LinkSwitch):
    """By a notice in both languages, which goes when the county goes on, also when an operator took it back before."""
    switch.stop_sending(WINDOW, reason="内部原因", by="li.ops")
    with hall.world.store.read() as tx:
        (told,) = announcements.current(tx, hall.world.now)
    assert WINDOW in told.notice.zh
    assert WINDOW in told.notice.en
    assert "内部原因" not in told.notice.zh + told.notice.en
    switch.start_sending(WINDOW, reason="好了", by="li.ops")
    switch.stop_sending(WINDOW, reason="又来", by="li.ops")
    with hall.world.store.write() as tx:
        (again,) = announcements.current(tx, hall.world.now)
        announcements.withdraw(tx, again.number, now=hall.world.now + timedelta(minutes=1))
    switch.start_sending(WINDOW, reason="好了", by="li.ops")
    with hall.world.store.read() as tx:
        assert announcements.current(tx, hall.world.now) == []


@pytest.mark.parametrize(
    ("county", "act", "reason", "code"),
    [
        (WINDOW, "stop_sending", "   ", NO_REASON),  # E-BROKER-060
        (WINDOW, "start_sending", "没有暂停", NOT_SO),  # E-BROKER-061
        ("999999", "stop_sending", "没有这个县", NOT_SO),
    ],
)
def test_what_cannot_be_done_is_said(switch: LinkSwitch, county: str, act: str, reason: str, code: object):
    """Without a reason, twice, or for nobody: nothing changes and nothing is recorded."""
    with pytest.raises(YunhuobanError) as refused:
        getattr(switch, act)(county, reason=reason, by="li.ops")
    assert refused.value.code is code
    assert switch.record(county) == []


def test_both_directions_are_apart_and_on_record(hall: Hall, switch: LinkSwitch):
    """One line for each act in the county's record and in the operators'; a second press changes nothing."""
    switch.stop_sending(WINDOW, reason="演练", by="li.ops")
    assert (switch.is_stopped(WINDOW), switch.is_paused(WINDOW)) == (True, False)
    switch.pause(WINDOW, reason="演练", by="li.ops")
    with pytest.raises(YunhuobanError, match="E-BROKER-061"):
        switch.stop_sending(WINDOW, reason="演练", by="li.ops")
    switch.start_sending(WINDOW, reason="演练完了", by="wang.ops")
    assert (switch.is_stopped(WINDOW), switch.is_paused(WINDOW)) == (False, True)
    assert [each.act for each in switch.record(WINDOW)] == [Act.STARTED, Act.PAUSED, Act.STOPPED]
    with hall.world.store.read() as tx:
        told = [(each.what, each.who) for each in listing.lines(tx)]
    assert told == [
        ("恢复受理县报送的报文", "wang.ops"),
        ("暂停发给县的报文", "li.ops"),
        ("暂停受理县报送的报文", "li.ops"),
    ]
