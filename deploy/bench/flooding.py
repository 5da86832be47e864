"""What one flooding county costs the others: their p99 at a steady rate, with a flood beside them and without.

The flooder sends applications as fast as the broker takes them, all on one shard, for as long as the others are
measured; the slow lane (`hub run slow`) runs beside the worker, with the quota as shipped. The flooder's own latency
is its own affair. Who shares the flooded shard is told apart from who does not: the first wait until the flood before
them has been moved, the others only share machine and worker with that.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from deploy.bench import hubrun, latency
from deploy.bench.ground import Ground
from deploy.bench.hands import load
from deploy.bench.messages import FLOODED_SHARD, KIB, make_flood, make_load
from hub.instants import now
from hub.settings import QuotaSettings
from schemas import topology

SHARE: Final = 0.3
"""Of the hub's capacity: what the others send."""
_FLOOD: Final = 3.0
"""The flood's size in messages, as a multiple of what the others send meanwhile: with them, above capacity."""


def measure(ground: Ground, rate: float, seconds: float, log: Path) -> dict[str, Any]:
    """p50 to p99 of everyone but the flooder in both runs, and the ratio of the two p99."""
    flooder, *others = ground.counties
    count = int(rate * (seconds + latency.WARM_SECONDS)) + 1
    calm = {code: ground.counties[code] for code in others}
    slow_lane = ["hub", "run", "slow", "--attached", "--folder", str(ground.settings.folder)]
    found: dict[str, Any] = {"rate": rate}
    for name, flood_count in (("without", 0), ("with", int(count * _FLOOD))):
        messages = make_load(calm, count=count, size_bytes=KIB, now=now())
        flood = make_flood(ground.counties, flooder=flooder, count=flood_count, size_bytes=KIB, now=now())
        queues = hubrun.inboxes(messages + flood)
        with (
            _shipped_quota(rate / len(others)),
            hubrun.working(ground, messages + flood, log, slow_lane),
            ThreadPoolExecutor(1) as beside,
        ):
            pouring = beside.submit(load, ground.parameters(), hubrun.postings(flood))
            arrived = latency.probe(ground, messages, rate, apart=False, queues=queues, log=log)
            pouring.result()
        found[name] = latency.summary([taken for _, taken in arrived]) | {"flood_messages": flood_count}
    beside_it = {each.message_id for each in messages if topology.shard(each.case_no) == FLOODED_SHARD}
    found["with_same_shard"] = latency.summary([taken for message_id, taken in arrived if message_id in beside_it])
    found["with_other_shards"] = latency.summary(
        [taken for message_id, taken in arrived if message_id not in beside_it]
    )
    found["p99_ratio"] = found["with"]["p99_ms"] / found["without"]["p99_ms"]
    return found


@contextmanager
def _shipped_quota(each: float) -> Iterator[None]:
    """Quotas as shipped for the processes started in this block, or twice what each calm county sends."""
    shipped = QuotaSettings()
    values = {
        "MESSAGES_PER_SECOND": max(shipped.messages_per_second, 2 * each),
        "BURST_MESSAGES": shipped.burst_messages,
        "BYTES_PER_SECOND": shipped.bytes_per_second,
        "BURST_BYTES": shipped.burst_bytes,
    }
    names = {f"YHB_HUB_QUOTA__{name}": str(value) for name, value in values.items()}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
