"""The record of what was done with accounts: who, about whom, what, when, from which address. Only ever added to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, insert, select

from pages.people.tables import ADDRESS_CHARACTERS, PeopleTables
from pages.wording import mark as _

NEWEST: Final = 500  # shown on the page


class What(StrEnum):
    """What happened."""

    ADDED = "added"
    ROLES = "roles"
    MOVED = "moved"
    PASSWORD_SET = "password_set"  # noqa: S105 -- the name of an event
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- the same
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    LEFT = "left"
    FACTOR_RESET = "factor_reset"
    FACTOR_ENROLLED = "factor_enrolled"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    RECOVERY_USED = "recovery_used"
    FAILED = "failed"
    MADE_TO_WAIT = "made_to_wait"
    VOUCHED = "vouched"
    UNIT_ADDED = "unit_added"
    UNIT_MOVED = "unit_moved"


WORDS: Final[Mapping[What, str]] = {
    What.ADDED: _("新建账号"),
    What.ROLES: _("修改角色"),
    What.MOVED: _("调整所属单位"),
    What.PASSWORD_SET: _("重设密码"),
    What.PASSWORD_CHANGED: _("本人修改密码"),
    What.LOCKED: _("锁定"),
    What.UNLOCKED: _("解锁"),
    What.LEFT: _("离岗"),
    What.FACTOR_RESET: _("重置第二因素"),
    What.FACTOR_ENROLLED: _("绑定第二因素"),
    What.SIGNED_IN: _("登录"),
    What.SIGNED_OUT: _("退出"),
    What.RECOVERY_USED: _("用恢复码登录"),
    What.FAILED: _("登录失败"),
    What.MADE_TO_WAIT: _("失败太多，暂停登录"),
    What.VOUCHED: _("作为第二人签字"),
    What.UNIT_ADDED: _("增加单位"),
    What.UNIT_MOVED: _("调整上级单位"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the record."""

    at: datetime
    what: What
    account: str
    by: str
    address: str
    detail: str


def record(
    tx: Connection,
    tables: PeopleTables,
    what: What,
    *,
    at: int,
    account: str,
    by: str,
    address: str = "",
    detail: str = "",
) -> None:
    """Add a line, in the transaction of what it tells of."""
    values = {"at": at, "what": what.value, "account": account, "by": by, "detail": detail}
    tx.execute(insert(tables.events).values(address=address[:ADDRESS_CHARACTERS], **values))


def newest(tx: Connection, tables: PeopleTables, *, limit: int = NEWEST) -> Sequence[Event]:
    """The last lines, newest first."""
    table = tables.events
    rows = tx.execute(select(table).order_by(table.c.id.desc()).limit(limit))
    return [
        Event(
            at=datetime.fromtimestamp(row.at / 1000, UTC),
            what=What(row.what),
            account=row.account,
            by=row.by,
            address=row.address,
            detail=row.detail,
        )
        for row in rows
    ]
