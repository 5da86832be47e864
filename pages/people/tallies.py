"""Keeps the failures of accounts and addresses (`pages.people.lockout`), each under the digest of its name."""

import hashlib
from typing import Any, Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pages.people.lockout import FORGOTTEN_MILLIS, Tally
from pages.people.tables import PeopleTables

_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def of_account(account: str) -> bytes:
    """The subject for an account's name as typed, whether there is such an account or not."""
    return hashlib.sha256(f"account\0{account}".encode()).digest()


def of_address(address: str) -> bytes:
    """The subject for where somebody sits."""
    return hashlib.sha256(f"address\0{address}".encode()).digest()


def tally_of(tx: Connection, tables: PeopleTables, subject: bytes) -> Tally:
    """What is remembered of it; held until the end of a writing transaction."""
    table = tables.tallies
    # A row that is not there cannot be held: two that begin at once would both count from nothing.
    nothing = {"failures": 0, "since": 0, "level": 0, "wait_until": 0}
    tx.execute(_INSERT[tx.dialect.name](table).values(subject_sha256=subject, **nothing).on_conflict_do_nothing())
    row = tx.execute(select(table).where(table.c.subject_sha256 == subject).with_for_update()).one()
    return Tally(failures=row.failures, since=row.since, level=row.level, wait_until=row.wait_until)


def keep_tally(tx: Connection, tables: PeopleTables, subject: bytes, tally: Tally) -> None:
    """Remember it, whoever else has just begun to."""
    values = {
        "failures": tally.failures,
        "since": tally.since,
        "level": tally.level,
        "wait_until": tally.wait_until,
    }
    statement = _INSERT[tx.dialect.name](tables.tallies).values(subject_sha256=subject, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["subject_sha256"], set_=values))


def forget_old(tx: Connection, tables: PeopleTables, now: int) -> None:
    """Let go of what has not failed for a day, so that guessing names does not fill the store."""
    table = tables.tallies
    tx.execute(delete(table).where(table.c.since < now - FORGOTTEN_MILLIS, table.c.wait_until < now - FORGOTTEN_MILLIS))
