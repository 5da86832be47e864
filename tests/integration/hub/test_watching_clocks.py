"""The watch of time limits beside a real RabbitMQ: an alarm of the broker is an outage of the hub."""

from datetime import timedelta

import pytest

from hub.supervision import outages, watching
from hub.supervision.raising import Supervision
from tests.awaiting import until
from tests.brokers import TestVhost
from tests.hub_world import START, World
from tests.links import short_of_memory


@pytest.mark.long
def test_a_brokers_alarm_is_an_outage_of_the_hub(vhost: TestVhost, world: World) -> None:
    """While it stands nobody can publish: the watch gives no sign, and afterwards the whole time counts as away."""
    broker, supervision = vhost.broker.management, Supervision(world.store)

    def look(minutes: int) -> None:
        watching.look(world.store, broker, supervision, START + timedelta(minutes=minutes))

    look(0)
    with short_of_memory(vhost):
        until(lambda: broker.overview().memory_alarm)
        look(10)
    until(lambda: not broker.overview().memory_alarm)
    look(20)
    with world.store.read() as tx:
        (found,) = outages.listed(tx)
    assert (found.began_at, found.ended_at) == (START, START + timedelta(minutes=20))
