"""The sabotaged product as it runs: every process real, one of them with one function wrong.

Long: each run starts the whole stage of the demonstration. The quick versions of the same are in `test_sabotage`.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from deploy.demo.printer import Fault
from deploy.demo.stage import Stage
from deploy.demo.world import WUQIAO, World, build
from schemas.errors import YunhuobanError
from tests.brokers import require_broker
from tests.chaos.checker import check
from tests.chaos.clients import RecordedRoad
from tests.chaos.evidence import gather
from tests.chaos.findings import Report
from tests.chaos.history import History
from tests.journey.road import left_behind, until
from tests.printers import require_printer

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]

T = TypeVar("T")
HARMLESS = {WUQIAO.code: "dies_with_arrivals,sends_twice", "hub": "loses_publishes,words_once"}
RUNS: dict[str, tuple[Mapping[str, str], set[str]]] = {
    "early_acknowledge": (
        {WUQIAO.code: "early_acknowledge,dies_with_arrivals", "hub": "words_once"},
        {"delivery.lost", "waiting.outbox"},
    ),
    "lost_confirm": ({"hub": "loses_publishes,lost_confirm,words_once"}, {"delivery.lost", "waiting.outbox"}),
    "skipped_duplicates": ({"hub": "skipped_duplicates", WUQIAO.code: "sends_twice"}, {"journal.doubled"}),
    "journalled_is_delivered": ({"hub": "journalled_is_delivered"}, {"delivery.lost"}),
    "retried_print": ({WUQIAO.code: "retried_print"}, {"sheet.doubled"}),
    "deleted_journal_row": ({"hub": "deleted_journal_row"}, {"journal.gap", "journal.missing"}),
}
CASES = 3


class SabotagedStage(Stage):
    """The stage with some of its processes started through `tests.chaos.sabotage`."""

    def __init__(self, world: World, parts: Mapping[str, str]) -> None:
        """`parts` says which processes, and with what."""
        super().__init__(world)
        self._parts = parts

    def _spawn(self, name: str, command: list[str]) -> None:
        if name in self._parts:
            command = [sys.executable, "-m", "tests.chaos.sabotage", self._parts[name], *command[2:]]
        super()._spawn(name, command)


def run(folder: Path, parts: Mapping[str, str], *, patience_seconds: float, forgetful_printer: bool) -> Report:
    """Some cases from 吴桥's window, as far as they come; then what the checker says."""
    require_broker()
    require_printer()
    world = build(folder)
    with SabotagedStage(world, parts) as stage, History(world.folder / "chaos") as history:
        road = RecordedRoad(stage, history)

        def revive() -> None:
            if stage._processes[WUQIAO.code].poll() is not None:
                stage.start_node(WUQIAO.code)

        try:
            local = road.submit(WUQIAO.code, CASES)
            if forgetful_printer:
                road.stage.printer.set_fault(Fault.PRINT_THEN_DIE)
            cases = until(lambda: _cases(road, local, revive), "the applications read", patience_seconds)
            if forgetful_printer:
                _lose_a_printer(road, cases, patience_seconds, revive)
            road.finish(WUQIAO.code, cases, seconds=patience_seconds, each=revive)
            until(lambda: check(history.events(), gather(world.folder)).good, "green", patience_seconds)
        except AssertionError as late:
            history.note("driver", late=str(late)[:80])
        report = check(history.events(), gather(world.folder))
        for window in road.windows.values():
            window.leave()
    until(lambda: not left_behind(world.folder), "every process ended")  # the broker takes its time on a loaded machine
    return report


def _cases(road: RecordedRoad, local: list[str], each: Any) -> list[str]:
    each()
    found = road.county(WUQIAO.code, "SELECT case_no, local_case FROM cases")
    cases = sorted(row["case_no"] for row in found if row["local_case"] in local)
    return cases if len(cases) == len(local) else []


def _lose_a_printer(road: RecordedRoad, cases: list[str], seconds: float, revive: Callable[[], None]) -> None:
    """The first sheet is out, and the printer dies before it has said so; the clerk settles what is unknown.

    The node may die meanwhile, as some mistakes have it do: the clerk looks again when it is back.
    """
    window, printer = road.windows[WUQIAO.code], road.stage.printer

    def seen(look: Callable[[], T], what: str) -> T:
        def patiently() -> T | None:
            revive()
            try:
                return look()
            except (httpx.HTTPError, YunhuobanError):
                return None

        found = until(patiently, what, seconds)
        assert found is not None
        return found

    def printing() -> bool:
        if window.stage(number) == "authorised":
            window.print(number)
        return window.stage(number) == "printing"

    number = seen(lambda: [n for case_no in cases for n in window.numbers(case_no)], "authorised")[0]
    seen(printing, "printing")
    printer.let_die()
    until(lambda: printer.pid is None, "the printer dead", seconds)
    printer.set_fault(Fault.NONE)
    printer.restart()
    stage = seen(lambda: {"unknown": "unknown", "claimed": "claimed"}.get(window.stage(number)), "found out")
    if stage == "unknown":
        seen(lambda: window.confirm(number, "W0000001").status == 200, "settled")


@pytest.mark.parametrize("name", RUNS)
def test_a_mistake_in_a_running_process_turns_the_checker_red(tmp_path: Path, name: str):
    """Each of the six in the process that makes it."""
    parts, rules = RUNS[name]
    report = run(tmp_path / "world", parts, patience_seconds=60, forgetful_printer=name == "retried_print")
    assert rules <= set(report.rules()), str(report)


def test_the_same_faults_without_a_mistake_leave_it_green(tmp_path: Path):
    """A node that dies with arrivals in its hands, lost publishes, doubled sends, a printer that dies: no harm."""
    report = run(tmp_path / "world", HARMLESS, patience_seconds=150, forgetful_printer=True)
    assert report.good, str(report)
    assert report.cases == CASES
