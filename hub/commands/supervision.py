"""`hub supervision …`: the weekly count and the monthly bulletin as XLSX or PDF, cards, and a county's letter."""

import hashlib
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from certs import files
from hub.catalogue.files import demand_free
from hub.commands.shared import HERE, Folder, console, store_of
from hub.instants import now
from hub.registry import calendars
from hub.supervision import bulletin, counting, listing, ruling
from hub.supervision.levels import GROUNDS, LEVELS, RULES, STANDINGS
from hub.supervision.period import Period
from hub.views.bilingual import both, heading, moment
from pages import wording
from pages.wording import mark as _

app = typer.Typer(no_args_is_help=True, help="电子监察 / time limits: who is late, and since when")
Out = Annotated[Path | None, typer.Option("--out", "-o", help="存为 .xlsx 或 .pdf / write this file")]
Only = Annotated[str, typer.Option("--county", help="只要这个县的 / of this county only")]
Language = Annotated[str, typer.Option(help="zh | en")]
_TONES: Final = {"blue": "blue", "yellow": "yellow", "red": "red", "red_plus": "bold red"}


@app.command("week")
def week(
    period: Annotated[str, typer.Argument(help="2026-W48；不写是上一周 / last week unless told")] = "",
    out: Out = None,
    county: Only = "",
    language: Language = "zh",
    folder: Folder = HERE,
) -> None:
    """每周统计 / the weekly count, per county."""
    _count(Period.read(period) if period else Period.week_of(now()).before, out, county, language, folder)


@app.command("month")
def month(
    period: Annotated[str, typer.Argument(help="2026-11；不写是上个月 / last month unless told")] = "",
    out: Out = None,
    county: Only = "",
    language: Language = "zh",
    folder: Folder = HERE,
) -> None:
    """每月通报 / the monthly bulletin, per county and pair."""
    _count(Period.read(period) if period else Period.month_of(now()).before, out, county, language, folder)


@app.command("cards")
def cards(
    county: Annotated[str, typer.Option(help="行政区划代码 / a county's division code")] = "",
    every: Annotated[bool, typer.Option("--all", help="也列已了结的 / those that are settled, too")] = False,
    folder: Folder = HERE,
) -> None:
    """还要有人处理的监察牌 / the cards that somebody still has to do something about."""
    with store_of(folder) as store, store.read() as tx:
        rows = listing.cards(tx, listing.Filter(county=county, unsettled=not every))
    table = Table(*(heading(each, "zh") for each in (_("牌号"), _("牌"), _("县"), _("规则"), _("发牌"), _("情况"))))
    for row in rows:
        shown = LEVELS[row.level]
        table.add_row(
            f"{row.card_no}\n{row.case_no}",
            Text(f"{shown.icon} {both(shown.text, 'zh')}", style=_TONES[row.level]),
            row.county,
            both(RULES[row.rule], "zh"),
            moment(row.raised_at),
            both(STANDINGS[row.standing].text, "zh"),
        )
    console.print(table)


@app.command("explain")
def explain(
    card_no: str,
    ground: Annotated[str, typer.Option(help=" | ".join(GROUNDS))],
    text: Annotated[str, typer.Option(help="不写任何人的姓名和号码 / names nobody, no numbers of persons")],
    by: Annotated[str, typer.Option(help="登记人的账号 / the account of who enters it")],
    letter: Annotated[
        Path | None, typer.Option(help="县里的来文，只留摘要 / the county's letter, of which only the digest is kept")
    ] = None,
    folder: Folder = HERE,
) -> None:
    """登记县里的说明；裁定在页面上做 / enter a county's explanation; the ruling is made at the page."""
    digest = hashlib.sha256(files.read(letter)).digest() if letter is not None else None
    with store_of(folder) as store:
        store.redo(
            lambda tx: ruling.explain(tx, card_no, ground=ground, text=text, by=by, now=now(), letter_sha256=digest)
        )
    for each in wording.LANGUAGES:
        console.print(wording.say(_("已登记。"), each))


def _count(period: Period, out: Path | None, county: str, language: str, folder: Path) -> None:
    if out is not None:
        demand_free(out)
    with store_of(folder) as store, store.read() as tx:
        found = counting.bulletin(tx, period, calendars.calendar(tx).of, now())
    if county:
        found = found.of(county)
    if out is not None:
        files.write_atomically(out, bulletin.file_of(found, out.name, language))
        console.print(str(out))
        return
    table = Table(title=f"{period.name}  {period.first} – {period.last}")
    names = (_("县"), _("收件"), _("承办"), *(each.text for each in LEVELS.values()), _("申诉撤销"), _("未了结"))
    for at, name in enumerate(names):
        table.add_column(heading(name, language), justify="right" if at else "left")
    for each in found.counties:
        numbers = (each.opened, each.to_decide, *each.levels.values(), each.withdrawn, each.unsettled)
        table.add_row(f"{found.names.get(each.county, '')} {each.county}".strip(), *map(str, numbers))
    console.print(table)
    pairs = Table(title=both(_("半日办结"), language))
    for at, name in enumerate((_("收件地"), _("属地"), _("出证办件"), _("中位数（工作小时）"), _("半日内占比（%）"))):
        pairs.add_column(heading(name, language), justify="right" if at > 1 else "left")
    for pair in found.pairs:
        pairs.add_row(pair.window, pair.issuing, str(pair.cases), f"{pair.median_hours:g}", f"{pair.share * 100:.1f}")
    console.print(pairs)
