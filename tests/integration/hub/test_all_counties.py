"""All 2,843 county-level divisions: enrolling, starting and listing are quick, one change is small.

In store and directory stands the whole country; on a real broker, as much of it as its file handles have room for
(`counties on the broker` in the figures: all where it may open 32,000 files).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from deploy.crowd import filling
from deploy.crowd.counties import ALL_OF_CHINA, Maker
from hub.broker import handles, provision
from hub.broker.management import Management
from hub.broker.node import BrokerNode
from hub.broker.node_files import MANAGEMENT_USER
from hub.registry import county, directory, trust
from hub.store import tables
from schemas import topology
from tests import brokers
from tests.hub_world import START, Case, Network, World

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def figures() -> Iterator[dict[str, float]]:
    """What was measured, printed at the end."""
    found: dict[str, float] = {}
    yield found
    lines = [f"{what:50} {value:12.2f}" for what, value in found.items()]
    print("", *lines, sep="\n")  # noqa: T201 -- the figures are what this test is run for


@pytest.fixture
def timed(figures: dict[str, float], record_property: Callable[[str, object], None]):
    """Measure a step, in seconds."""

    @contextmanager
    def measure(what: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        figures[what] = time.monotonic() - started
        record_property(what, figures[what])

    return measure


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerNode]:
    """A node that nobody else uses: it gets 8,500 queues."""
    brokers.require_broker()
    folder = tmp_path_factory.mktemp("broker")
    made = BrokerNode(brokers.node_settings(folder / "node", brokers.TestTrust.make(folder)))
    made.start()
    made.wait_ready(300)
    yield made
    made.stop(grace_seconds=0)


def test_the_whole_country(
    network: Network, node: BrokerNode, tmp_path: Path, timed, figures: dict[str, float]
) -> None:
    """Enrolled, provided for, started anew and listed; one more county costs what the second one cost."""
    world = World.make(network, tmp_path)
    with timed("make keys, certificates and cards (s)"):
        made = list(Maker(network.authority, now=START).counties(ALL_OF_CHINA))
    with timed("enrol in the store (s)"):
        codes = filling.enrol(world.store, made, chains=network.chains(), now=START)
    with Management(node.management_url, MANAGEMENT_USER, node.management_password()) as management:
        provision.provision(management, vhost="all", hub_user="hub", counties=[])
        there = codes[: _room(management) - 1]
        figures["counties on the broker"] = len(there) + 1
        with timed("queues, users and permissions (s)"):
            provision.admit(management, vhost="all", hub_user="hub", counties=there)
        with timed("one more county (s)"):
            provision.admit(management, vhost="all", hub_user="hub", counties=["650121"])
        whole = [*there, "650121"]
        with timed("start: everything read back, nothing to do (s)"):
            provision.provision(management, vhost="all", hub_user="hub", counties=whole)
        with timed("list every queue (s)"):
            listed = management.queues("all")
        assert len(listed) == len(topology.declarations(whole).queues)
    with timed("list every county (s)"), world.store.read() as tx:
        assert len(county.listed(tx)) == len({*codes, *network.counties})
    _one_change(world, network, timed, figures, made[len(made) // 2].code)
    with timed("stop the broker (s)"):
        node.stop(grace_seconds=120)
    with timed("restart the broker with all queues (s)"):
        node.start()
        node.wait_ready(60 + 0.3 * len(whole))
    with (
        Management(node.management_url, MANAGEMENT_USER, node.management_password()) as management,
        timed("start: everything read back after a restart (s)"),
    ):
        provision.provision(management, vhost="all", hub_user="hub", counties=whole)


def _room(management: Management) -> int:
    """How many counties this node has files for; it counts them a few seconds after its start."""
    deadline = time.monotonic() + 60
    while (limit := management.file_handles()) is None:
        assert time.monotonic() < deadline, "the broker does not know its limit"
        time.sleep(0.25)
    return handles.room(limit)


def _one_change(world: World, network: Network, timed, figures: dict[str, float], code: str) -> None:
    """Trust, directory and a batch before and after one county's renewal."""
    authority = network.authority

    def load(last: trust.Trust | None = None) -> trust.Trust:
        with world.store.read() as tx:
            return trust.load(tx, anchors=[authority.root], intermediates=[authority.issuing], trial=True, last=last)

    with timed("trust, read for the first time (s)"):
        before = load()
    with timed("directory, first serial (s)"), world.store.write() as tx:
        directory.publish_if_due(tx, network.issuer(), START)
    fresh = Maker(network.authority, now=START).county(code, sequence=2)
    with world.store.write() as tx:
        county.enrol(tx, fresh.card, chains=network.chains(), now=START)
    with timed("trust, after one change (s)"):
        after = load(before)
    assert set(after.signers) - set(before.signers)
    assert figures["trust, after one change (s)"] < 1.0
    with timed("directory, one change (s)"), world.store.write() as tx:
        directory.publish_if_due(tx, network.issuer(), START)
    with world.store.read() as tx:
        row = directory.newest(tx)
        figures["directory, bytes of one change"] = len(row.body) + len(row.signature)
        with timed("directory, complete, signed (s)"):
            parts = directory.answer(tx, network.issuer(), 0)
        figures["directory, bytes complete"] = sum(len(body) for body, _ in parts)
        figures["directory, parts complete"] = len(parts)
    assert figures["directory, bytes of one change"] < 10_000
    assert world.rows(select(tables.outgoing.c.message_id)) == []
    case = Case(world)
    world.send(case.application())
    with world.store.write() as tx:
        county.set_state(tx, case.window, "suspended")
    with timed("a suspension counts in admission (s)"):
        world.send(case.application())
    assert sorted(world.verdicts(case.window).values()) == ["E-ADM-010", "admitted"]
    assert figures["a suspension counts in admission (s)"] < 1.0
