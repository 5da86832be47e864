"""`make demo`: a company applies in 吴桥, 永济 decides, and the license comes out of a printer in 吴桥.

First one license by itself (or CASES of them), with its seconds, its proof made and verified; then two groups of cases,
and beside them what is around a case, a row for each part. Then a second license waits for a person's click at the
print desk, until Ctrl-C. `ONCE=1`, or a run without a terminal, ends before it; `SHORT=1` plays licenses only.
"""

import itertools
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.demo import groups, ladder
from deploy.demo.around import Around
from deploy.demo.beside import played
from deploy.demo.board import Board
from deploy.demo.clerk import Clerk
from deploy.demo.stage import ROOT, NotReadyError, Stage, end_leftovers
from deploy.demo.tested import try_counties
from deploy.demo.world import WUQIAO, YONGJI, build
from hub.settings import HubSettings
from hub.store import Store, open_store
from pages.addresses import ask
from schemas.errors import YunhuobanError

FOLDER: Final = Path(os.environ.get("DEMO_FOLDER", ROOT / "var" / "demo")).resolve()
_LOOK_SECONDS: Final = 0.1
_ONE_CASE_SECONDS: Final = 60.0
_MORE_CASE_SECONDS: Final = 6.0
_AROUND_PATIENCE_SECONDS: Final = 60.0

console = Console(highlight=False)


