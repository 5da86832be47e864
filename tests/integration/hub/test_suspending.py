"""A county that is suspended or revoked is cut off within a second, everywhere: a real broker, each place measured."""

import time
from collections.abc import Callable
from contextlib import nullcontext

import pika
import pytest

from certs.profiles import Role
from hub.broker import BrokerLink
from hub.registry import cutting
from hub.registry.cutting import Told
from schemas import codec, topology
from schemas.errors import YunhuobanError
from schemas.grants import GRANT_AUTHORITY_BARRED
from tests.awaiting import until
from tests.brokers import HUB, TestVhost, now
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.integration.hub.test_cutting import connect, listen
from tests.integration.hub.test_pipeline import pipeline, publish, run_until

SECOND = 1.0


class Cutting:
    """`hub county suspend|revoke|resume` of this world's hub on this broker."""

    def __init__(self, vhost: TestVhost, world: World) -> None:
        """Nothing is done yet."""
        self._vhost, self._world = vhost, world

    def __call__(self, code: str, state: str) -> Told:
        """Change a county's state everywhere."""
        management = self._vhost.broker.management
        return cutting.change_state(
            self._world.store, code, state, management=lambda: nullcontext(management), vhost=self._vhost.name,
            hub_user=HUB,
        )  # fmt: skip


@pytest.fixture
def change(vhost: TestVhost, world: World) -> Cutting:
    """The command."""
    return Cutting(vhost, world)


def until_alone(vhost: TestVhost, code: str) -> None:
    """Wait until the broker has forgotten the connection that published: one of the county's is left.

    It counts those of tests before, too, whose virtual hosts are still being deleted, and tells of an end seconds late.
    """
    until(lambda: vhost.broker.management.connections_of(code) == 1)


def grants(link: BrokerLink) -> list[dict[str, object]]:
    """The answers to print claims that lie in the window county's express queue."""
    found = link.browse(topology.county_express(WINDOW), 100)
    return [codec.decode(each.body, "Grant") for each in found if each.type == "print.granted"]


def verdicts(link: BrokerLink, code: str) -> dict[str, str]:
    """What the hub has said of a county's messages, as it lies in the county's inbox."""
    found = [each for each in link.browse(topology.county_inbox(code), 100) if each.type == "admission.receipt"]
    entries = [entry for each in found for entry in codec.decode(each.body, "AdmissionReceipt")["entries"]]
    return {entry["message_id"]: entry["verdict"] for entry in entries}


@pytest.mark.parametrize("state", ["suspended", "revoked"])
def test_every_place_is_cut_within_a_second(
    vhost: TestVhost, link: BrokerLink, county_link: Callable, world: World, change: Cutting, state: str,
    record_property: Callable,
):  # fmt: skip
    """Open connection, new connection, a message in the queue, a claim in the queue, a claim on its word.

    Each is timed from the beginning of the command; the other county works on.
    """
    given = vhost.broker.trust.give(Role.COUNTY_CONNECTION, ISSUING)
    other = connect(vhost, *vhost.broker.trust.give(Role.COUNTY_CONNECTION, WINDOW)[:2])
    own = connect(vhost, *given[:2])
    worker = pipeline(world, link)
    case = Case(world)
    case.up_to("print.authorised")  # straight into the store; from here on by the broker
    waits = Case(world, window=ISSUING, issuing=WINDOW).application()
    publish(vhost, county_link, waits)
    until_alone(vhost, ISSUING)
    began = time.monotonic()
    told = change(ISSUING, state)
    with pytest.raises(pika.exceptions.AMQPError):
        listen(own, 5.0)
    figures = {"store": told.store_seconds, "broker": told.broker_seconds or 0.0}
    figures["connection"] = time.monotonic() - began
    with pytest.raises((pika.exceptions.AMQPError, OSError)):
        connect(vhost, *given[:2])
    run_until(worker, lambda: waits.envelope.id in verdicts(link, ISSUING))
    claim = case.claim()
    publish(vhost, county_link, claim)
    run_until(worker, lambda: bool(grants(link)))
    for name, seconds in figures.items():
        record_property(f"seconds_{name}", round(seconds, 3))
    assert verdicts(link, ISSUING)[waits.envelope.id] == "E-ADM-010"
    assert [(each["granted"], each["code"]) for each in grants(link)] == [(False, GRANT_AUTHORITY_BARRED.code)]
    assert told.closed == 1
    assert all(seconds < SECOND for seconds in figures.values()), figures
    other.process_data_events(0.1)
    assert other.is_open
    other.close()


def test_a_suspension_is_lifted_and_a_revoked_key_stays_dead(
    vhost: TestVhost, link: BrokerLink, county_link: Callable, world: World, change: Cutting
):
    """After `resume` the county connects, sends and is printed for again; a certificate revoked meanwhile does not.

    A county that was revoked is not resumed at all.
    """
    trust = vhost.broker.trust
    good, dead = (trust.give(Role.COUNTY_CONNECTION, ISSUING) for _ in range(2))
    worker = pipeline(world, link)
    case = Case(world)
    case.up_to("print.authorised")
    change(ISSUING, "suspended")
    trust.authority.revoke(dead[2], now=now(), reason="key_compromise")
    trust.publish_crls()
    told = change(ISSUING, "active")
    assert told.broker_seconds is not None
    connect(vhost, *good[:2]).close()
    with pytest.raises((pika.exceptions.AMQPError, OSError)):
        connect(vhost, *dead[:2])
    publish(vhost, county_link, case.claim())
    run_until(worker, lambda: bool(grants(link)))
    assert [each["granted"] for each in grants(link)] == [True]
    change(ISSUING, "revoked")
    with pytest.raises(YunhuobanError, match="E-JOIN-036"):
        change(ISSUING, "active")
    with pytest.raises((pika.exceptions.AMQPError, OSError)):
        connect(vhost, *good[:2])
