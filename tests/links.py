"""What tests of the county's AMQP door share: parameters of a county's link, a submission, waiting for arrivals."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.link.connection import Arrival, Link, LinkParameters, Submission
from certs.profiles import Role
from hub.broker import node_files as broker_files
from schemas import topology
from tests.brokers import HUB, LINK_CASE, WINDOW_COUNTY, TestVhost

CASE = LINK_CASE
BODY = b"\x00\x01NUL\x00 and \xff\xfe no UTF-8 \xc3\x28\x00"


def parameters(vhost: TestVhost, code: str = WINDOW_COUNTY, **changes: Any) -> LinkParameters:
    """Return parameters of a county (or the hub) with a fresh connection certificate."""
    trust = vhost.broker.trust
    chain, key, _ = trust.give(Role.HUB_CONNECTION if code == HUB else Role.COUNTY_CONNECTION, code)
    values = {
        "urls": [f"127.0.0.1:{vhost.broker.node.settings.amqps_port}"],
        "vhost": vhost.name,
        "user": code,
        "anchors": trust.anchors,
        "chain": chain,
        "key": key,
        "server_hostname": "localhost",
    }
    return LinkParameters(**values | changes)


def submission(number: int = 0, *, code: str = WINDOW_COUNTY, body: bytes = BODY, **changes: Any) -> Submission:
    """Return a submission of one case; equal numbers are equal ids."""
    key = topology.submit_key(code, CASE, "application.submitted")
    values = {
        "exchange": topology.SUBMIT,
        "routing_key": key,
        "body": body,
        "message_id": f"id-{number}",
        "type": "application.submitted",
        "signatures": ["eyJhbGciOiJFUzI1NiJ9..c2ln", "second..suite"],
    }
    return Submission(**values | changes)


def arrivals(link: Link, number: int, wait_seconds: float = 10.0) -> list[Arrival]:
    """Return at least so many arrivals, or as many as came in time."""
    found: list[Arrival] = []
    deadline = time.monotonic() + wait_seconds
    while len(found) < number and time.monotonic() < deadline:
        found += link.receive(min(1.0, wait_seconds))
    return found


@contextmanager
def short_of_memory(vhost: TestVhost) -> Iterator[None]:
    """Raise the broker's memory alarm, by the threshold that it compares with."""
    _watermark(vhost, "0.000001")
    try:
        yield
    finally:
        _watermark(vhost, "0.4")


def _watermark(vhost: TestVhost, fraction: str) -> None:
    environment = broker_files.environment(vhost.broker.node.settings)
    environment.pop("detached")
    subprocess.run(
        [broker_files.PROGRAM.with_name("rabbitmqctl"), "set_vm_memory_high_watermark", fraction],
        env=environment,
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )
