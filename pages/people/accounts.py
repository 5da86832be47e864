"""The accounts: who may sign in, as what, and where in the organisation. County IT keeps them; none is ever deleted.

Each change is one transaction with its line in the record, and ends all sessions of the account, so that nobody goes on
with rights they no longer have.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from pages.people import events, passwords
from pages.people.events import What
from pages.people.lockout import Tally
from pages.people.organisation import UNIT_UNKNOWN
from pages.people.person import FORBIDDEN_TOGETHER, Person, Role
from pages.people.storing import Sealing, Shelf
from pages.people.tallies import keep_tally, of_account
from schemas.errors import YunhuobanError, declare

BAD_NAME: Final = declare(
    "E-USER-001",
    "账号名不合要求：2 到 32 个小写字母、数字、点、横线，字母开头。",
    "请换一个账号名，例如姓名拼音加数字。",
)
TAKEN: Final = declare("E-USER-002", "这个账号名已经用过。", "请换一个账号名；离岗人员的账号名不再给别人用。")
UNKNOWN: Final = declare(
    "E-USER-003", "没有这个账号。", "请用 adapter user list（县）或 hub user list（中枢）看有哪些。"
)
BAD_ROLES: Final = declare(
    "E-USER-004",
    "这些角色不能给同一个账号，或者没有这样的角色。",
    "请按职责分开：打印与保管空白证照、管理与审计，各由一人。",
)
HAS_LEFT: Final = declare("E-USER-007", "这个账号已经离岗，不能再改。", "本人回岗时，请用新的账号名新建账号。")
BAD_PERSON: Final = declare("E-USER-008", "没有填姓名，或者姓名太长。", "请填写本人姓名，最多 40 个字。")

_NAME: Final = re.compile(r"[a-z][a-z0-9.-]{1,31}")
_RESERVED: Final = frozenset({"desk", "system", "second-person", "new", "events"})
"""Stand in ledgers already, for no person; or are pages beside those of the accounts."""
_LONGEST_NAME: Final = 40


class State(StrEnum):
    """Of an account."""

    ACTIVE = "active"
    LOCKED = "locked"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as county IT sees it."""

    person: Person
    state: State
    enrolled: bool
    must_change: bool


