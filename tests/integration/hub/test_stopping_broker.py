"""What one county sends is stopped and let go on, again and again, with the hub's own roles on a real RabbitMQ.

The short slice, without a broker, stands in `tests/unit/hub/test_stopping.py`.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from hub import instants, worker
from hub.bootstrap import Hub
from hub.broker import BrokerLink, LinkParameters
from hub.outflow.pausing import LinkSwitch
from hub.store import tables
from schemas import topology
from tests.awaiting import until
from tests.brokers import TestVhost
from tests.hub_world import ISSUING, WINDOW, World
from tests.integration.hub.test_flood import hub, on_one_shard, opened_by, roles, send

__all__ = ["hub"]
BOUND_SECONDS = 90.0
ROUNDS = 4
SLOW = topology.county_slow(WINDOW)
ROLES = (worker.run_admission, worker.run_express, worker.run_slow, worker.run_keeper)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_stopped_county_waits_alone_and_loses_nothing(
    vhost: TestVhost,
    county_link: Callable[[str], LinkParameters],
    link: BrokerLink,
    world: World,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
):
    """Its messages and another's lie on one shard: only the other's are admitted, also after the hub was restarted.

    Then it goes on, is stopped four times while its queue is emptied, and in the end each message was admitted once, in
    the order in which it was sent. No channel was killed.
    """
    monkeypatch.setattr(instants, "now", lambda: world.now)
    switch = LinkSwitch(world.store)
    before, waiting = on_one_shard(world, 10), on_one_shard(world, 160)
    others, later = (on_one_shard(world, 20, window=ISSUING, issuing=WINDOW) for _ in range(2))

    def stop() -> int:
        """Stop it, and wait until all that is not admitted is back in its queue; how much is admitted by then."""
        switch.stop_sending(WINDOW, reason="演练", by="li.ops")
        until(lambda: link.depth(SLOW) + opened_by(world, WINDOW) == 170, BOUND_SECONDS)
        at = opened_by(world, WINDOW)
        until(lambda: consumers(vhost) == 0, BOUND_SECONDS)
        return at

    with capture_logs() as said:
        with roles(hub, *ROLES):
            send(vhost, county_link, WINDOW, before)
            until(lambda: opened_by(world, WINDOW) == 10, BOUND_SECONDS)
            switch.stop_sending(WINDOW, reason="证书可疑", by="li.ops")
            until(lambda: stands(world), BOUND_SECONDS)
            send(vhost, county_link, WINDOW, waiting)
            send(vhost, county_link, ISSUING, others)
            until(lambda: opened_by(world, ISSUING) == 20, BOUND_SECONDS)
            until(lambda: link.depth(SLOW) == 160, BOUND_SECONDS)
        with roles(hub, *ROLES):
            send(vhost, county_link, ISSUING, later)
            until(lambda: opened_by(world, ISSUING) == 40, BOUND_SECONDS)
            assert (opened_by(world, WINDOW), link.depth(SLOW)) == (10, 160)
            for _ in range(ROUNDS):
                was = opened_by(world, WINDOW)
                switch.start_sending(WINDOW, reason="演练", by="li.ops")
                until(lambda was=was: opened_by(world, WINDOW) > was, BOUND_SECONDS)
                at = stop()
                assert at < 170
                assert (opened_by(world, WINDOW), link.depth(SLOW)) == (at, 170 - at)
            switch.start_sending(WINDOW, reason="查清了", by="li.ops")
            until(lambda: not world.rows(select(tables.slowed_counties)), BOUND_SECONDS)
    assert (opened_by(world, WINDOW), link.depth(SLOW)) == (170, 0)
    sent = [each.envelope.id for each in (*before, *waiting)]
    # The directory with the notice goes to a third county, too, which has no queue here.
    assert not {each.message_id for each in link.browse(topology.UNROUTED_QUEUE, 1000)} & {*sent}
    got = [each.message_id for each in link.browse(topology.county_inbox(ISSUING), 4000)]
    first = {each: at for at, each in reversed([*enumerate(got)])}
    assert sorted(sent, key=lambda each: first[each]) == sent
    assert {row.verdict for row in world.rows(select(tables.messages))} == {"admitted"}
    assert [each for each in said if each["log_level"] == "error"] == []


def consumers(vhost: TestVhost) -> int:
    """Of the slow queue, as the broker counted them last."""
    return next(each.consumers for each in vhost.broker.management.queues(vhost.name) if each.name == SLOW)


def stands(world: World) -> bool:
    """Whether its road is laid for both kinds of messages."""
    return [row.queue_stands for row in world.rows(select(tables.slowed_counties))] == [True, True]
