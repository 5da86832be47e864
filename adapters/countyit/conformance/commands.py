"""`adapter test`: the whole suite offline, and the signed result; `adapter items`: how far each item is."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column, Table
from rich.text import Text

from adapters.countyit.conformance.expiry import Change
from adapters.countyit.describing.trying import Report
from adapters.local.localsystem.findings import LocalSystem
from adapters.settings import CountySettings
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _

console = Console()
_HERE: Final = Path("var/county")
Node = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        "-d",
        envvar="YHB_COUNTY_FOLDER",
        help="县节点文件夹：签署并保存结果 / the node: sign and keep the result",
    ),
]
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]


def try_all(
    folder: Annotated[Path | None, typer.Argument(help="县的映射文件夹 / the folder with mapping.toml")] = None,
    update: Annotated[bool, typer.Option("--update", help="看过差异后记为应得的结果 / keep what came out")] = False,
    samples: Annotated[bool, typer.Option("--samples", help="只试样例 / the samples only")] = False,
    node: Node = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="全部结果写成 JSON / write all of it as JSON")] = None,
) -> None:
    """自测：样例、异常记录、线路故障，不连接任何服务 / samples, awkward records, a broken link: offline."""
    settings = CountySettings.load(node) if node is not None else None
    if folder is None and settings is None:
        raise typer.BadParameter("FOLDER / -d")
    where = folder if folder is not None else settings.mapping if settings is not None else _HERE
    if settings is not None and where.resolve() != settings.mapping.resolve():
        raise typer.BadParameter(f"mapping = {settings.mapping}")
    if samples or update:
        _samples(where, update=update)
    else:
        _whole(where, settings, out)


def _samples(folder: Path, *, update: bool) -> None:
    from adapters.countyit.describing.trying import try_samples  # noqa: PLC0415 -- loaded only where it runs
    from adapters.local.mapping import samples  # noqa: PLC0415

    report = try_samples(folder)
    _show_samples(report)
    if update:
        samples.write_expected(folder, report.outcomes)
        _say(_("samples/expected.json 已按实际结果重写。"))
    if report.failures or not (report.passed or update):
        raise typer.Exit(1)


def _whole(folder: Path, settings: CountySettings | None, out: Path | None) -> None:
    # Stores, keys and the mapping are loaded only where they are used.
    from adapters.countyit.conformance import expiry, showing, signed, suite  # noqa: PLC0415
    from adapters.identity import Identity  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from adapters.local.localsystem import checking  # noqa: PLC0415
    from adapters.local.localsystem import showing as local_showing  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    identity = Identity.load(settings) if settings is not None else None  # what cannot be signed is not tried first
    with _bar(len(suite.STEPS)) as step:
        found = suite.run(folder, step=step)
    _show_samples(found.samples)
    _show(showing.summary(found))
    if not all(each.passed for each in found.cases):
        _show(showing.failures(found))
    if found.untested:
        _say(_("没有样例能转换出这些报文，没有自测：{parts}"), parts="、".join(found.untested))
    if out is not None:
        files.write_atomically(out, showing.document(found))
    local = LocalSystem() if settings is None else checking.check(settings)
    if settings is not None and identity is not None:
        local_showing.show(local)
        signed.keep(settings, identity, found, now())
        _say(
            _("结果已签署，存为 {file}；请交给中枢（hub county conformance），下次的登记卡（adapter card）也会带上。"),
            file=settings.folder / expiry.FILE,
        )
    passed = sum(each.passed for each in found.cases)
    if not found.passed:
        failed = len(found.cases) - passed
        if failed:
            _say(_("自测没有通过：{passed} 例对，{failed} 例不对。"), passed=passed, failed=failed)
        else:
            _say(_("自测没有通过：{passed} 例都对，但样例或映射还有上面所说的问题。"), passed=passed)
        raise typer.Exit(1)
    _say(_("自测通过：{passed} 例。"), passed=passed)
    if not local.well:
        _say(_("但本地系统与映射不符，见上；这不在签署的结果中，启用前须改好。"))
        raise typer.Exit(1)


def items(folder: Folder = _HERE) -> None:
    """各事项到了哪一步：自测、试办、正式，还缺什么 / how far each item is with each county, and what comes next."""
    from adapters.countyit.conformance import ownitems  # noqa: PLC0415 -- loaded only where it runs
    from adapters.countyit.joining import joined  # noqa: PLC0415
    from adapters.store import open_store  # noqa: PLC0415

    settings = CountySettings.load(folder)
    joined.require(settings)
    store = open_store(settings.database)
    try:
        with store.read() as tx:
            found = list(ownitems.states(tx, settings))
    finally:
        store.close()
    table = Table(
        Column("事项 item", overflow="fold", min_width=16), "本县 here", "对方 partner", "现状 state", "下一步 next"
    )
    for each in found:
        here = "收件 window" if each.here == "window" else "办理 issuing"
        row = (each.item or "—", here, each.partner or "—", each.state, _both(ownitems.NEXT[each.state]))
        table.add_row(*map(Text, row))
    _show(table)
    _tell(change for each in found for change in each.changed)


def show_expired(settings: CountySettings) -> None:
    """What of the county's result has expired, for `adapter status`; nothing while it holds, or before the first."""
    from adapters.countyit.conformance import expiry, parts  # noqa: PLC0415 -- loaded only where it runs
    from adapters.local.mapping import load_mapping  # noqa: PLC0415

    kept = expiry.held(settings.folder)
    if kept is not None:
        mapping = load_mapping(settings.mapping)
        _tell(tuple(expiry.changes(kept.result, parts.digests(mapping, settings.mapping)).values()))


def _tell(changed: Iterable[Change]) -> None:
    for change in dict.fromkeys(changed):
        for language in wording.LANGUAGES:
            console.print(change.said(language), soft_wrap=True, markup=False)


def _show_samples(report: Report) -> None:
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


@contextmanager
def _bar(total: int) -> Iterator[Callable[[str], None]]:
    """A bar with one step for each part of the suite; nothing where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(_both(_("自测")), total=total)
        yield lambda _name: progress.advance(task)


def _both(text: str) -> str:
    return " / ".join(wording.say(text, language) for language in wording.LANGUAGES)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False)


def _show(table: Table) -> None:
    """Print a table; a file or a pipe has no width of its own."""
    show_table(table)
