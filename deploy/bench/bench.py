"""The whole bench in order: ground, rounds, latency, steps, flat cost, licenses, journal, memory, flooding.

Each part returns what it puts into the record; the record is written after every part, so that an interrupted run
keeps what it has measured.
"""

import json
import resource
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from certs.authority import Authority
from deploy.bench import contest, endurance, flat, flooding, latency, licensepath, machine, steps
from deploy.bench.counties import BenchCounty, division_codes, make_counties
from deploy.bench.ground import Ground, end_leftovers, make_authority
from deploy.bench.messages import KIB, Wire, make_load
from deploy.bench.plan import Plan
from deploy.bench.runs import Spread
from hub.broker import handles
from hub.broker.node import MOST_OPEN_FILES
from hub.instants import now

RECORD: Final = "latest.json"
_BROKERS_OWN_FILES: Final = 100


@dataclass(kw_only=True)
class Bench:
    """What every part needs."""

    folder: Path
    plan: Plan
    step: Callable[[str], None]
    record: dict[str, Any] = field(default_factory=dict)
    _authority: Authority | None = None
    _counties: dict[str, BenchCounty] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Where all processes of the bench log."""
        return self.folder / "bench.log"

    @property
    def authority(self) -> Authority:
        """The one authority of all grounds."""
        if self._authority is None:
            raise RuntimeError("the folder was not prepared")
        return self._authority

    def prepare(self) -> None:
        """End what an earlier run left, and empty the folder but for the record."""
        end_leftovers(self.folder)
        for path in self.folder.glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != RECORD:
                path.unlink()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._authority = make_authority(self.folder / "authority")
        self.record |= {"made_at": datetime.now(UTC).isoformat(), "plan": self.plan.name}

    def counties(self, count: int) -> dict[str, BenchCounty]:
        """The first `count` counties; each is made once."""
        codes = division_codes(count)
        self._counties |= make_counties(self.authority, [c for c in codes if c not in self._counties], now())
        return {code: self._counties[code] for code in codes}

    def load(self, counties: dict[str, BenchCounty], count: int, size_kib: int = 1) -> list[Wire]:
        """Fresh messages between these counties."""
        self.step(f"{count} × {size_kib} KiB")
        return make_load(counties, count=count, size_bytes=size_kib * KIB, now=now())

    @contextmanager
    def ground(self, name: str, counties: dict[str, BenchCounty]) -> Iterator[Ground]:
        """A ground with these counties enrolled, running; ended with the block, also by Ctrl-C."""
        self.step(f"RabbitMQ · {len(counties)} counties")
        ground = Ground.make(self.folder / name, self.authority, counties)
        try:
            yield ground.start()
        finally:
            ground.stop()

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Keep how long a part took, its preparation included."""
        started = time.monotonic()
        yield
        self.keep(seconds=self.record.get("seconds", {}) | {part: round(time.monotonic() - started, 1)})

    def keep(self, **found: Any) -> None:
        """Add to the record and write it, whole or not at all."""
        self.record |= found
        draft = self.folder / f"{RECORD}.new"
        draft.write_text(json.dumps(self.record, indent=1, ensure_ascii=False), encoding="utf-8")
        draft.replace(self.folder / RECORD)


def throughput(bench: Bench, ground: Ground) -> None:
    """The contestants at every size. Keeps `throughput` and the ratios of 1 KiB."""
    found: dict[str, Any] = {}
    for size_kib, sized in bench.plan.sizes_kib.items():
        load = bench.load(dict(ground.counties), max(sized.messages.values()), size_kib)
        runs = contest.contest(ground, load, sized, bench.log, bench.step)
        found[str(size_kib)] = contest.as_json(runs)
    ratios = found["1"]["ratios"]
    bench.keep(
        throughput=found,
        relay_ratio_1_worker=ratios["hub_1/relay"]["median"],
        relay_ratio_2_workers=ratios["hub_2/relay"]["median"],
        faststream_ratio=ratios["hub_1/faststream"]["median"],
    )


