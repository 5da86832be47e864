"""What the state of a node says about people: a county in earnest whose desk nobody can open."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from adapters.hall.people.tables import TABLES
from pages.people.accounts import State
from pages.people.person import Role
from schemas.errors import YunhuobanError, declare

NOBODY_SIGNS_IN: Final = declare(
    "E-USER-015", "正式运行的县还没有窗口人员的账号，没有人能打开打印台。", "请用 adapter user add 建立账号。"
)


def lacking(tx: Connection, *, trial: bool) -> Iterator[YunhuobanError]:
    """What is to be done about accounts; on trial the machine's own address opens everything."""
    accounts = TABLES.accounts
    active = select(accounts.c.roles).where(accounts.c.state == State.ACTIVE.value)
    if not trial and not any(Role.CLERK in roles.split(",") for roles in tx.scalars(active)):
        yield YunhuobanError(NOBODY_SIGNS_IN, place="people_accounts")
