"""`adapter subject` and `adapter breach`: one person, and the persons of one misused account, masked, in the terminal.

The number is typed, or read from a file: an argument would stand in the list of processes and in the shell's history.
"""

from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from adapters.countyit.status.commands import NEVER_RAN
from adapters.settings import CountySettings
from pages import oslogin, wording
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.identity import Identity
    from adapters.store import Store

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
_HERE: Final = Path("var/county")
NO_FILE: Final = declare(
    "E-SUBJ-002", "号码文件读不出来，或者里面没有号码。", "请检查 --number-file 所指的文件：第一行是号码，只有您能读。"
)


def subject(
    purpose: Annotated[str, typer.Option(help="目的 / purpose: subject, audit")],
    number_file: Annotated[
        Path | None, typer.Option(help="第一行是号码的文件 / file whose first line is the number, for scripts")
    ] = None,
    folder: Folder = _HERE,
) -> None:
    """本县保存的、与一个人有关的一切，隐去显示 / everything about one person, masked; the look is written down."""
    from adapters.hall.privacy.subject.desk import SubjectDesk  # noqa: PLC0415 -- the store is loaded only here
    from adapters.hall.privacy.subject.found import KINDS  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from pages.frame import moment  # noqa: PLC0415

    with _opened(folder) as (store, identity):
        desk = SubjectDesk(store=store, identity=identity, clock=now)
        found = desk.look(_typed(number_file), account=oslogin.account(), purpose=purpose)
    table = Table(*map(wording.say, (_("类别"), _("时间"), _("编号"), _("内容"))), title=found.number)
    for each in found.found:
        at = moment(each.at) if each.at is not None else "—"
        table.add_row(wording.say(KINDS[each.kind]), at, each.place, each.said)
    show_table(table)
    looks = Table(*map(wording.say, (_("时间"), _("账号"), _("办件编号"), _("目的"))))
    for look in found.looks:
        looks.add_row(moment(look.at), look.account, look.case_no, look.purpose)
    show_table(looks)


def breach(
    account: Annotated[str, typer.Argument(help="被盗用的账号 / the account that was misused")],
    since: Annotated[datetime, typer.Option(help="从哪天起 / from this day", formats=["%Y-%m-%d"])],
    until: Annotated[datetime | None, typer.Option(help="到哪天 / to this day", formats=["%Y-%m-%d"])] = None,
    folder: Folder = _HERE,
) -> None:
    """账号被盗用时涉及哪些人：看过的办件与取走的文件 / whom a misused account concerns: cases seen, files taken."""
    from adapters.hall.privacy.exporting.contents import CONTENTS, Contents  # noqa: PLC0415 -- loaded only where it is shown
    from adapters.hall.privacy.subject.breach import concerned  # noqa: PLC0415
    from adapters.hall.revealing.book import PURPOSES, WHATS  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from pages.frame import BEIJING, moment  # noqa: PLC0415

    begin = since.replace(tzinfo=BEIJING)
    end = until.replace(tzinfo=BEIJING) + timedelta(days=1) if until is not None else now()
    with _opened(folder) as (store, identity), store.read() as tx:
        found = concerned(tx, identity, account, begin, end)
    table = Table(
        *map(wording.say, (_("办件编号"), _("姓名或名称"), _("看了什么"), _("目的"), _("时间"))), title=account
    )
    for case in found.cases:
        people = "\n".join(f"{name} {number}" for name, number in case.persons) or "—"
        for look in case.looks:
            what, why = wording.say(WHATS[look.what]), wording.say(PURPOSES[look.purpose])
            table.add_row(case.case_no, people, what, why, moment(look.at))
    show_table(table)
    files = Table(*map(wording.say, (_("导出"), _("内容"), _("目的"), _("时间"))))
    for each in found.exports:
        at = moment(each.taken_at) if each.taken_at is not None else "—"
        files.add_row(each.number, wording.say(CONTENTS[Contents(each.kind)]), wording.say(PURPOSES[each.purpose]), at)
    show_table(files)


@contextmanager
def _opened(folder: Path) -> "Iterator[tuple[Store, Identity]]":
    from adapters.identity import Identity  # noqa: PLC0415 -- keys and store are loaded only where they are read
    from adapters.store import exists, open_store  # noqa: PLC0415

    settings = CountySettings.load(folder)
    identity = Identity.load(settings)
    if not exists(settings.database):
        raise YunhuobanError(NEVER_RAN, place=folder.name)
    store = open_store(settings.database)
    try:
        yield store, identity
    finally:
        store.close()


def _typed(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt(wording.say(_("公民身份号码或统一社会信用代码")), hide_input=True))
    try:
        return file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, ValueError, IndexError) as error:
        raise YunhuobanError(NO_FILE, place=file.name, found=type(error).__name__) from error