def latencies(bench: Bench, ground: Ground) -> None:
    """End to end at shares of the hub's capacity. Keeps `latency` and `added_p99_ratio` (at half of it)."""
    capacity = bench.record["throughput"]["1"]["hub_1"]["rate"]["median"]
    found: dict[str, Any] = {"hub_capacity": capacity}
    for share in bench.plan.latency_shares:
        rate = capacity * share
        count = int(rate * (bench.plan.latency_seconds + latency.WARM_SECONDS)) + 1
        rounds: list[dict[str, Any]] = []
        for number in range(bench.plan.latency_rounds):
            load = bench.load(dict(ground.counties), count)
            runs = {}
            for name, measure in (("relay", latency.of_relay), ("hub_1", latency.of_hub))[:: 1 - number % 2 * 2]:
                bench.step(f"{share:.0%} · {rate:.0f}/s · {name}")
                runs[name] = latency.summary(measure(ground, load, rate, bench.log))
            rounds.append(runs)
        found[f"{share:.0%}"] = {
            "rate": rate,
            "rounds": rounds,
            **{name: _medians([each[name] for each in rounds]) for name in ("relay", "hub_1")},
            "p99_ratio": Spread.of([e["hub_1"]["p99_ms"] / e["relay"]["p99_ms"] for e in rounds]).as_json(),
        }
    bench.keep(latency=found, added_p99_ratio=found["50%"]["p99_ratio"]["median"])


def _medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: Spread.of([each[name] for each in rounds]).median for name in rounds[0]}


def cost_per_step(bench: Bench, ground: Ground) -> None:
    """Where one worker's time goes. Keeps `steps`."""
    load = bench.load(dict(ground.counties), bench.plan.profiled_messages)
    bench.step("steps")
    bench.keep(steps=steps.measure(ground, load, bench.log))


def flooded(bench: Bench, ground: Ground) -> None:
    """Everyone else's p99 with a flooder, against without. Keeps `flooding`, `flooded_p99_ratio`."""
    rate = bench.record["throughput"]["1"]["hub_1"]["rate"]["median"] * flooding.SHARE
    bench.step(f"flooding · {rate:.0f}/s")
    found = flooding.measure(ground, rate, bench.plan.flooded_seconds, bench.log)
    bench.keep(flooding=found, flooded_p99_ratio=found["p99_ratio"])


def steady_memory(bench: Bench, ground: Ground) -> None:
    """A worker's memory over many messages. Keeps `memory`."""
    bench.keep(memory=endurance.memory(ground, bench.plan.memory_messages, bench.log, bench.step))


def flat_cost(bench: Bench, ground: Ground | None) -> None:
    """Two counties against all of them. Keeps `flat` and `counties_2843_ratio`.

    On this ground, or on two of its own. Where the broker may not open enough files for all, as many as find room are
    enrolled: then `counties_2843_ratio` is null, and `flat` says how many there were.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    found_room = handles.room(min(hard, MOST_OPEN_FILES) - _BROKERS_OWN_FILES)
    everyone = bench.counties(min(bench.plan.enrolled, found_room))
    if ground is not None:
        found = flat.before_and_after(ground, everyone, bench.plan, bench.log, bench.step)
    else:
        two = {code: everyone[code] for code in list(everyone)[:2]}
        with bench.ground("two", two) as small:
            small.freeze()
            with bench.ground("all", everyone) as large:
                found = flat.in_turns(small, large, bench.plan, bench.log, bench.step)
    bench.keep(flat=found, counties_2843_ratio=found["ratio"]["median"] if len(everyone) == 2_843 else None)


def large_journal(bench: Bench) -> None:
    """A journal of many entries. Keeps `journal`."""
    folder = bench.folder / "journal"
    folder.mkdir()
    bench.keep(journal=endurance.journal(folder, bench.authority, bench.plan.journal_entries, bench.step))


def licenses(bench: Bench) -> None:
    """Render, seal, verify. Keeps `licenses`."""
    folder = bench.folder / "seal"
    licensepath.prepare(folder)
    found = {}
    for processes in (1, 2):
        bench.step(f"render + seal + verify · {processes}")
        found[f"processes_{processes}"] = licensepath.measure(folder, bench.plan.licenses, processes, bench.log)
    bench.keep(licenses=found)


def run(bench: Bench) -> None:
    """Everything, in order, with the seconds that each part took."""
    bench.prepare()
    with bench.ground("hub", bench.counties(bench.plan.counties)) as ground:
        bench.keep(machine=machine.describe(bench.folder, ground.settings))
        for on_ground in (throughput, latencies, cost_per_step, flooded, steady_memory):
            with bench.timed(on_ground.__name__):
                on_ground(bench, ground)
        if bench.plan.one_node:
            with bench.timed("flat_cost"):
                flat_cost(bench, ground)
    if not bench.plan.one_node:
        with bench.timed("flat_cost"):
            flat_cost(bench, None)
    for part in (large_journal, licenses):
        with bench.timed(part.__name__):
            part(bench)
