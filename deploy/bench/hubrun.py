"""The hub at full work: real `hub run admission` processes with the settings as shipped, everything on.

What is counted: messages whose forward and whose receipt the broker has confirmed. The clock runs from the moment at
which every worker begins its second batch (the admission time in the store; the first one loads certificates and fills
caches) to the last confirmed arrival in the inboxes. While a worker works it is only watched by reading one row of its
store; the inboxes are counted when the last batch is committed, every 5 ms until nothing comes any more. A run counts
only if every message was admitted and every effect is done.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Final

from sqlalchemy import Connection, func, select

from deploy.bench import children
from deploy.bench.ground import Ground
from deploy.bench.hands import Hands, Posting, load
from deploy.bench.messages import Wire
from deploy.bench.runs import Run
from hub.store import Store, open_store, tables
from schemas import topology

_LOOK_SECONDS: Final = 0.05
_QUIET_SECONDS: Final = 0.4
_LIMIT_SECONDS: Final = 300.0
_READY_SECONDS: Final = 120.0


def postings(load_: list[Wire]) -> list[Posting]:
    """As the counties send them: exchange, key and user."""
    return [Posting(topology.SUBMIT, each.key, each) for each in load_]


def measure(ground: Ground, load_: list[Wire], workers: int, log: Path) -> Run:
    """One run of `workers` processes over this load."""
    queues = inboxes(load_)
    prepare(ground, load_)
    parameters = ground.parameters()
    load(parameters, postings(load_))
    store = open_store(ground.settings.database)
    try:
        with Hands(parameters) as hands, processes_of(ground, workers, log) as processes:
            _wait_committed(store, len(load_), processes)
            _, last_at = hands.settled(queues, quiet_seconds=_QUIET_SECONDS, limit_seconds=_LIMIT_SECONDS)
            _wait_done(store, len(load_))
            with store.read() as tx:
                run = _run(tx, workers, last_at)
            hands.purge(queues)
    finally:
        store.close()
    return run


def prepare(ground: Ground, load_: list[Wire]) -> None:
    """Empty queues and a store that knows the counties and nothing else."""
    ground.fresh_store()
    with Hands(ground.parameters()) as hands:
        hands.purge([*topology.admission_queues(), *inboxes(load_)])


@contextmanager
def processes_of(ground: Ground, workers: int, log: Path) -> Iterator[list[Popen[str]]]:
    """The workers, started; ended with the block."""
    with children.running(*commands(ground, workers), log=log) as processes:
        yield processes


def commands(ground: Ground, workers: int) -> list[list[str]]:
    """The workers' command lines."""
    folder = str(ground.settings.folder)
    return [
        ["hub", "run", "admission", "--attached", "--folder", folder, "--index", str(i), "--count", str(workers)]
        for i in range(workers)
    ]


def wait_admitted(ground: Ground, count: int, processes: Sequence[Popen[str]]) -> None:
    """Return when every message is admitted and every effect done. Raises RuntimeError."""
    store = open_store(ground.settings.database)
    try:
        _wait_committed(store, count, processes)
        _wait_done(store, count)
    finally:
        store.close()


@contextmanager
def working(ground: Ground, load_: list[Wire], log: Path, *also: list[str]) -> Iterator[None]:
    """One worker that consumes from every shard, on a fresh store with empty queues; and other processes of the hub."""
    prepare(ground, load_)
    with Hands(ground.parameters()) as hands, children.running(*commands(ground, 1), *also, log=log):
        hands.wait_consumers(topology.admission_queues(), _READY_SECONDS)
        yield


def inboxes(load_: list[Wire]) -> list[str]:
    """Every queue to which something of this load, or a receipt for it, goes."""
    counties = {each.source for each in load_} | {each.destination for each in load_}
    return [topology.county_inbox(code) for code in sorted(counties)]


def _wait_committed(store: Store, count: int, processes: Sequence[Popen[str]]) -> None:
    deadline = time.monotonic() + _LIMIT_SECONDS
    size = select(tables.head.c.size)
    while True:
        with store.read() as tx:
            if (tx.execute(size).scalar() or 0) >= count:
                return
        if time.monotonic() > deadline or any(each.poll() is not None for each in processes):
            raise RuntimeError("the workers did not admit everything")
        time.sleep(_LOOK_SECONDS)


def _wait_done(store: Store, count: int) -> None:
    """Every message admitted, every effect confirmed and marked. Raises RuntimeError."""
    admitted = select(func.count()).where(tables.messages.c.state == "admitted")
    undone = select(func.count()).where(tables.checkpoints.c.effects_done.is_(False))
    unsettled = select(func.count()).select_from(tables.unsettled)
    found, left, deadline = 0, 0, time.monotonic() + 10.0
    while time.monotonic() < deadline:
        with store.read() as tx:
            found = tx.execute(admitted).scalar_one()
            left = tx.execute(undone).scalar_one() + tx.execute(unsettled).scalar_one()
        if found == count and not left:
            return
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError(f"{found} of {count} messages admitted; {left} batches or messages with effects not done")


def _run(tx: Connection, workers: int, last_at: float) -> Run:
    """What was admitted since each worker began its second batch, and how long that took."""
    columns = tables.messages.c
    rows = tx.execute(select(columns.case_no, columns.admitted_at)).all()
    begun: dict[int, set[int]] = {}
    for case_no, admitted_at in rows:
        begun.setdefault(topology.shard(case_no) % workers, set()).add(admitted_at)
    start = max(sorted(batches)[:2][-1] for batches in begun.values())
    counted = sum(admitted_at >= start for _, admitted_at in rows)
    return Run(messages=counted, seconds=last_at - start / 1000)
