"""`adapter status`: how the node is, in the terminal or as JSON for monitoring; exit 1 when a person has to act."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from adapters.countyit.conformance import commands as conformance
from adapters.countyit.status import words
from adapters.countyit.status.report import Report
from adapters.settings import CountySettings
from pages import frame, wording
from pages.terminal import show_error
from schemas.errors import YunhuobanError, declare

NEVER_RAN: Final = declare(
    "E-NODE-009", "这个县节点还没有运行过，没有现状可看。", "请核对 --folder；第一次运行用 adapter up。"
)
_WIDE: Final = 180


def status(
    folder: Annotated[
        Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
    ] = Path("var/county"),
    as_json: Annotated[bool, typer.Option("--json", help="供监控读取 / for monitoring")] = False,
) -> None:
    """本县现状：连接、待发、证书、时钟；有事要处理则以 1 退出 / how the node is; exit 1 if somebody has to act."""
    from adapters.countyit.joining import joined  # noqa: PLC0415
    from adapters.countyit.status import pulse  # noqa: PLC0415
    from adapters.countyit.status.gathering import gather  # noqa: PLC0415
    from adapters.directory import directories  # noqa: PLC0415 -- the store is loaded only where it is read
    from adapters.instants import now  # noqa: PLC0415
    from adapters.local import troublebook  # noqa: PLC0415
    from adapters.store import exists, open_store  # noqa: PLC0415
    from certs import keys  # noqa: PLC0415

    settings, moment = CountySettings.load(folder), now()
    joined.require(settings)
    if not exists(settings.database):
        raise YunhuobanError(NEVER_RAN, place=folder.name)
    anchors = keys.load_certificates(settings.certificates / "anchors.pem")
    store = open_store(settings.database)
    try:
        with store.read() as tx:
            directory = directories.newest(tx, anchors, trial=settings.trial)
            report = gather(tx, settings, directory, pulse.read(settings.folder, moment), moment)
            troubles = troublebook.newest(tx)
    finally:
        store.close()
    if as_json:
        typer.echo(report.as_json())
    else:
        _show(report, troubles)
        conformance.show_expired(settings)
    if not report.well:
        raise typer.Exit(1)


def _show(report: Report, troubles: list[Any]) -> None:
    """Tables with a heading in both languages; a file or a pipe has no width of its own."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDE)
    from adapters.local import troublebook  # noqa: PLC0415

    for each in (_numbers(report), _links(report), _partners(report), _certificates(report)):
        console.print(each)
    if report.renewal is not None:
        for language in wording.LANGUAGES:
            console.print(words.renewal(report.renewal, language), soft_wrap=True)
    if troubles:
        table = Table("代码 code", "位置 place", "实际 found", "应为 expected", "怎么办 what to do")
        for row in troubles:
            said = f"{row.sentence} {row.remedy}\n{row.sentence_en} {row.remedy_en}"
            origin = troublebook.origin_of(row)
            own = [each for each in (origin.said("zh"), origin.said("en"), origin.record_place) if each]
            table.add_row(row.code, "\n".join([row.place, *own]), row.found, row.expected, said)
        console.print(table)
    for problem in report.attention:
        show_error(problem)


def _numbers(report: Report) -> Table:
    traffic, machine = report.traffic, report.machine
    table = Table("", "", title=f"{report.name} {report.division_code} · {frame.moment(report.made_at)}")
    for name, value in (
        ("最近读到本地记录 last record read", frame.clock(traffic.last_read_at)),
        ("最近收到报文 last arrival", frame.clock(traffic.last_arrived_at)),
        ("待中枢准入 not admitted yet", f"{traffic.unsent} · {frame.clock(traffic.unsent_since)}"),
        ("待对方签收 not signed for yet", str(traffic.unsigned)),
        ("收到待处理 arrived, without effect yet", str(traffic.unopened)),
        ("待写回本地 to be written locally", str(traffic.unwritten)),
        ("等候次序 waiting for their turn", str(traffic.out_of_turn)),
        ("累计被拒收 refused ever", str(traffic.refused)),
        ("本机时钟与中枢之差 clock against the hub's", _both_clocks(report)),
        ("标准版本 contract", ", ".join(machine.contracts)),
        ("映射版本 mapping", f"{machine.mapping or '—'} · {frame.clock(machine.mapping_at)}"),
        ("目录 directory", f"{frame.clock(report.directory_issued_at)} → {frame.clock(report.directory_ends_at)}"),
        ("磁盘剩余 disk free", f"{words.size(machine.disk_free_bytes)} / {words.size(machine.disk_total_bytes)}"),
        ("数据库 store", words.size(machine.store_bytes)),
    ):
        table.add_row(name, value)
    return table


def _both_clocks(report: Report) -> str:
    return " / ".join(words.clock(report.clock, language) for language in wording.LANGUAGES)


def _links(report: Report) -> Table:
    table = Table("连接 link", "状态 state", "自 since", "代码 code")
    for each in report.pulse.links if report.pulse is not None else ():
        table.add_row(_both(words.ROADS[each.road]), _both(words.LINK[each.connected].text), *(
            frame.clock(each.since), each.problem
        ))  # fmt: skip
    return table


def _partners(report: Report) -> Table:
    table = Table(
        "县 county", "状态 state", "代码 code", "最近来过 heard", "待签收 waiting", "最早 oldest", "标准 contract"
    )
    for each in report.partners:
        times = frame.clock(each.heard_at), str(each.waiting), frame.clock(each.oldest_at)
        state = _both(words.WEATHER[each.weather].text)
        table.add_row(f"{each.name} {each.code}", state, each.why, *times, each.contract)
    return table


def _certificates(report: Report) -> Table:
    table = Table("证书或列表 certificate or list", "剩余天数 days left", "到期 ends", "已发布小时 age in hours")
    for own in report.certificates:
        left = "—" if own.days_left is None else str(own.days_left)
        table.add_row(_both(words.ROLES[own.role]), left, _day(own.ends_at), "")
    for each in report.lists:
        days = str((each.ends_at - report.made_at).days)
        table.add_row(_both(words.LISTS[each.kind]), days, _day(each.ends_at), f"{each.age_hours:g}")
    return table


def _day(at: datetime | None) -> str:
    """With its year: a certificate may end in the next but one."""
    return at.astimezone(frame.BEIJING).date().isoformat() if at is not None else "—"


def _both(text: str) -> str:
    return " ".join(wording.say(text, language) for language in wording.LANGUAGES)
