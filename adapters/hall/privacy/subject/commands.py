"""`adapter subject`: the same search in the terminal, masked.

The number is typed, or read from a file: an argument would stand in the list of processes and in the shell's history.
"""

import getpass
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from adapters.countyit.status.commands import NEVER_RAN
from adapters.settings import CountySettings
from pages import wording
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

NO_FILE: Final = declare(
    "E-SUBJ-002", "号码文件读不出来，或者里面没有号码。", "请检查 --number-file 所指的文件：第一行是号码，只有您能读。"
)


def attach(app: typer.Typer) -> None:
    """Give the command to `adapter`."""
    app.command()(subject)


def subject(
    purpose: Annotated[str, typer.Option(help="目的 / purpose: subject, audit")],
    number_file: Annotated[
        Path | None, typer.Option(help="第一行是号码的文件 / file whose first line is the number, for scripts")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
    ] = Path("var/county"),
) -> None:
    """本县保存的、与一个人有关的一切，隐去显示 / everything about one person, masked; the look is written down."""
    from adapters.hall.privacy.subject.desk import SubjectDesk  # noqa: PLC0415 -- the store is loaded only here
    from adapters.hall.privacy.subject.found import KINDS  # noqa: PLC0415
    from adapters.identity import Identity  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from adapters.store import exists, open_store  # noqa: PLC0415
    from pages.frame import moment  # noqa: PLC0415

    settings = CountySettings.load(folder)
    identity = Identity.load(settings)
    if not exists(settings.database):
        raise YunhuobanError(NEVER_RAN, place=folder.name)
    typed = _typed(number_file)
    store = open_store(settings.database)
    try:
        desk = SubjectDesk(store=store, identity=identity, clock=now)
        found = desk.look(typed, account=f"os:{getpass.getuser()}", purpose=purpose)
    finally:
        store.close()
    table = Table(*map(wording.say, (_("类别"), _("时间"), _("编号"), _("内容"))), title=found.number)
    for each in found.found:
        at = moment(each.at) if each.at is not None else "—"
        table.add_row(wording.say(KINDS[each.kind]), at, each.place, each.said)
    show_table(table)
    looks = Table(*map(wording.say, (_("时间"), _("账号"), _("办件编号"), _("目的"))))
    for look in found.looks:
        looks.add_row(moment(look.at), look.account, look.case_no, look.purpose)
    show_table(looks)


def _typed(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt(wording.say(_("公民身份号码或统一社会信用代码")), hide_input=True))
    try:
        return file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, ValueError, IndexError) as error:
        raise YunhuobanError(NO_FILE, place=file.name, found=type(error).__name__) from error
