"""`adapter doctor`: whether the local system fits, and why this county cannot connect, step by step."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.countyit.doctor.findings import TITLES, Finding, HallStep, Outcome, Step
from adapters.settings import CountySettings
from certs import files
from pages import wording
from pages.terminal import show_error, show_table
from pages.uploads import jail
from pages.wording import mark as _

console = Console()
_SHOWN: Final = {
    Outcome.PASSED: "✓ 通过 passed",
    Outcome.FAILED: "✗ 不通过 failed",
    Outcome.NOT_REACHED: "– 未到这一步 not reached",
}


def doctor(
    folder: Annotated[
        Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
    ] = Path("var/county"),
    as_json: Annotated[
        Path | None, typer.Option("--json", help="结果另存为文件，不含密钥 / keep the result as a file; no secrets")
    ] = None,
) -> None:
    """查本地系统和到中枢的连接；有问题则以 1 退出 / what is wrong with the local system and the connection; exit 1."""
    from adapters.countyit.doctor import hall  # noqa: PLC0415 -- broker, store and keys are loaded only where they are used
    from adapters.countyit.doctor.examining import examine  # noqa: PLC0415 -- the same
    from adapters.instants import now  # noqa: PLC0415 -- the same
    from adapters.local.localsystem import checking, showing  # noqa: PLC0415 -- the same

    settings = CountySettings.load(folder)
    local = checking.check(settings)
    showing.show(local)  # at once: a county that has not joined yet has no certificate to go on with
    page = hall.examine(settings, now())
    if page:
        _show(_("大厅页面"), page)
    report = replace(examine(settings), local=local, hall=page)
    if as_json is not None:
        files.write_atomically(as_json, report.as_json().encode())
    for each in report.examinations:
        _show(each.address, list(each.findings.items()))
    if report.connects:
        for language in wording.LANGUAGES:
            console.print(wording.say(_("与中枢的连接没有问题。"), language))
    unprotected = jail.warning()  # no trouble of the connection: the node works, and is told to be better guarded
    if unprotected is not None:
        show_error(unprotected)
    if not report.well:
        raise typer.Exit(1)


def _show(title: str, findings: Sequence[tuple[Step | HallStep, Finding]]) -> None:
    """Every step, then what is wrong; a file or a pipe has no width of its own."""
    steps = Table("步骤 step", "", "结果 result", "所见 seen", title=Text(_both(title)))
    for step, finding in findings:
        both = [wording.say(TITLES[step], language) for language in wording.LANGUAGES]
        steps.add_row(*map(Text, (*both, _SHOWN[finding.outcome], finding.seen or _both(finding.why))))
    show_table(steps)
    for _step, finding in findings:
        if finding.problem is not None:
            show_error(finding.problem)


def _both(text: str) -> str:
    return " / ".join(dict.fromkeys(wording.say(text, language) for language in wording.LANGUAGES)) if text else ""
