"""What an export holds: everything about one person, the book of looks, or the accounts with their names.

These are the lists in which personal data can leave the pages. The month-end list of blank stock names accounts only
and goes without a second person; cases, approvals and prints are masked on their pages and have no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from adapters.hall.people.tables import TABLES
from adapters.hall.privacy.subject.found import KINDS, Subject
from adapters.hall.privacy.subject.searching import search
from adapters.hall.revealing.book import PURPOSES, WHATS, Look, every_look
from adapters.identity import Identity
from pages.frame import BEIJING
from pages.people.accounts import name_in
from pages.wording import mark as _


class Contents(StrEnum):
    """Which list."""

    SUBJECT = "subject"
    LOOKS = "looks"
    ACCOUNTS = "accounts"


CONTENTS: Final[Mapping[Contents, str]] = {
    Contents.SUBJECT: _("一个人的全部信息"),
    Contents.LOOKS: _("查看记录"),
    Contents.ACCOUNTS: _("账号与姓名"),
}
_LOOKS: Final = ("时间", "账号", "办件编号", "看了什么", "目的")
_ACCOUNTS: Final = ("账号", "姓名", "角色", "单位", "状态")
_FOUND: Final = ("类别", "时间", "编号", "内容", "字段", "值")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of an export."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)
    widths: Sequence[int]


def sheets(tx: Connection, identity: Identity, kind: Contents, about: str) -> list[Sheet]:
    """The whole of it, in full."""
    match kind:
        case Contents.SUBJECT:
            return _subject(search(tx, identity, about, revealed=True))
        case Contents.LOOKS:
            return [_looks(every_look(tx))]
        case Contents.ACCOUNTS:
            return [_accounts(tx, identity)]


def _subject(found: Subject) -> list[Sheet]:
    rows = []
    for each in found.found:
        head = [KINDS[each.kind], _at(each.at), each.place, each.said]
        rows += [[*head, one.label, one.value] for one in each.fields] or [[*head, "", ""]]
    about = [["号码", found.number], *(["姓名或名称", name] for name in found.names)]
    return [
        Sheet(heading="查询的人", columns=("项目", "值"), rows=about, widths=(1, 4)),
        Sheet(heading="保存的内容", columns=_FOUND, rows=rows, widths=(3, 4, 6, 6, 4, 8)),
        _looks(found.looks),
    ]


def _looks(found: Sequence[Look]) -> Sheet:
    rows = [[_at(each.at), each.account, each.case_no, WHATS[each.what], PURPOSES[each.purpose]] for each in found]
    return Sheet(heading="查看记录", columns=_LOOKS, rows=rows, widths=(4, 3, 6, 4, 4))


def _accounts(tx: Connection, identity: Identity) -> Sheet:
    accounts = TABLES.accounts
    rows = [
        [
            row.account,
            name_in(row, identity.storage),
            row.roles,
            row.unit or "",
            row.state,
        ]
        for row in tx.execute(select(accounts).order_by(accounts.c.account))
    ]
    return Sheet(heading="账号", columns=_ACCOUNTS, rows=rows, widths=(3, 3, 6, 3, 2))


def _at(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if at is not None else ""
