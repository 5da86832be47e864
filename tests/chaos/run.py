"""One run: arena, people, nemesis; then everything is healed and settled, gathered, checked and written down."""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.chaos.arena import Arena
from tests.chaos.checker import check
from tests.chaos.evidence import gather
from tests.chaos.faults import FAULTS, NEEDS
from tests.chaos.findings import Problem
from tests.chaos.nemesis import Nemesis
from tests.chaos.people import Applicants, everybody
from tests.chaos.plan import Kind, Step, plan, written
from tests.chaos.recovery import Recoveries
from tests.chaos.settling import unsettled

KEYS: Final = (
    "seed", "cycles", "cycles_by_fault", "cases", "messages", "sheets", "lost", "doubled", "invented", "reordered",
    "problems", "recovery", "recoveries_disturbed", "missed", "left_out", "restarts", "seconds_of_faults",
    "seconds_until_settled", "seconds", "cores",
)  # fmt: skip
"""What a report holds."""
_LOOK_SECONDS: Final = 1.0
_SHOWN: Final = 40
_LATE: Final = 1.5
"""On a slow machine everything comes later: the plan may take this much longer, and what is left of it is missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to do."""

    seed: int
    seconds: float
    """How long faults are inflicted; start and settling come on top."""
    kinds: Sequence[Kind]
    most_cycles: int = 1_000
    most_cases: int = 100_000
    most_open: int = 14
    pace_seconds: float = 1.2
    settle_seconds: float = 600.0

    def plan(self) -> tuple[Step, ...]:
        """The plan: of these values and nothing else."""
        return plan(self.seed, self.kinds, seconds=self.seconds, most=self.most_cycles)


def carry_out(run: Run, folder: Path, *, say: Callable[[str], None], progress: Callable[[str], None]) -> dict[str, Any]:
    """Do it; returns the report. `folder` is made anew and kept."""
    steps = run.plan()
    began = time.monotonic()
    names = {kind.name for kind in run.kinds}
    wants = {NEEDS[name] for name in names & NEEDS.keys()}
    with Arena(folder, clocks="clocks" in wants, volumes="volumes" in wants, say=say) as arena:
        (folder / "plan.jsonl").write_text(written(steps), encoding="utf-8")
        left_out = {name: arena.lacks[need] for name, need in NEEDS.items() if name in names and need in arena.lacks}
        steps = tuple(step for step in steps if step.fault not in left_out)
        recoveries = Recoveries(arena)
        applicants = Applicants(
            arena, run.seed, pace_seconds=run.pace_seconds, most_open=run.most_open, most=run.most_cases
        )
        clerks = everybody(arena, run.seed)
        state = {"cycles": 0}

        def each_look(passed: float, standing: str) -> None:
            cycles = sum(nemesis.cycles.values())
            state["cycles"] = cycles
            progress(
                f"{passed:5.0f}/{run.seconds:.0f} s  {cycles}/{len(steps)} cycles  {applicants.count} cases taken, "
                f"{arena.finished()} at their end  {standing or '-'}"
            )

        nemesis = Nemesis(
            arena, steps, {name: made() for name, made in FAULTS.items()}, recoveries, each_look=each_look
        )
        started = time.monotonic()
        for each in (applicants, *clerks):
            each.start()
        try:
            nemesis.run(run.seconds * _LATE)
            applicants.stop()
            say("healed; waiting until everything is settled")
            left = _settled(arena, applicants, recoveries, run.settle_seconds, progress)
        finally:
            applicants.stop()
            for clerk in clerks:
                clerk.stop()
        seconds = time.monotonic() - started
        report = check(arena.history.events(), gather(folder))
        messages = arena.road.hub("SELECT count(*) AS n FROM messages")[0]["n"]
        problems = [*nemesis.problems, *applicants.errors, *map(_line, report.problems)]
        problems += [f"not settled within {run.settle_seconds:.0f} s: {each}" for each in left[:_SHOWN]]
        problems += [f"clerk: {clerk.trouble}" for clerk in clerks if left and clerk.trouble]
        return {
            "seed": run.seed,
            "cycles": sum(nemesis.cycles.values()),
            "cycles_by_fault": dict(sorted(nemesis.cycles.items())),
            "cases": report.cases,
            "messages": messages,
            "lost": report.lost,
            "doubled": report.doubled,
            "invented": report.invented,
            "reordered": report.reordered,
            "problems": problems,
            "recovery": recoveries.by_kind(),
            "recoveries_disturbed": recoveries.disturbed,
            "missed": dict(sorted(nemesis.missed.items())),
            "left_out": left_out,
            "restarts": dict(sorted(arena.restarts.items())),
            "sheets": len(arena.road.stage.printer.sheets()),
            "seconds_of_faults": run.seconds,
            "seconds_until_settled": round(seconds, 1),
            "seconds": round(time.monotonic() - began, 1),
            "cores": os.cpu_count(),
        }


def _settled(
    arena: Arena, applicants: Applicants, recoveries: Recoveries, limit_seconds: float, progress: Callable[[str], None]
) -> list[str]:
    """What is still on its way when nothing is, or time is up."""
    deadline = time.monotonic() + limit_seconds
    while left := unsettled(arena, applicants.taken):
        progress(f"{len(left)} still on their way: {left[0]}")
        if time.monotonic() > deadline:
            return left
        until = time.monotonic() + _LOOK_SECONDS
        while time.monotonic() < until:
            recoveries.look()
            time.sleep(_LOOK_SECONDS / 5)
    return []


def _line(problem: Problem) -> str:
    """A finding of the checker, for a person."""
    return f"{problem.kind} {problem.rule} {problem.case}: found {problem.found}, expected {problem.expected}"


def is_good(report: dict[str, Any]) -> bool:
    """Whether nothing at all is wrong."""
    return not any(report[name] for name in ("lost", "doubled", "invented", "reordered", "problems"))


def write(report: dict[str, Any], file: Path) -> None:
    """Keep the report, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    beside.replace(file)
