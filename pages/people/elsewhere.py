"""Where an account is signed in, for the person whose account it is, and ending what is not theirs (ASVS 5.0, V7.5.2).

A session is called by the beginning of its digest: that opens nothing, and nobody else learns it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select

from pages.people import events, passwords
from pages.people.attempts import Attempts
from pages.people.events import What
from pages.people.sessions import LONGEST_SECONDS, SessionBook, digest
from pages.people.signed import Step
from pages.people.signin import EXPIRED, WRONG_OLD
from pages.people.storing import Shelf
from schemas.errors import YunhuobanError

_KEY_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One session of an account that has signed in wholly and has not ended."""

    key: str
    began_at: datetime
    seen_at: datetime
    """When a person last did something there, to half a minute."""
    here: bool


class Elsewhere:
    """The sessions of one store as their own holders see them; thread-safe."""

    def __init__(self, shelf: Shelf, sessions: SessionBook) -> None:
        self._shelf = shelf
        self._sessions = sessions
        self._table = shelf.tables.sessions
        self._attempts = Attempts(shelf)

    def places(self, session: str) -> list[Place]:
        """Everywhere that the holder of this session is signed in, the newest first; none when it has ended."""
        table = self._table
        with self._shelf.store.read() as tx:
            holder = self._sessions.row(tx, session)
            if holder is None:
                return []
            live = self._sessions.alive(holder.account)
            rows = tx.execute(select(table).where(live, table.c.step == Step.DONE.value)).all()
        return sorted(
            (
                Place(
                    key=_key(row.id_sha256),
                    began_at=_at(row.ends_at - LONGEST_SECONDS * 1000),
                    seen_at=_at(row.seen_at),
                    here=row.id_sha256 == digest(session),
                )
                for row in rows
            ),
            key=lambda each: each.began_at,
            reverse=True,
        )

    def end(self, session: str, keys: Collection[str], *, password: str, address: str) -> int:
        """End these, but never the one at hand; returns how many. Raises E-PAGE-062, -064 or -067."""
        with self._shelf.store.read() as tx:
            row = self._sessions.row(tx, session)
        if row is None or row.step != Step.DONE.value:
            raise YunhuobanError(EXPIRED, place="session")
        self._attempts.begin(row.account, address)
        if not passwords.is_right(row.password_hash, password):
            self._attempts.failed(row.account, address, known=True)
            raise YunhuobanError(WRONG_OLD, place="password")
        table, at = self._table, self._shelf.now()
        with self._shelf.store.write() as tx:
            self._attempts.right(tx, row.account, address, whole=False)
            own = select(table.c.id_sha256).where(table.c.account == row.account)
            ended = [each for (each,) in tx.execute(own) if _key(each) in keys and each != digest(session)]
            for each in ended:
                tx.execute(table.delete().where(table.c.id_sha256 == each))
                who = {"account": row.account, "by": row.account, "address": address}
                events.record(tx, self._shelf.tables, What.SIGNED_OUT, at=at, **who)
        return len(ended)


def _key(id_sha256: bytes) -> str:
    return id_sha256[:_KEY_BYTES].hex()


def _at(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)
