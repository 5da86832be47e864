"""`hub contract …`: the versions of the contract, the gate before a new one, and what publishing it would do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from hub import datamap
from hub.commands.shared import HERE, Folder, console, opened
from hub.registry.impact import impact as impact_of
from pages import wording
from pages.terminal import show_error
from pages.wording import mark as _
from schemas import compatibility, releasefile, releases, releasing
from schemas.errors import YunhuobanError, declare
from schemas.releasefile import Contract

NO_CHECKOUT: Final = declare(
    "E-SCHEMA-032", "这里不是源码目录，不能写入。", "请在源码目录中用 python -m hub 运行此命令。"
)
UNREADABLE: Final = declare("E-SCHEMA-034", "读不出拟议的标准。", "请核对路径：版本文件，或放 avsc 文件的文件夹。")

app = typer.Typer(no_args_is_help=True, help="标准及其版本 / the contract and its versions")
Proposed = Annotated[
    Path | None,
    typer.Argument(
        help="拟议的标准：版本文件或放 avsc 的文件夹；不给即本程序的 / a version's file or a folder of avsc"
    ),
]
_VERDICTS: Final = {"fits": "相容 fits", "breaks": "会断 breaks", "unknown": "不明 unknown"}


@app.command("list")
def list_() -> None:
    """列出已发布的版本 / list the released versions, and what this program runs."""
    table = Table("版本 version", "记录 records", "本程序 this program")
    for each in releases.released():
        table.add_row(each.version, str(len(each.sha256)), "✓" if each.version == releases.current() else "")
    if releases.current().startswith(releases.UNRELEASED):
        table.add_row(releases.current(), str(len(releasing.working().sha256)), "✓")
    console.print(table)


@app.command("find")
def find(fingerprint: str) -> None:
    """凭指纹或 dataschema 找记录 / find a record by its CRC-64, SHA-256 or dataschema."""
    for version, name in releasing.find(fingerprint):
        console.print(f"{version} {name}", highlight=False)


@app.command("check")
def check(proposed: Proposed = None) -> None:
    """与所有已发布的版本核对 / compare with every released version, in both directions; exit 1 with every finding."""
    compatibility.demand(releasing.problems(_read(proposed) if proposed else None))
    console.print(
        wording.say(_("标准与已发布的 {count} 个版本相容，明文里没有个人信息。"), count=str(len(releases.released()))),
        "/ the contract fits every released version.",
    )


@app.command("release")
def release(version: str) -> None:
    """发布一个版本 / write a version's file into the checkout, for review; refused while the gate is shut."""
    folder = _checkout() / "schemas" / "released"
    made = releasing.release(version)
    (folder / made.name).write_bytes(made.body)
    (folder / releases.SUMS).write_bytes(made.sums)
    console.print(wording.say(_("已写入 {file}，请提交；此后永不修改。"), file=f"schemas/released/{made.name}"))


@app.command("impact")
def impact(proposed: Proposed = None, folder: Folder = HERE) -> None:
    """发布后哪些县会断 / which counties break if this is published; exit 1 when one does, or nobody can tell."""
    contract = _read(proposed) if proposed else releasing.working()
    with opened(folder) as hub, hub.store.read() as tx:
        found = impact_of(tx, contract)
    table = Table("代码 code", "名称 name", "状态 state", "所用 runs", "结果 result")
    for each in found.counties:
        runs = each.runs or ", ".join(each.stated) or "-"
        table.add_row(each.division_code, each.name, each.state, runs, _VERDICTS[each.verdict])
    console.print(table)
    for version, findings in found.findings.items():
        if findings:
            console.print(f"── {version} → {contract.version}", highlight=False)
            _show(findings)
    broken = sum(each.verdict != "fits" for each in found.counties)
    console.print(
        wording.say(_("{count} 个县中 {broken} 个会断或不明。"), count=str(len(found.counties)), broken=str(broken)),
        f"/ {broken} of {len(found.counties)} counties break, or nobody can tell.",
        highlight=False,
    )
    if not found.harmless:
        raise typer.Exit(1)


@app.command("datamap")
def data_map() -> None:
    """生成数据地图 / write the data map into the checkout's docs."""
    root = _checkout()
    for language, page in datamap.PAGES.items():
        (root / page).write_text(datamap.page(language), encoding="utf-8")
        console.print(page, highlight=False)


def _show(findings: Sequence[YunhuobanError]) -> None:
    for each in findings:
        show_error(each)


def _read(path: Path) -> Contract:
    """A version's file, or a folder of `.avsc` files. Raises E-SCHEMA-001 or -034."""
    try:
        if path.is_dir():
            return releasing.proposed(each.read_bytes() for each in sorted(path.glob("*.avsc")))
        return releasefile.parse(path.read_bytes())
    except OSError as error:
        raise YunhuobanError(UNREADABLE, place=path.name, found=type(error).__name__) from error


def _checkout() -> Path:
    """The folder of the source. Raises E-SCHEMA-032 for an installed program."""
    root = Path(str(releases.files())).parent.parent
    if not (root / "pyproject.toml").is_file():
        raise YunhuobanError(NO_CHECKOUT, place=str(root))
    return root
