"""`adapter new`, `adapter suggest` and `adapter test`: describing a county, without a broker and without a hub."""

from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.mapping.document import READABLE
from pages import wording
from pages.terminal import show_error
from pages.wording import mark as _

console = Console()
Message = Enum("Message", {name: name for name in READABLE}, type=str)  # type: ignore[misc]  # the contract's list
_WIDE: Final = 180
_APPLICATION = Message("application.submitted")
Location = Annotated[str, typer.Argument(help="本地系统：数据库 URL 或文件夹 / database URL or folder")]


def attach(app: typer.Typer) -> None:
    """Give the commands to `adapter`."""
    app.command()(new)
    app.command()(suggest)
    app.command("test")(try_out)


def new(
    code: Annotated[str, typer.Argument(help="六位行政区划代码 / the six-digit division code")],
    source: Annotated[str, typer.Option("--source", "-s", help="本地系统 / database URL or folder")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="新文件夹 / the new folder")] = None,
) -> None:
    """从本地系统开始写一个县的文件夹 / begin a county's folder from what its own system holds."""
    from adapters.describing import scaffold  # noqa: PLC0415 -- what looks at a database is loaded only where it runs
    from adapters.sources.columns import look  # noqa: PLC0415
    from adapters.suggesting.proposing import propose  # noqa: PLC0415

    county = scaffold.division(code, date.today())  # noqa: DTZ011 -- the day where the command is typed
    seen = look(source)
    for problem in seen.problems:
        show_error(problem)
    folder = out or Path(f"county-{county.code}")
    scaffold.begin(folder, county, propose(_APPLICATION.value, seen.tables), source)
    for language in wording.LANGUAGES:
        console.print(
            wording.say(
                _("{folder} 已写好。现在运行 adapter test {folder}，再逐行核对 mapping.toml。"), language, folder=folder
            ),
            soft_wrap=True,
        )


def suggest(
    location: Location,
    message: Annotated[Message, typer.Option("--message", "-m", help="报文 / the message type")] = _APPLICATION,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="写成可粘贴的 TOML / write TOML to paste")] = None,
) -> None:
    """看本地系统，为每个标准字段建议一列 / look at the local system and propose a column for every field."""
    from adapters.sources.columns import look  # noqa: PLC0415
    from adapters.suggesting import as_table, as_toml  # noqa: PLC0415
    from adapters.suggesting.proposing import propose  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    seen = look(location)
    for problem in seen.problems:
        show_error(problem)
    proposal = propose(message.value, seen.tables)
    _show(as_table.table(proposal))
    for language in wording.LANGUAGES:
        console.print(as_table.summary(proposal, language), soft_wrap=True, markup=False)
    if out is not None:
        source = [line if line.startswith("#") else f"# {line}".rstrip() for line in as_toml.source(proposal)]
        files.write_atomically(out, "\n".join([*source, "", *as_toml.rule(proposal), ""]).encode())
        console.print(str(out), soft_wrap=True, markup=False)


def try_out(
    folder: Annotated[Path, typer.Argument(help="县的文件夹 / the county's folder")],
    update: Annotated[bool, typer.Option("--update", help="看过差异后记为应得的结果 / keep what came out")] = False,
) -> None:
    """用样例试字段映射，不连接任何服务；有不同则以 1 退出 / try the samples offline; exit 1 if anything differs."""
    from adapters.describing.trying import try_samples  # noqa: PLC0415
    from adapters.mapping import samples  # noqa: PLC0415

    report = try_samples(folder)
    for failure in report.failures:
        show_error(failure)
    results = Table("样例 sample", "结果 outcome", "待填 to fill in", "判定 verdict")
    for each in report.tried:
        verdict = f"✗ {len(each.differences)} 处不同 different" if each.differences else "✓ 通过 passed"
        results.add_row(Text(each.key), each.outcome, str(each.unfilled or ""), verdict)
    _show(results)
    differences = Table("样例 sample", "字段 field", "应为 expected", "实际 found")
    for each in report.tried:
        for one in each.differences:
            differences.add_row(*map(Text, (each.key, one.field, one.expected, one.found)))
    if differences.rows:
        _show(differences)
    if update:
        samples.write_expected(folder, report.outcomes)
        for language in wording.LANGUAGES:
            console.print(wording.say(_("samples/expected.json 已按实际结果重写。"), language))
    if report.failures or not (report.passed or update):
        raise typer.Exit(1)


def _show(table: Table) -> None:
    """Print a table; a file or a pipe has no width of its own."""
    (console if console.is_terminal else Console(width=_WIDE)).print(table)
