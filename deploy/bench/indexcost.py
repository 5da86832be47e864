"""What the indexes by which cases are searched cost admission: messages a second with them and without them.

A worker's real pipeline, with all checks, signatures and commits, over a store of whatever size; in the place of the
broker somebody hands over the load and confirms everything at once, so that nothing but the store differs. Each round
has a fresh load, once with the indexes and once without, and begins with the other one than the round before. About a
sixth of the messages opens a case, and only that writes to these indexes. Beside the messages a second stands the
processor's time of a message in this process, which a busy machine disturbs less; of PostgreSQL's work it sees nothing.
"""

import itertools
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Index

from deploy.bench.counties import division_codes, make_counties
from deploy.bench.ground import make_authority, write_folder
from deploy.bench.messages import KIB, Wire, make_load
from hub.bootstrap import Hub
from hub.broker import Delivery, Outcome, Outgoing
from hub.broker.messages import Batch
from hub.instants import now
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES
from hub.registry import county
from hub.settings import HubSettings
from hub.store import Store, tables
from schemas import topology

BY_STATE: Final = "cases_by_state"
"""The one index of cases that the overview needs without any search."""
SEARCHED: Final[Sequence[Index]] = [each for each in tables.cases.indexes if each.name != BY_STATE]
_COUNTIES: Final = 16
_ROUNDS: Final = 6
_MESSAGES: Final = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    per_second: float
    microseconds: float


class AtOnce:
    """In the place of a `BrokerLink`: hands over a load, and confirms whatever is published."""

    generation: Final = 1

    def __init__(self, load: Iterable[Wire]) -> None:
        """Nothing is handed over yet."""
        self._left = [_delivery(each, tag) for tag, each in enumerate(load)]

    def take(self, limit: int, _wait_seconds: float) -> list[Delivery]:
        """The next of the load."""
        taken, self._left = self._left[:limit], self._left[limit:]
        return taken

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Nothing is delivered again."""

    def start_publishing(self, outgoings: Sequence[Outgoing]) -> Batch:
        """Everything is confirmed."""
        batch = Batch(outgoings)
        for at in range(len(outgoings)):
            batch.settle(at, Outcome.CONFIRMED)
        return batch


def measure(url: str, folder: Path) -> dict[str, Any]:
    """Of each round, with and without: messages a second, and microseconds of a message. And the medians' ratios.

    The store has all indexes afterwards, as before.
    """
    authority = make_authority(folder.with_name("authority"))
    write_folder(folder, authority)
    settings = HubSettings.load(folder).model_copy(update={"store_url": url})
    counties = make_counties(authority, division_codes(_COUNTIES), now())
    hub, moment = Hub(settings), now()
    runs: dict[str, list[_Run]] = {"with": [], "without": []}
    days = itertools.count(1000)
    try:
        hub.revocation_folder().run_once(moment)
        cards = [each.card(moment) for each in counties.values()]
        county.enrol_many(hub.store, cards, chains=hub.chains(), now=moment, progress=lambda _: None)
        _admit(hub, make_load(counties, count=200, size_bytes=KIB, now=now(), days_ago=next(days)))
        for round_ in range(_ROUNDS):
            for kind in ("with", "without") if round_ % 2 == 0 else ("without", "with"):
                load = make_load(counties, count=_MESSAGES, size_bytes=KIB, now=now(), days_ago=next(days))
                _have_indexes(hub.store, wanted=kind == "with")
                runs[kind].append(_admit(hub, load))
        _have_indexes(hub.store, wanted=True)
    finally:
        hub.close()
    told: dict[str, Any] = {}
    for kind, found in runs.items():
        told[f"{kind}_per_second"] = [round(each.per_second) for each in found]
        told[f"{kind}_microseconds"] = [round(each.microseconds) for each in found]
    for of in ("per_second", "microseconds"):
        pairs = zip(told[f"with_{of}"], told[f"without_{of}"], strict=True)
        told[f"{of}_ratio"] = round(statistics.median(one / other for one, other in pairs), 3)
    return told


def _admit(hub: Hub, load: list[Wire]) -> _Run:
    """From the first in hand to the last commit. Raises RuntimeError when not all are admitted."""
    link = AtOnce(load)
    pipeline = hub.pipeline(link)  # type: ignore[arg-type]
    began, worked, taken = time.perf_counter(), time.process_time(), 0
    while taken < len(load):
        taken += pipeline.run_once(0.0)
    pipeline.flush()
    took, work = time.perf_counter() - began, time.process_time() - worked
    mine = tables.messages.c.case_no.in_(sorted({each.case_no for each in load}))
    with hub.store.read() as tx:
        states = set(
            tx.execute(tables.messages.select().where(mine).with_only_columns(tables.messages.c.state)).scalars()
        )
    if states != {"admitted"}:
        raise RuntimeError(f"not everything was admitted: {sorted(states)}")
    return _Run(per_second=len(load) / took, microseconds=work / len(load) * 1e6)


def _have_indexes(store: Store, *, wanted: bool) -> None:
    with store.write() as tx:
        for index in SEARCHED:
            if wanted:
                index.create(tx, checkfirst=True)
            else:
                index.drop(tx, checkfirst=True)
        if wanted and tx.dialect.name == "postgresql":
            tx.exec_driver_sql("ANALYZE cases")


def _delivery(each: Wire, tag: int) -> Delivery:
    """As the broker would hand it over."""
    return Delivery(
        queue=topology.admission_queue(topology.shard(each.case_no)),
        body=each.body,
        headers={SIGNATURES: [each.signature]},
        properties_set=frozenset({"content_type", "headers", "delivery_mode", "message_id", "type", "user_id"}),
        message_id=each.message_id,
        type=each.type,
        user_id=each.source,
        content_type=CONTENT_TYPE,
        timestamp=None,
        reply_to=None,
        expiration=None,
        priority=None,
        correlation_id=None,
        exchange=topology.SUBMIT,
        routing_key=each.key,
        redelivered=False,
        delivery_count=0,
        generation=AtOnce.generation,
        channel=1,
        tag=tag,
    )
