"""Signing in, step by step: password, second factor (enrolled at the first time), a new password where one is due.

Answers do not tell whether an account exists, nor does the time they take. Each step that gives more rights gives
another session id. Nothing is verified inside a transaction: a password costs a tenth of a second on purpose.
"""

from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from pages.people import events, passwords, secondfactor
from pages.people.accounts import State, person_in, secret_place
from pages.people.attempts import Attempts
from pages.people.events import What
from pages.people.person import Person, Role
from pages.people.sessions import SessionBook
from pages.people.signed import Signed, Step
from pages.people.storing import Shelf
from schemas.errors import YunhuobanError, declare

REFUSED: Final = declare(
    "E-PAGE-061",
    "账号或密码不对，或者这个账号现在不能登录。",
    "请再核对一次；忘记密码或账号被锁定时，请县信息中心处理。",
)
WRONG_CODE: Final = declare(
    "E-PAGE-063",
    "验证码不对，或者已经用过。",
    "请等手机上出现下一个验证码再填；手机不在身边时填一个恢复码，都没有时请县信息中心重置。",
)
WRONG_OLD: Final = declare("E-PAGE-064", "原来的密码不对。", "请填写现在登录用的密码。")
NOT_THE_SAME: Final = declare("E-PAGE-065", "两次填写的新密码不一样。", "请把新密码再填两遍。")
NOT_ANOTHER: Final = declare(
    "E-PAGE-066",
    "第二人必须是另一位有窗口、审批或保管角色的人；在中枢是另一位系统管理员或安全管理员。",
    "请另一位同事用自己的账号、密码和验证码签字。",
)
EXPIRED: Final = declare("E-PAGE-067", "登录等得太久，已经中断。", "请从账号和密码重新开始。")

_MAY_VOUCH: Final = frozenset({Role.CLERK, Role.APPROVER, Role.STOCK_KEEPER, Role.OPERATOR, Role.SECURITY})
"""Who has a hand in the work; whoever looks on (auditor) or keeps a county's accounts (county IT) signs for nobody."""


