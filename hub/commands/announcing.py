"""`hub announce`: tell every county of maintenance, list what is announced, take a notice back."""

from datetime import datetime, timedelta, timezone
from typing import Annotated, Final

import typer
from rich.table import Table

from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, store_of
from hub.instants import now
from hub.record.acts import Act
from hub.record.noting import note
from hub.registry import announcements
from hub.views.bilingual import moment
from pages import wording
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError
from schemas.notices import NO_TIMES, Notice

_BEIJING: Final = timezone(timedelta(hours=8))


def announce(
    begins: Annotated[str, typer.Option("--from", help="开始，北京时间 / from, Beijing time")] = "",
    ends: Annotated[str, typer.Option("--to", help="结束 / to")] = "",
    zh: Annotated[str, typer.Option("--zh", help="中文一行 / one line in Chinese")] = "",
    en: Annotated[str, typer.Option("--en", help="英文一行 / one line in English")] = "",
    withdraw: Annotated[int | None, typer.Option("--withdraw", metavar="N", help="撤回 / take back")] = None,
    folder: Folder = HERE,
) -> None:
    """向各县通知维护；不带选项则列出 / tell every county of maintenance; without options, list the notices."""
    at = now()
    with store_of(folder) as store:
        if withdraw is not None:
            with store.write() as tx:
                announcements.withdraw(tx, withdraw, now=at)
                note(tx, at_terminal(), Act.ANNOUNCEMENT_WITHDRAWN, at=at, about=str(withdraw))
        elif any((begins, ends, zh, en)):
            notice = Notice(from_at=_instant(begins, "from"), to_at=_instant(ends, "to"), zh=zh.strip(), en=en.strip())
            with store.write() as tx:
                number = announcements.announce(tx, notice, now=at)
                note(tx, at_terminal(), Act.ANNOUNCED, at=at, about=str(number))
            for language in wording.LANGUAGES:
                console.print(wording.say(_("已通知：随下一份目录送到各县，显示在打印台上。"), language))
        with store.read() as tx:
            found = announcements.current(tx, at)
    table = Table("编号 number", "开始 from", "结束 to", "中文", "English")
    for each in found:
        said = each.notice
        table.add_row(str(each.number), moment(said.from_at), moment(said.to_at), said.zh, said.en)
    show_table(table)


def _instant(typed: str, place: str) -> datetime:
    """A time as a person types it; without a zone it is Beijing's. Raises E-OPS-080."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise YunhuobanError(NO_TIMES, place=place, found=typed[:40], expected="2026-11-28T20:00") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=_BEIJING)
