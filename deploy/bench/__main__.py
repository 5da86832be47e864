"""`make bench`, or `python -m deploy.bench`: measure, print tables, write `var/bench/latest.json`.

`QUICK=1` has the same figures in a few minutes, from fewer messages and rounds. `BENCH_FOLDER` puts everything
elsewhere. Ctrl-C ends every process and prints what was measured until then.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.bench import report
from deploy.bench.bench import RECORD, Bench, run
from deploy.bench.children import ROOT
from deploy.bench.plan import FULL, QUICK
from schemas.errors import YunhuobanError

_WIDTH: Final = 120
FOLDER: Final = Path(os.environ.get("BENCH_FOLDER", ROOT / "var" / "bench")).resolve()


def main() -> int:
    """0 when everything was measured, 1 when something could not be, 130 after Ctrl-C."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda *_: sys.exit(143))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    plan = QUICK if os.environ.get("QUICK", "") not in ("", "0") else FULL
    console.rule(f"云伙伴 Yunhuoban · 性能测量 / benchmark ({plan.name})")
    code = 0
    columns = (
        TextColumn("{task.description:<46}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("…", total=None)

        def step(text: str) -> None:
            progress.update(task, description=text, advance=1)

        bench = Bench(folder=FOLDER, plan=plan, step=step)
        try:
            run(bench)
        except KeyboardInterrupt:
            code = 130
        except (RuntimeError, YunhuobanError) as error:
            console.print(f"[red]没有测完 / not measured to the end:[/red] {error}")
            code = 1
    report.show(bench.record, console)
    console.print(f"{FOLDER / RECORD}")
    return code


if __name__ == "__main__":
    sys.exit(main())
