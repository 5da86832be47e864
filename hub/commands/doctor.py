"""`hub doctor`: whether everything that the hub needs is in order, and what to do; exit 1 if something is not."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from certs import files
from hub.commands.shared import HERE, Folder, console, progress_bar
from hub.doctor.examining import CHECKS, examine
from hub.doctor.findings import TITLES, Outcome, Report, Step
from hub.settings import HubSettings
from hub.views.bilingual import both
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _

_SHOWN: Final = {
    Outcome.PASSED: "✓ 通过 passed",
    Outcome.TOLD: "! 须知 to be known",
    Outcome.FAILED: "✗ 不通过 failed",
    Outcome.NOT_REACHED: "– 没有查到 not reached",
}


def doctor(
    folder: Folder = HERE,
    out: Annotated[
        Path | None, typer.Option("--out", help="结果另存为文件，不含密钥与人员 / keep the result; no secrets, nobody")
    ] = None,
) -> None:
    """逐项检查中枢，每项说出所见、应为与怎么办 / examine the hub; exit 1 when something is wrong."""
    settings = HubSettings.load(folder)
    with progress_bar(shown=True) as bar:
        task = bar.add_task("", total=len(CHECKS))

        def next_one(step: Step) -> None:
            bar.update(task, description=wording.say(TITLES[step]), advance=0 if step is next(iter(CHECKS)) else 1)

        report = examine(settings, told=next_one)
        bar.update(task, completed=len(CHECKS))
    if out is not None:
        files.write_atomically(out, report.as_json().encode())
    _show(report)
    if not report.well:
        raise typer.Exit(1)
    for language in wording.LANGUAGES:
        console.print(wording.say(_("中枢一切正常。"), language))


def _show(report: Report) -> None:
    """Every finding on a line, then what is wrong in full."""
    steps = Table("检查 examined", "结果 result", "所见 seen")
    for each in report.findings:
        steps.add_row(*map(Text, (both(TITLES[each.step], "zh"), _SHOWN[each.outcome], each.seen)))
    show_table(steps)
    for each in report.findings:
        if each.problem is not None:
            show_error(each.problem)
