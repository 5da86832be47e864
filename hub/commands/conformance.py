"""`hub county conformance`, `items` and `gate`: results come in, how far each item is, whether results are required."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from certs import files
from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, opened, store_of
from hub.conformance import held, listing, taking
from hub.instants import now
from hub.record.acts import Act
from hub.record.noting import note
from pages import wording
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.conformance.result import SignedResult
from schemas.conformance.standing import Gate

NEXT = {
    Gate.TESTED: _("办完一件试办，从申请到送达"),
    Gate.LIVE: _("可以正式办理"),
}


def attach(app: typer.Typer) -> None:
    """Give the commands to `hub county`."""
    app.command("conformance")(conformance)
    app.command("items")(items)
    app.command("gate")(gate)


def conformance(
    file: Annotated[Path, typer.Argument(help="县的自测结果 / the county's conformance.json")], folder: Folder = HERE
) -> None:
    """收下一个县签署的自测结果 / take in the result that a county has signed."""
    signed = SignedResult.from_file(files.read(file))
    with opened(folder) as hub, hub.store.write() as tx:
        result = taking.take(tx, signed, chains=hub.chains(), now=now())
        note(tx, at_terminal(), Act.CONFORMANCE_TAKEN, at=now(), about=result.county)
    table = Table(_whole("事项 item"), "判定 verdict")
    for item in result.items:
        table.add_row(item, result.state(item))
    show_table(table)
    _say(
        _("已收下 {county} 的自测结果，时间 {at}。"), county=result.county, at=f"{result.tested_at:%Y-%m-%d %H:%M} UTC"
    )


def items(county: Annotated[str, typer.Argument(help="行政区划代码 / division code")], folder: Folder = HERE) -> None:
    """一个县的各事项到了哪一步，还缺什么 / how far each item of a county is, and what comes next."""
    with store_of(folder) as store, store.read() as tx:
        found, required = list(listing.listed(tx, county)), held.required(tx)
    table = Table(_whole("事项 item"), "收件 window", "办理 issuing", "现状 state", _whole("下一步 next"))
    for each in found:
        said = [wording.sentence(lacking.error(), language).sentence for lacking in each.lacks
                for language in wording.LANGUAGES]  # fmt: skip
        said = said or [wording.say(NEXT[each.state], language) for language in wording.LANGUAGES]
        table.add_row(each.item, each.window or "—", each.issuing or "—", each.state.value, "\n".join(said))
    show_table(table)
    _say(_POLICY[required])


_POLICY = {
    True: _("自测与试办是必需的：没有做完的事项不能办理。"),
    False: _("自测与试办只作记录，不妨碍办理；要作为必需，请用 hub county gate required。"),
}


def gate(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="required | noted")] = "", folder: Folder = HERE
) -> None:
    """自测与试办是否必需；不写则显示 / whether results and trial cases are required; shown without an argument."""
    if policy not in ("", "required", "noted"):
        raise typer.BadParameter("required | noted")
    with store_of(folder) as store:
        if policy:
            with store.write() as tx:
                taking.set_policy(tx, required=policy == "required")
                note(tx, at_terminal(), Act.GATE_SET, at=now(), reason=policy)
        with store.read() as tx:
            required = held.required(tx)
    _say(_POLICY[required])


def _whole(title: str) -> Column:
    """A column in which nothing is cut off: on a narrow terminal it takes more lines."""
    return Column(title, overflow="fold", min_width=16)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True)