class AccountBook:
    """Keeps the accounts of one store. `by` is who does it, `address` from where, both for the record."""

    def __init__(self, shelf: Shelf, *, allowed: frozenset[Role]) -> None:
        """`allowed` are the roles that exist on this side, the county's or the hub's."""
        self._shelf = shelf
        self._tables = shelf.tables
        self._allowed = allowed

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that exist on this side."""
        return self._allowed

    def add(
        self,
        account: str,
        *,
        name: str,
        roles: Iterable[str],
        password: str,
        by: str,
        unit: str = "",
        address: str = "",
    ) -> None:
        """Open an account; its password is for the first sign-in only. Raises E-USER-001, -002, -004, -005, -008."""
        if _NAME.fullmatch(account) is None or account in _RESERVED:
            raise YunhuobanError(BAD_NAME, place="account")
        if not 1 <= len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
            raise YunhuobanError(BAD_PERSON, place="name")
        kept = self._roles(roles)
        passwords.check(password, account, self._shelf.words())
        values = {
            "account": account,
            "name_sealed": self._shelf.sealing.seal(name.strip().encode(), place=name_place(account)),
            "roles": kept,
            "unit": unit or None,
            "password_hash": passwords.hashed(password),
            "must_change": True,
            "state": State.ACTIVE.value,
            "created_at": self._shelf.now(),
        }
        with self._shelf.store.write() as tx:
            self._require_unit(tx, unit)
            if self._row(tx, account) is not None:
                raise YunhuobanError(TAKEN, place=account)
            try:
                tx.execute(insert(self._tables.accounts).values(**values))
            except IntegrityError:
                raise YunhuobanError(TAKEN, place=account) from None
            self._record(tx, What.ADDED, account, by, address, kept)

    def accounts(self) -> Sequence[Account]:
        """All, also those that left, by name."""
        with self._shelf.store.read() as tx:
            rows = tx.execute(select(self._tables.accounts).order_by(self._tables.accounts.c.account)).all()
        return [self._account(row) for row in rows]

    def one(self, account: str) -> Account | None:
        """One, or none of that name."""
        with self._shelf.store.read() as tx:
            row = self._row(tx, account)
        return None if row is None else self._account(row)

    def set_roles(self, account: str, roles: Iterable[str], *, by: str, address: str = "") -> None:
        """Give other roles instead. Raises E-USER-003, -004, -007."""
        kept = self._roles(roles)
        self._change(account, What.ROLES, by, address, detail=kept, roles=kept)

    def move(self, account: str, unit: str, *, by: str, address: str = "") -> None:
        """Put it into another unit. Raises E-USER-003, -007, -009."""
        with self._shelf.store.read() as tx:
            self._require_unit(tx, unit)
        self._change(account, What.MOVED, by, address, detail=unit, unit=unit or None)

    def set_password(self, account: str, password: str, *, by: str, address: str = "") -> None:
        """Give a new one, to be changed at the next sign-in. Raises E-USER-003, -005, -007."""
        passwords.check(password, account, self._shelf.words())
        kept = passwords.hashed(password)
        self._change(account, What.PASSWORD_SET, by, address, password_hash=kept, must_change=True)

    def lock(self, account: str, *, by: str, address: str = "") -> None:
        """Nobody signs in with it until it is unlocked. Raises E-USER-003, -007."""
        self._change(account, What.LOCKED, by, address, state=State.LOCKED.value)

    def unlock(self, account: str, *, by: str, address: str = "") -> None:
        """Open it again, also when too many failures have made it wait. Raises E-USER-003, -007."""
        self._change(account, What.UNLOCKED, by, address, state=State.ACTIVE.value)

    def leave(self, account: str, *, by: str, address: str = "") -> None:
        """Its person has left: for ever. Raises E-USER-003, -007."""
        self._change(account, What.LEFT, by, address, state=State.LEFT.value, secret_sealed=None, enrolled_at=None)

    def reset_second_factor(self, account: str, *, by: str, address: str = "") -> None:
        """Forget telephone and recovery codes: both are set up anew at the next sign-in. Raises E-USER-003, -007."""
        self._change(account, What.FACTOR_RESET, by, address, secret_sealed=None, enrolled_at=None, last_step=None)

    def _change(self, account: str, what: What, by: str, address: str, *, detail: str = "", **values: Any) -> None:
        tables = self._tables
        with self._shelf.store.write() as tx:
            row = self._row(tx, account)
            if row is None:
                raise YunhuobanError(UNKNOWN, place="account")
            if row.state == State.LEFT:
                raise YunhuobanError(HAS_LEFT, place=account)
            tx.execute(update(tables.accounts).where(tables.accounts.c.account == account).values(**values))
            tx.execute(delete(tables.sessions).where(tables.sessions.c.account == account))
            if what in (What.FACTOR_RESET, What.LEFT):
                tx.execute(delete(tables.recovery_codes).where(tables.recovery_codes.c.account == account))
            if what in (What.UNLOCKED, What.PASSWORD_SET):
                keep_tally(tx, tables, of_account(account), Tally())
            self._record(tx, what, account, by, address, detail)

    def _roles(self, roles: Iterable[str]) -> str:
        given = set(roles)
        known = given <= {each.value for each in self._allowed}
        if not given or not known or any(each <= given for each in FORBIDDEN_TOGETHER):
            raise YunhuobanError(BAD_ROLES, place="roles", expected=", ".join(sorted(self._allowed)))
        return ",".join(sorted(given))

    def _require_unit(self, tx: Connection, unit: str) -> None:
        table = self._tables.units
        if unit and tx.scalar(select(table.c.unit).where(table.c.unit == unit)) is None:
            raise YunhuobanError(UNIT_UNKNOWN, place="unit")

    def _record(self, tx: Connection, what: What, account: str, by: str, address: str, detail: str) -> None:
        at = self._shelf.now()
        events.record(tx, self._tables, what, at=at, account=account, by=by, address=address, detail=detail)

    def _row(self, tx: Connection, account: str) -> Row[Any] | None:
        table = self._tables.accounts
        return tx.execute(select(table).where(table.c.account == account).with_for_update()).one_or_none()

    def _account(self, row: Row[Any]) -> Account:
        return Account(
            person=person_in(row, self._shelf),
            state=State(row.state),
            enrolled=row.enrolled_at is not None,
            must_change=row.must_change,
        )


def person_in(row: Row[Any], shelf: Shelf) -> Person:
    """The person of a row of the accounts."""
    return Person(
        account=row.account,
        name=name_in(row, shelf.sealing),
        roles=frozenset(Role(each) for each in row.roles.split(",")),
        unit=row.unit or "",
    )


def name_in(row: Row[Any], sealing: Sealing) -> str:
    """Whose account it is; empty once the person has left and the time for the name is over."""
    return sealing.open(row.name_sealed, place=name_place(row.account)).decode() if row.name_sealed else ""


def name_place(account: str) -> str:
    """Where a name lies sealed."""
    return f"people_accounts.name_sealed/{account}"


def secret_place(account: str) -> str:
    """Where the secret of a second factor lies sealed."""
    return f"people_accounts.secret_sealed/{account}"