class SignIn:
    """The way in for the accounts of one store; thread-safe, every step is a transaction of its own."""

    def __init__(self, shelf: Shelf, sessions: SessionBook) -> None:
        self.shelf = shelf
        self._tables = shelf.tables
        self.sessions = sessions
        self._attempts = Attempts(shelf)

    def signed(self, session: str, *, attended: bool) -> Signed | None:
        """Who holds this session; none when there is no such one (any more)."""
        return self.sessions.signed(session, attended=attended)

    def enter(self, account: str, password: str, address: str) -> str:
        """The first step; returns a session for the next one. Raises E-PAGE-061, -062."""
        row = self._password(account, password, address)
        outdated = passwords.is_outdated(row.password_hash)
        kept = passwords.hashed(password) if outdated else row.password_hash
        accounts = self._tables.accounts
        same = (accounts.c.account == account, accounts.c.password_hash == row.password_hash)
        with self.shelf.store.write() as tx:
            if not tx.execute(update(accounts).where(*same).values(password_hash=kept)).rowcount:
                raise YunhuobanError(REFUSED, place="account")  # it was changed while we verified
            self._attempts.right(tx, account, address, whole=False)
            return self.sessions.open(tx, account, Step.ENROL if row.enrolled_at is None else Step.SECOND)

    def second(self, session: str, typed: str, address: str) -> str:
        """The second factor, or a recovery code; returns the next session. Raises E-PAGE-062, -063, -067."""
        row = self._holder(session, Step.SECOND)
        self._attempts.begin(row.account, address)
        with self.shelf.store.write() as tx:
            how = self._use_code(tx, row, typed) or self._use_recovery(tx, row.account, typed)
            if how is not None:
                return self._advance(tx, session, row, address, how)
        self._attempts.failed(row.account, address, known=True)
        raise YunhuobanError(WRONG_CODE, place="code")

    def enrolment(self, session: str) -> tuple[str, str]:
        """The secret to set up and its address for the QR code, the same until it is. Raises E-PAGE-067."""
        row = self._holder(session, Step.ENROL)
        secret = self._secret(row)
        if secret is None:
            secret = secondfactor.new_secret()
            sealed = self.shelf.sealing.seal(secret.encode(), place=secret_place(row.account))
            accounts = self._tables.accounts
            with self.shelf.store.write() as tx:
                fresh = (accounts.c.account == row.account, accounts.c.secret_sealed.is_(None))
                tx.execute(update(accounts).where(*fresh).values(secret_sealed=sealed))
            secret = self._secret(self._holder(session, Step.ENROL)) or secret  # two pages at once: the first one's
        return secret, secondfactor.uri(secret, row.account)

    def enrol(self, session: str, typed: str, address: str) -> tuple[str, list[str]]:
        """Prove that the telephone has it; returns the next session and the recovery codes, shown this once.

        Raises E-PAGE-062, -063, -067.
        """
        row = self._holder(session, Step.ENROL)
        self._attempts.begin(row.account, address)
        with self.shelf.store.write() as tx:
            if self._use_code(tx, row, typed) is not None:
                codes, table = secondfactor.new_recovery_codes(), self._tables.recovery_codes
                tx.execute(delete(table).where(table.c.account == row.account))
                digests = [secondfactor.recovery_digest(row.account, each) for each in codes]
                tx.execute(insert(table), [{"code_sha256": each, "account": row.account} for each in digests])
                self._set(tx, row.account, enrolled_at=self.shelf.now())
                self._record(tx, What.FACTOR_ENROLLED, row.account, address)
                return self._advance(tx, session, row, address, What.SIGNED_IN), codes
        self._attempts.failed(row.account, address, known=True)
        raise YunhuobanError(WRONG_CODE, place="code")

    def change_password(self, session: str, *, old: str, new: str, again: str, address: str) -> str:
        """Another password; every session ends but the one returned.

        Raises E-PAGE-062, -064, -065, -067, E-USER-005.
        """
        row = self._holder(session, Step.CHANGE, Step.DONE)
        if new != again:
            raise YunhuobanError(NOT_THE_SAME, place="new")
        passwords.check(new, row.account, self.shelf.words())
        if old == new:
            raise YunhuobanError(passwords.TOO_WEAK, place="new")
        self._attempts.begin(row.account, address)
        if not passwords.is_right(row.password_hash, old):
            self._attempts.failed(row.account, address, known=True)
            raise YunhuobanError(WRONG_OLD, place="old")
        kept = passwords.hashed(new)
        with self.shelf.store.write() as tx:
            self._set(tx, row.account, password_hash=kept, must_change=False)
            self._attempts.right(tx, row.account, address, whole=True)
            self._record(tx, What.PASSWORD_CHANGED, row.account, address)
            self.sessions.end_all(tx, row.account)
            return self.sessions.open(tx, row.account, Step.DONE)

    def sign_out(self, session: str, address: str) -> None:
        """End a session; harmless when it has ended."""
        with self.shelf.store.write() as tx:
            row = self.sessions.row(tx, session)
            if row is not None:
                self.sessions.end(tx, session)
                self._record(tx, What.SIGNED_OUT, row.account, address)

    def vouch(self, account: str, password: str, typed: str, *, first: str, address: str) -> Person:
        """A second person signs beside the first, with both factors, without a session of their own.

        Raises E-PAGE-061, -062, -063, -066.
        """
        if account == first:
            raise YunhuobanError(NOT_ANOTHER, place="witness")
        row = self._password(account, password, address)
        person = person_in(row, self.shelf)
        if not person.roles & _MAY_VOUCH:
            raise YunhuobanError(NOT_ANOTHER, place="witness")
        at, ready = self.shelf.now(), row.enrolled_at is not None and not row.must_change
        with self.shelf.store.write() as tx:
            if ready and self._use_code(tx, row, typed) is not None:
                self._attempts.right(tx, account, address, whole=True)
                events.record(tx, self._tables, What.VOUCHED, at=at, account=account, by=first, address=address)
                return person
        self._attempts.failed(account, address, known=True)
        raise YunhuobanError(WRONG_CODE, place="witness_code")

    def _password(self, account: str, password: str, address: str) -> Row[Any]:
        """The account whose password this is, counted as an attempt. Raises E-PAGE-061, -062."""
        self._attempts.begin(account, address)
        accounts = self._tables.accounts
        with self.shelf.store.read() as tx:
            row = tx.execute(select(accounts).where(accounts.c.account == account)).one_or_none()
        right = passwords.is_right(None if row is None else row.password_hash, password)
        if row is None or not right or row.state != State.ACTIVE.value:
            self._attempts.failed(account, address, known=row is not None)
            raise YunhuobanError(REFUSED, place="account")
        return row

    def _holder(self, session: str, *steps: Step) -> Row[Any]:
        with self.shelf.store.read() as tx:
            row = self.sessions.row(tx, session)
        if row is None or row.step not in steps:
            raise YunhuobanError(EXPIRED, place="session")
        return row

    def _use_code(self, tx: Connection, row: Row[Any], typed: str) -> What | None:
        """Use up a code of the second factor; two requests with the same one are one."""
        secret = self._secret(row)
        step = secret and secondfactor.step_of(secret, typed, self.shelf.clock(), row.last_step)
        if not step:
            return None
        accounts = self._tables.accounts
        unused = or_(accounts.c.last_step.is_(None), accounts.c.last_step < step)
        done = tx.execute(update(accounts).where(accounts.c.account == row.account, unused).values(last_step=step))
        return What.SIGNED_IN if done.rowcount else None

    def _use_recovery(self, tx: Connection, account: str, typed: str) -> What | None:
        table = self._tables.recovery_codes
        same = table.c.code_sha256 == secondfactor.recovery_digest(account, typed)
        done = tx.execute(delete(table).where(same, table.c.account == account))
        return What.RECOVERY_USED if done.rowcount else None

    def _advance(self, tx: Connection, session: str, row: Row[Any], address: str, how: What) -> str:
        self._attempts.right(tx, row.account, address, whole=True)
        self._record(tx, how, row.account, address)
        self.sessions.end(tx, session)
        return self.sessions.open(tx, row.account, Step.CHANGE if row.must_change else Step.DONE)

    def _secret(self, row: Row[Any]) -> str | None:
        if row.secret_sealed is None:
            return None
        return self.shelf.sealing.open(row.secret_sealed, place=secret_place(row.account)).decode()

    def _set(self, tx: Connection, account: str, **values: Any) -> None:
        accounts = self._tables.accounts
        tx.execute(update(accounts).where(accounts.c.account == account).values(**values))

    def _record(self, tx: Connection, what: What, account: str, address: str) -> None:
        at = self.shelf.now()
        events.record(tx, self._tables, what, at=at, account=account, by=account, address=address)
