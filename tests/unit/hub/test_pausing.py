"""An operator pauses what goes to a county: everything waits in its hold queue, in order, until somebody resumes."""

import time
from contextlib import nullcontext

import pytest

from hub import instants
from hub.broker import Outcome, Outgoing
from hub.outflow.delivery import held_counties, mark_held, release
from hub.outflow.hold import HoldDrainer, to_drain
from hub.outflow.pausing import NO_REASON, NOT_SO, Act, LinkSwitch, paused
from hub.record import listing
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.unit.hub.test_hold import HoldLink, held_messages


@pytest.fixture
def switch(world: World, monkeypatch: pytest.MonkeyPatch) -> LinkSwitch:
    """The switch over the test's hub, at the test's time."""
    monkeypatch.setattr(instants, "now", lambda: world.now)
    return LinkSwitch(world.store)


def drainer(world: World, link: HoldLink) -> HoldDrainer:
    """The issuing county's."""
    return HoldDrainer(
        ISSUING, open_link=lambda: nullcontext(link), store=world.store, monotonic=time.monotonic, confirm_seconds=1.0
    )


@pytest.mark.both_stores
def test_a_paused_county_gets_nothing_and_loses_nothing(world: World, switch: LinkSwitch):
    """What comes for it goes to its hold queue, no drainer opens it, and after the pause one may."""
    switch.pause(ISSUING, reason="  县里换机房  ", by="li.ops")
    application = Case(world).up_to("application.submitted")[0]
    assert world.delivered(ISSUING) == []
    assert application.envelope.id in [each.message_id for each in world.link.queue(topology.county_hold(ISSUING))]
    with world.store.write() as tx:
        assert not release(tx, ISSUING)
        assert not mark_held(tx, ISSUING, "inbox_full")
        assert (held_counties(tx), paused(tx)) == ({ISSUING}, {ISSUING})
    assert not drainer(world, HoldLink([])).run_once()
    world.later(minutes=3)
    switch.resume(ISSUING, reason="换好了", by="wang.ops")
    with world.store.read() as tx:
        assert (held_counties(tx), paused(tx)) == ({ISSUING}, frozenset())
    assert drainer(world, HoldLink([])).run_once()
    with world.store.read() as tx:
        assert held_counties(tx) == frozenset()
    assert [(each.act, each.by, each.reason) for each in switch.record(ISSUING)] == [
        (Act.RESUMED, "wang.ops", "换好了"),
        (Act.PAUSED, "li.ops", "县里换机房"),
    ]
    with world.store.read() as tx:
        told = [(each.what, each.who, each.about) for each in listing.lines(tx)]
    assert told == [("恢复发给县的报文", "wang.ops", ISSUING), ("暂停发给县的报文", "li.ops", ISSUING)]


def test_a_pause_stops_a_drain_that_runs(world: World, switch: LinkSwitch):
    """After the batch that is on its way nothing more leaves; what was taken returns to its place, in order."""
    with world.store.write() as tx:
        mark_held(tx, ISSUING, "inbox_full")
    waiting = held_messages(world, 20)
    link = HoldLink(waiting)

    def outcome(_: Outgoing) -> Outcome:
        if not switch.is_paused(ISSUING):
            switch.pause(ISSUING, reason="演练", by="li.ops")
        return Outcome.CONFIRMED

    link.outcome = outcome
    drain = drainer(world, link)
    assert not drain.run_once()
    ids = [each.message_id for each in waiting]
    sent = [each.message_id for each in link.published]
    assert 0 < len(sent) < len(ids)
    assert sent + [each.message_id for each in link.queue] == ids
    switch.resume(ISSUING, reason="演练完了", by="li.ops")
    link.outcome = lambda _: Outcome.CONFIRMED
    assert drain.run_once()  # at once: a pause is no failure to be waited after
    assert [each.message_id for each in link.published] == ids


def test_a_paused_county_is_not_drained(world: World, switch: LinkSwitch):
    """The keeper leaves it out, whatever lies in its hold queue."""
    switch.pause(ISSUING, reason="演练", by="li.ops")
    with world.store.read() as tx:
        stopped = paused(tx)
        assert to_drain(held_counties(tx), [(topology.county_hold(ISSUING), 9)]) - stopped == set()


@pytest.mark.parametrize(
    ("county", "act", "reason", "code"),
    [
        (ISSUING, "pause", "   ", NO_REASON),  # E-BROKER-060
        (ISSUING, "resume", "", NO_REASON),
        (ISSUING, "resume", "没有暂停", NOT_SO),  # E-BROKER-061
        ("999999", "pause", "没有这个县", NOT_SO),
    ],
)
def test_what_cannot_be_done_is_said(
    world: World, switch: LinkSwitch, county: str, act: str, reason: str, code: object
):
    """Without a reason, twice, or for nobody: nothing changes and nothing is recorded."""
    with pytest.raises(YunhuobanError) as refused:
        getattr(switch, act)(county, reason=reason, by="li.ops")
    assert refused.value.code is code
    assert switch.record(county) == []


def test_twice_is_once(world: World, switch: LinkSwitch):
    """A second press changes nothing: E-BROKER-061; the other county is not touched."""
    switch.pause(ISSUING, reason="演练", by="li.ops")
    with pytest.raises(YunhuobanError, match="E-BROKER-061"):
        switch.pause(ISSUING, reason="演练", by="li.ops")
    assert len(switch.record(ISSUING)) == 1
    assert not switch.is_paused(WINDOW)
