"""`hub report`: how well a week or a month went, as at `/reports`: tables at the terminal, or the same XLSX or PDF."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from certs import files
from hub.around import reportfile
from hub.catalogue.files import demand_free
from hub.commands.shared import HERE, Folder, console, store_of
from hub.instants import now
from hub.supervision.period import Period
from hub.supervision.sheets import Sheet
from hub.views.bilingual import both
from hub.views.reportsource import StoreReports
from pages.wording import mark as _
from pages.wording import say
from schemas.identifiers.division import DivisionCode

_COLUMNS: Final = 8
"""Beside each other."""
_WIDTH: Final = 6
"""100.00: a number is never broken."""


def report(
    period: Annotated[
        str, typer.Argument(help="2026-11 或 2026-W48；不写是上个月 / a month or a week; last month unless told")
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="存为 .xlsx 或 .pdf / write this file")] = None,
    county: Annotated[str, typer.Option("--county", help="只要这个县的 / of this county only")] = "",
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    folder: Folder = HERE,
) -> None:
    """办理成效：快慢、一次办结、网上可办、评价、办不成事 / how well it went, per county and pair, as at /reports."""
    asked = Period.read(period) if period else Period.month_of(now()).before
    whose = str(DivisionCode.parse(county)) if county else ""
    if out is not None:
        demand_free(out)
    with store_of(folder) as store:
        told = StoreReports(store).report(asked)
    told = told.of(whose) if whose else told
    if out is not None:
        files.write_atomically(out, reportfile.file_of(told, out.name, language))
        console.print(str(out))
        return
    console.print(f"{asked.name}  {asked.first} – {asked.last}")
    for each in reportfile.sheets_of(told, language):
        for table in _tables(each, language):
            console.print(table)


def _tables(sheet: Sheet, language: str) -> Iterator[Table]:
    """One of them, its numbers over as many tables as eighty columns ask for, each with all names."""
    named = [at for at in range(len(sheet.heads)) if at not in sheet.numbers]
    most = _COLUMNS - len(named)
    for start in range(0, len(sheet.numbers), most):
        columns = [*named, *sheet.numbers[start : start + most]]
        caption = None if sheet.rows else say(_("没有。"), language)
        table = Table(title=both(sheet.name, language), caption=caption)
        for at in columns:
            number = at in sheet.numbers
            table.add_column(
                say(sheet.heads[at], language),
                justify="right" if number else "left",
                min_width=_WIDTH if number else None,
                overflow="fold",
            )
        for row in sheet.rows:
            table.add_row(*(str(row[at]) for at in columns))
        yield table
        if not sheet.rows:
            return
