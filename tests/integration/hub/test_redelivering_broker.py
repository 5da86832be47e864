"""How often a queue of a real RabbitMQ handed over again, by the broker's own count: see `hub.observing.redelivering`.

The short slice, without a broker, stands in `tests/unit/hub_evidence/test_redelivering.py`.
"""

from collections.abc import Callable

import pytest

from hub import instants
from hub.broker import BrokerLink, Delivery, LinkParameters, Outgoing
from hub.observing import redelivering
from schemas import topology
from tests.awaiting import until
from tests.brokers import ISSUING_COUNTY, WINDOW_COUNTY, TestVhost
from tests.hub_world import World

INBOX, OTHER = topology.county_inbox(ISSUING_COUNTY), topology.county_inbox(WINDOW_COUNTY)


@pytest.mark.long
@pytest.mark.timeout(120)
def test_a_county_that_goes_away_again_and_again_is_seen(
    vhost: TestVhost, link: BrokerLink, county_link: Callable[[str], LinkParameters], world: World
):
    """Three messages taken three times without a word: six times again, also after every channel is gone.

    What is taken and acknowledged at once counts for nothing, and neither does another queue.
    """
    link.publish([_message(INBOX, number) for number in range(3)] + [_message(OTHER, 3)])
    with BrokerLink(county_link(WINDOW_COUNTY)) as steady:
        steady.subscribe(OTHER, 10)
        steady.ack(_taken(steady, 1))
        until(lambda: _counted(vhost).get(OTHER) == 0)
    flapping = county_link(ISSUING_COUNTY)
    for _ in range(3):
        with BrokerLink(flapping) as county:
            county.subscribe(INBOX, 10)
            _taken(county, 3)
    until(lambda: _counted(vhost)[INBOX] == 6)
    before = instants.now()
    redelivering.look(world.store, vhost.broker.management.queues(vhost.name), before)
    with world.store.read() as tx:
        known = redelivering.known(tx)
    assert {name: each.counter for name, each in known.items()} == {INBOX: 6}
    assert abs(known[INBOX].rose_at - before).total_seconds() < 1
    assert _counted(vhost)[OTHER] == 0


def _counted(vhost: TestVhost) -> dict[str, int | None]:
    return {each.name: each.redelivered for each in vhost.broker.management.queues(vhost.name)}


def _taken(link: BrokerLink, count: int) -> list[Delivery]:
    found: list[Delivery] = []

    def all_here() -> bool:
        found.extend(link.take(count, 0.1))
        return len(found) == count

    until(all_here)
    return found


def _message(queue: str, number: int) -> Outgoing:
    return Outgoing(
        exchange=topology.COUNTY, routing_key=queue, body=b"?", message_id=f"m{number}", type="t", content_type="x"
    )
