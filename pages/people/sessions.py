"""Sessions on the server: only the digest of a session's id is kept, and what is still asked of who holds it.

It ends after fifteen minutes in which nobody did anything, after twelve hours in any case, and at once when the account
changes. Each rise of rights gives a new id (OWASP session management).
"""

import hashlib
import secrets
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from pages.people.accounts import State, person_in
from pages.people.signed import Signed, Step
from pages.people.storing import Shelf

IDLE_SECONDS: Final = 15 * 60
LONGEST_SECONDS: Final = 12 * 3600  # one working day at a window
SEEN_EVERY_SECONDS: Final = 30  # a page asks every few seconds; not each of them is worth a write
HALF_WAY_SECONDS: Final = 10 * 60  # between password and second factor


class SessionBook:
    """The sessions of one store."""

    def __init__(self, shelf: Shelf, *, idle_seconds: int = IDLE_SECONDS) -> None:
        self._shelf = shelf
        self._table = shelf.tables.sessions
        self._idle_millis = idle_seconds * 1000

    def open(self, tx: Connection, account: str, step: Step) -> str:
        """A new session in this transaction; ended ones go. Its id is the cookie's value and kept by nobody else."""
        now, table, session = self._shelf.now(), self._table, secrets.token_urlsafe(32)
        tx.execute(delete(table).where(or_(table.c.ends_at <= now, table.c.seen_at <= now - self._idle_millis)))
        lasts = LONGEST_SECONDS if step is Step.DONE else HALF_WAY_SECONDS
        values = {"account": account, "step": step.value, "seen_at": now, "ends_at": now + lasts * 1000}
        tx.execute(insert(table).values(id_sha256=digest(session), **values))
        return session

    def end(self, tx: Connection, session: str) -> None:
        """End one."""
        tx.execute(delete(self._table).where(self._table.c.id_sha256 == digest(session)))

    def end_all(self, tx: Connection, account: str) -> None:
        """End every one of an account."""
        tx.execute(delete(self._table).where(self._table.c.account == account))

    def signed(self, session: str, *, attended: bool) -> Signed | None:
        """Who holds it; none when it has ended. `attended`: a person did something, not the page by itself."""
        with self._shelf.store.read() as tx:
            found = self.row(tx, session)
        if found is None:
            return None
        now = self._shelf.now()
        if attended and now - found.seen_at >= SEEN_EVERY_SECONDS * 1000:
            with self._shelf.store.write() as tx:
                same = self._table.c.id_sha256 == digest(session)
                tx.execute(update(self._table).where(same).values(seen_at=now))
        return Signed(person=person_in(found, self._shelf), step=Step(found.step))

    def row(self, tx: Connection, session: str) -> Row[Any] | None:
        """The row of a session that has not ended, with its account's."""
        table, accounts = self._table, self._shelf.tables.accounts
        return tx.execute(
            select(table.c.step, table.c.seen_at, accounts)
            .join(accounts, accounts.c.account == table.c.account)
            .where(table.c.id_sha256 == digest(session), self._live(), accounts.c.state == State.ACTIVE.value)
        ).one_or_none()

    def alive(self, account: str) -> ColumnElement[bool]:
        """Which sessions of an account have not ended."""
        return and_(self._table.c.account == account, self._live())

    def _live(self) -> ColumnElement[bool]:
        now = self._shelf.now()
        return and_(self._table.c.ends_at > now, self._table.c.seen_at > now - self._idle_millis)


def digest(session: str) -> bytes:
    """What is kept of a session's id."""
    return hashlib.sha256(session.encode()).digest()
