"""The book of looks: a row is written before anything is shown, in a transaction of its own.

Source: GB/T 35273-2020 7.1–7.2 (de-identified display, minimal access, record of it); PIPL art. 51, 54.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from adapters.hall.revealing.tables import reveals
from adapters.instants import from_millis, to_millis
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

NO_PURPOSE: Final = declare("E-LOOK-001", "没有说明查看的目的。", "请选择目的再查看；每次查看都会留下记录。")
MOST: Final = 500


class What(StrEnum):
    """What was shown."""

    APPLICATION = "application"
    HOLDER = "holder"
    SCANS = "scans"
    SEARCH = "search"
    SUBJECT = "subject"
    AROUND = "around"
    EXPERT = "expert"


PURPOSES: Final[Mapping[str, str]] = {
    "examine": _("审查申请"),
    "identity": _("核验身份"),
    "contact": _("联系申请人"),
    "subject": _("本人查询自己的信息"),
    "audit": _("审计检查"),
}
"""Offered as a list: free text would hold names. A clerk chooses one each time."""

WHATS: Final[Mapping[str, str]] = {
    What.APPLICATION: _("申请内容"),
    What.HOLDER: _("持证人"),
    What.SCANS: _("材料扫描件"),
    What.SEARCH: _("查找持证人"),
    What.SUBJECT: _("一个人的全部信息（隐去）"),
    What.AROUND: _("往来内容"),
    What.EXPERT: _("专家的姓名与电话"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One row."""

    account: str
    case_no: str
    what: str
    purpose: str
    at: datetime


def note(tx: Connection, *, account: str, case_no: str, what: What, purpose: str, now: datetime) -> None:
    """Write down who looks, at what and why. Raises E-LOOK-001 for a purpose that is none."""
    if purpose not in PURPOSES:
        raise YunhuobanError(NO_PURPOSE, place="purpose", expected=", ".join(PURPOSES))
    tx.execute(
        insert(reveals).values(
            account=account, case_no=case_no, what=what.value, purpose=purpose, revealed_at=to_millis(now)
        )
    )


def looks(tx: Connection, case_no: str = "") -> Sequence[Look]:
    """The newest looks, of one case if given; at most `MOST`."""
    wanted = select(reveals).order_by(reveals.c.id.desc()).limit(MOST)
    if case_no:
        wanted = wanted.where(reveals.c.case_no == case_no)
    return [_look(row) for row in tx.execute(wanted)]


def looks_at(tx: Connection, cases: Sequence[str]) -> Sequence[Look]:
    """Every look at any of these cases, oldest first."""
    wanted = select(reveals).where(reveals.c.case_no.in_(cases)).order_by(reveals.c.id)
    return [_look(row) for row in tx.execute(wanted)]


def looks_by(tx: Connection, account: str, since: datetime, until: datetime) -> Sequence[Look]:
    """Every look of one account in a time, oldest first."""
    when = reveals.c.revealed_at.between(to_millis(since), to_millis(until))
    wanted = select(reveals).where(reveals.c.account == account, when).order_by(reveals.c.id)
    return [_look(row) for row in tx.execute(wanted)]


def every_look(tx: Connection) -> Sequence[Look]:
    """The whole book, oldest first: for a file, not for a page."""
    return [_look(row) for row in tx.execute(select(reveals).order_by(reveals.c.id))]


def _look(row: Any) -> Look:
    return Look(
        account=row.account,
        case_no=row.case_no,
        what=row.what,
        purpose=row.purpose,
        at=from_millis(row.revealed_at),
    )
