"""A county's link is paused and resumed on a real RabbitMQ, again and again while messages are in flight.

On 3.10.8 a consumer that is cancelled and registered again with deliveries in flight can kill its channel
(rabbitmq-server #5927). The short slice, without a broker, stands in `tests/unit/hub/test_pausing.py`.
"""

import threading

import pytest
from structlog.testing import capture_logs

from hub.broker import BrokerLink
from hub.outflow.delivery import held_counties
from hub.outflow.pausing import LinkSwitch
from schemas import topology
from tests.awaiting import until
from tests.brokers import TestVhost
from tests.hub_world import ISSUING, World
from tests.integration.hub.test_drain import drainer, into_hold, parcels, received

COUNT = 4_000
ROUNDS = 8
BOUND_SECONDS = 120.0


@pytest.mark.long
@pytest.mark.timeout(300)
def test_pausing_while_it_drains_loses_nothing_and_keeps_the_order(vhost: TestVhost, link: BrokerLink, world: World):
    """Paused and resumed eight times during the drain: each message once, each case in order, no channel killed."""
    switch, waiting = LinkSwitch(world.store), parcels(world, COUNT)
    switch.pause(ISSUING, reason="演练", by="li.ops")
    into_hold(link, waiting)
    drain, stop, shut = drainer(vhost, world, ISSUING), threading.Event(), 0
    looked = threading.Event()

    def draining() -> None:
        """The keeper's turns."""
        while not stop.is_set():
            if switch.is_paused(ISSUING):
                looked.set()
                stop.wait(0.02)
            elif not drain.run_once():
                stop.wait(0.02)

    def the_keeper_has_looked() -> None:
        """It came to a turn of its own in which it found the county paused: no drain runs any more."""
        looked.clear()
        assert looked.wait(BOUND_SECONDS)

    with capture_logs() as said:
        keeper = threading.Thread(target=draining)
        keeper.start()
        try:
            for _ in range(ROUNDS):
                before = link.depth(topology.county_inbox(ISSUING))
                switch.resume(ISSUING, reason="演练", by="li.ops")
                until(lambda was=before: link.depth(topology.county_inbox(ISSUING)) > was or _is_open(world))
                switch.pause(ISSUING, reason="演练", by="li.ops")
                the_keeper_has_looked()
                still = link.depth(topology.county_inbox(ISSUING))
                the_keeper_has_looked()
                shut += link.depth(topology.county_inbox(ISSUING)) == still
            switch.resume(ISSUING, reason="演练完了", by="li.ops")
            until(lambda: _is_open(world), BOUND_SECONDS)
        finally:
            stop.set()
            keeper.join()
    assert shut == ROUNDS
    assert link.depth(topology.county_hold(ISSUING)) == 0
    got = received(vhost, ISSUING, COUNT)
    place = {number: at for at, number in enumerate(got)}
    assert place.keys() == {each.outgoing.message_id for each in waiting}
    assert _cases_in_order(waiting, place)
    assert [each for each in said if each["log_level"] == "error"] == []
    assert len(switch.record(ISSUING)) == 2 * ROUNDS + 2


def _is_open(world: World) -> bool:
    with world.store.read() as tx:
        return ISSUING not in held_counties(tx)


def _cases_in_order(waiting, place: dict[str, int]) -> bool:
    cases = len(waiting) // 5
    rows = [[place[each.outgoing.message_id] for each in waiting[case::cases]] for case in range(cases)]
    return all(row == sorted(row) for row in rows)