def main() -> int:
    """Play; the exit status is 0 only when every license was printed once, each ladder is closed, all rows are done."""
    cases = int(os.environ.get("CASES", "1"))
    once = os.environ.get("ONCE", "") not in ("", "0") or not sys.stdout.isatty()
    short = os.environ.get("SHORT", "") not in ("", "0")
    for each in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal stops everything, too
        signal.signal(each, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    console.rule("云伙伴 Yunhuoban · 跨省通办演示 / demonstration")
    console.print(
        "一台机器上扮演全部角色：签发机构、中枢、吴桥县（河北）、永济市（山西）。\n"
        "[dim]One machine plays every part: the authority, the hub, Wuqiao (Hebei), Yongji (Shanxi).[/dim]"
    )
    end_leftovers(FOLDER)
    try:
        world = build(FOLDER, more_items=True)
        console.print(f"· 两县离线自测，{try_counties(world)} 例通过 / both counties test themselves offline and pass")
        with Stage(world, say=lambda text: console.print(f"· {text}")) as stage:
            store = open_store(HubSettings.load(stage.world.hub).database)
            try:
                printed = _first_part(stage, store, cases)
                good = printed and (short or _groups(stage))
                if printed and not once:
                    _second_part(stage, store)
            finally:
                store.close()
    except (NotReadyError, YunhuobanError) as error:
        console.print(f"[red]演示没有启动 / the demonstration did not start:[/red] {error}")
        return 1
    except KeyboardInterrupt:
        console.print("\n已停止 / stopped.")
        return 0
    console.print("全部进程已停止 / every process is stopped.")
    return 0 if good else 1


def _first_part(stage: Stage, store: Store, cases: int) -> bool:
    """Print `cases` licenses by themselves and show the proof of the first. False when anything is missing."""
    console.print(f"\n吴桥窗口收件 {cases} 件 / {cases} application(s) taken at Wuqiao's window")
    stage.submit(WUQIAO.code, cases)
    started = time.monotonic()
    clerk = Clerk(stage.desk_address(WUQIAO.code), serials=_serials())
    pressed: set[str] = set()
    confirmed: set[str] = set()
    on_paper: float | None = None
    limit = _ONE_CASE_SECONDS + _MORE_CASE_SECONDS * (cases - 1)
    with _progress(cases) as show:
        while time.monotonic() - started < limit:
            _work(stage, clerk, pressed, confirmed)
            if on_paper is None and len(stage.printer.sheets()) >= cases:
                on_paper = time.monotonic() - started
            counts = ladder.count(store)
            show(counts)
            if counts.handed_over >= cases:
                break
            time.sleep(_LOOK_SECONDS)
    clerk.close()
    sheets = stage.printer.sheets()
    counts = ladder.count(store)
    good = counts.handed_over == cases and len(sheets) == len({s["job_name"] for s in sheets}) == cases
    if not good or on_paper is None:
        console.print(f"[red]未完成：{counts.handed_over}/{cases} 件，{len(sheets)} 张 / not complete[/red]")
        return False
    _collect(stage, sheets)
    console.print(
        f"\n[bold]从本地收件到证照打印 {on_paper:.1f} 秒，到送达回证 {time.monotonic() - started:.1f} 秒，"
        f"{cases} 件各一张。[/bold]\n"
        f"[dim]{on_paper:.1f} s from the local record to paper, one sheet for each of {cases}.[/dim]"
    )
    return _prove(stage, store)


def _work(stage: Stage, clerk: Clerk, pressed: set[str], confirmed: set[str]) -> None:
    """What the window clerk does: print what is authorised, look at each sheet, confirm it with its number."""
    for number in clerk.open_authorisations():
        if number not in pressed:
            clerk.press_print(number)
            pressed.add(number)
            return
    out = {sheet["job_name"] for sheet in stage.printer.sheets()}
    for number in sorted(out - confirmed):
        if clerk.sheet_is_out(number):
            clerk.confirm(number)
            confirmed.add(number)


def _collect(stage: Stage, sheets: list[dict[str, Any]]) -> None:
    """Lay the printed pages where a person finds them, named by their authorisation."""
    target = stage.world.folder / "printed"
    target.mkdir(exist_ok=True)
    for sheet in sheets:
        shutil.copy(stage.printer.folder / "sheets" / Path(sheet["file"]).name, target / f"{sheet['job_name']}.pdf")
    console.print(f"打印件 / printed pages: {_short(target)}/")


def _prove(stage: Stage, store: Store) -> bool:
    """Make the proof of the first case and verify it without the hub."""
    case_no = ladder.case_numbers(store)[0]
    folder = stage.world.folder / "proof"
    proof, trust = folder / f"{case_no}.proof.json", folder / "trust.json"
    hub = str(stage.world.hub)
    console.print(stage.command("hub", "trace", case_no, "-d", hub))
    stage.command("hub", "proof", case_no, "-o", str(proof), "--trust-out", str(trust), "-d", hub)
    stage.command("hub", "verify", str(proof), "--trust", str(trust))
    console.print(f"存证文件已离线核验 / proof verified offline: {_short(proof)}")
    return True


def _groups(stage: Stage) -> bool:
    """Two groups, one whole in the end and one of which a part fails; beside them what is around a case.

    False when a part of the latter was not done.
    """
    console.print("\n联办与一件事，同时是办件前后的往来 / groups of cases, and beside them what is around a case")
    sheet = (stage.printer.folder / "sheets" / Path(stage.printer.sheets()[0]["file"]).name).read_bytes()
    wuqiao, yongji = (
        Clerk(ask(stage.world.county(plan.code) / "page.address"), serials=_serials()) for plan in (WUQIAO, YONGJI)
    )
    board = Board(Around(stage, wuqiao, yongji, sheet).rows(), patience_seconds=_AROUND_PATIENCE_SECONDS)
    with played(board, console):
        groups.state_bundle(yongji)
        groups.show(stage, wuqiao, yongji, sheet, lambda text: console.print(f"· {text}"))
    for each in (wuqiao, yongji):
        each.close()
    if not board.whole:
        console.print("[red]有往来没有办完，见 ✕ / not every row is done[/red]")
    return board.whole


def _second_part(stage: Stage, store: Store) -> None:
    """A second license waits for a person's click, its application taken with a scan; runs until Ctrl-C."""
    before = ladder.count(store).by_rung.get("print.authorised", 0)
    with_scan(stage)
    while ladder.count(store).by_rung.get("print.authorised", 0) == before:
        time.sleep(_LOOK_SECONDS)
    case_no = ladder.case_numbers(store)[-1]
    hub = _short(stage.world.hub)
    console.rule("轮到您了 / your turn")
    console.print(f"第二张证照 {case_no} 在吴桥打印台等您点“打印” / the second license waits for your click:")
    console.print(f"  打印台 print desk   {ask(stage.world.county(WUQIAO.code) / 'page.address')}", soft_wrap=True)
    console.print(f"  永济审批台 approvals {ask(stage.world.county(YONGJI.code) / 'page.address')}", soft_wrap=True)
    console.print(f"  中枢总览 hub        {ask(stage.world.hub / 'web.address')}", soft_wrap=True)
    console.print(f"  打印件 printed      {_short(stage.printer.folder / 'sheets')}/", soft_wrap=True)
    console.print(f"  全程 trace          .venv/bin/python -m hub trace {case_no} -d {hub}", soft_wrap=True)
    console.print(
        f"  存证 proof          .venv/bin/python -m hub proof {case_no} -d {hub} --trust-out trust.json", soft_wrap=True
    )
    console.print(
        f"  核验 verify         .venv/bin/python -m hub verify {case_no}.proof.json --trust trust.json", soft_wrap=True
    )
    console.print("Ctrl-C 停止 / stops everything.")
    signal.pause()


def with_scan(stage: Stage) -> None:
    """The clerk takes an application at the window's page; its scan is the sheet that has just come out."""
    sheet = stage.printer.folder / "sheets" / Path(stage.printer.sheets()[0]["file"]).name
    clerk = Clerk(ask(stage.world.county(WUQIAO.code) / "page.address"), serials=_serials())
    clerk.take(YONGJI.code, YONGJI.item, sheet.read_bytes())
    clerk.close()
    console.print("申请在吴桥窗口收件，附一个扫描件；它随后传到永济审批台，办理不等它。")
    console.print(
        "[dim]Taken at Wuqiao's window with a scan, which follows to Yongji's desk; nothing waits for it.[/dim]"
    )


@contextmanager
def _progress(cases: int) -> Iterator[Any]:
    """A live table on a terminal, a line per completed rung elsewhere."""
    started = time.monotonic()
    reached: dict[str, float] = {}

    def table(counts: ladder.Counts) -> Table:
        grid = Table("", "", "件 cases", "秒 s", box=None)
        for name, chinese, english in ladder.RUNGS:
            number = min(counts.by_rung.get(name, 0), cases)
            if number >= cases:
                reached.setdefault(name, time.monotonic() - started)
            done = "✓" if name in reached else "…"
            grid.add_row(done, f"{chinese} [dim]{english}[/dim]", f"{number}/{cases}", f"{reached.get(name, 0):.1f}")
        return grid

    if console.is_terminal:
        with Live(console=console, refresh_per_second=10) as live:
            yield lambda counts: live.update(table(counts))
        return

    def line(counts: ladder.Counts) -> None:
        before = set(reached)
        table(counts)
        for name, chinese, english in ladder.RUNGS:
            if name in reached and name not in before:
                console.print(f"  ✓ {reached[name]:5.1f} s  {chinese} / {english}")

    yield line


def _serials() -> Any:
    numbers = itertools.count(1)
    return lambda: f"YP{next(numbers):08d}"


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
