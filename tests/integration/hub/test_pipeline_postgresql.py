"""Admission with its store on PostgreSQL, which is killed in mid-run: nothing acknowledged is lost, work resumes."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.broker import BrokerLink
from hub.store import STORE_FAILED, tables
from schemas import topology
from schemas.errors import YunhuobanError
from tests.awaiting import LONGEST_SECONDS
from tests.brokers import TestVhost
from tests.databases import Served
from tests.hub_world import ISSUING, Case, Network, World
from tests.integration.hub.test_pipeline import inbox, pipeline, publish
from tests.postgres import PostgresNode

CASES = 120
KILLED_AFTER = (40, 80)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresNode) -> Network:
    """A network whose hubs are on PostgreSQL."""
    return Network.make(tmp_path_factory.mktemp("network"), Served(postgres))


@pytest.mark.timeout(180)
def test_the_server_is_killed_in_mid_run(
    vhost: TestVhost, link: BrokerLink, county_link: Callable, network: Network, postgres: PostgresNode, tmp_path: Path
):
    """SIGKILL while batches are committed: the worker waits, goes on by itself, and each message is admitted once.

    Whatever was acknowledged before the kill is in the journal afterwards; the broker has everything else.
    """
    world = World.make(network, tmp_path)
    worker = pipeline(world, link)
    messages = [Case(world).application() for _ in range(CASES)]
    acked: list[str] = []
    failed: list[str] = []
    wanted = {each.envelope.id for each in messages}
    deliver, done = link.ack, threading.Event()

    def ack(deliveries: list) -> None:
        deliver(deliveries)
        acked.extend(each.message_id for each in deliveries)

    link.ack = ack  # type: ignore[method-assign]

    def run() -> None:
        while not done.is_set():
            try:
                worker.run_once(0.05)
            except YunhuobanError as error:
                failed.append(error.code.code)
                time.sleep(0.2)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        for at in range(0, CASES, 20):
            publish(vhost, county_link, *messages[at : at + 20])
            if at in KILLED_AFTER:
                before = len(acked)
                deadline = time.monotonic() + LONGEST_SECONDS
                while len(acked) <= before and time.monotonic() < deadline:
                    time.sleep(0.002)
                safe = set(acked)
                postgres.kill()
                while not failed and time.monotonic() < deadline:
                    time.sleep(0.01)
                postgres.start()
                stored = {row.message_id for row in world.rows(select(tables.journal.c.message_id))}
                assert safe <= stored, "acknowledged, and not in the journal"
        deadline = time.monotonic() + 90
        while not wanted <= set(acked):
            assert time.monotonic() < deadline, f"{len(wanted - set(acked))} never acknowledged"
            time.sleep(0.05)
    finally:
        done.set()
        thread.join(60)
    worker.flush()
    leaves = [row.message_id for row in world.rows(select(tables.journal.c.message_id))]
    assert sorted(leaves) == sorted(wanted)
    with BrokerLink(vhost.hub_parameters()) as reader:
        got = [each.message_id for each in inbox(reader, topology.county_inbox(ISSUING))]
    assert wanted <= set(got)
    assert set(failed) == {STORE_FAILED.code}, "its death was not noticed, or taken for something else"
    world.close()
