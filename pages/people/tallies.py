"""Keeps the failures of accounts and addresses (`pages.people.lockout`), each under the digest of its name."""

import hashlib

from sqlalchemy import Connection, delete, insert, select, update

from pages.people.lockout import FORGOTTEN_MILLIS, Tally
from pages.people.tables import PeopleTables


def of_account(account: str) -> bytes:
    """The subject for an account's name as typed, whether there is such an account or not."""
    return hashlib.sha256(f"account\0{account}".encode()).digest()


def of_address(address: str) -> bytes:
    """The subject for where somebody sits."""
    return hashlib.sha256(f"address\0{address}".encode()).digest()


def tally_of(tx: Connection, tables: PeopleTables, subject: bytes) -> Tally:
    """What is remembered of it; held until the end of a writing transaction."""
    table = tables.tallies
    row = tx.execute(select(table).where(table.c.subject_sha256 == subject).with_for_update()).one_or_none()
    if row is None:
        return Tally()
    return Tally(failures=row.failures, since=row.since, level=row.level, wait_until=row.wait_until)


def keep_tally(tx: Connection, tables: PeopleTables, subject: bytes, tally: Tally) -> None:
    """Remember it; one with nothing in it is forgotten."""
    table = tables.tallies
    same = table.c.subject_sha256 == subject
    if tally == Tally():
        tx.execute(delete(table).where(same))
        return
    values = {
        "failures": tally.failures,
        "since": tally.since,
        "level": tally.level,
        "wait_until": tally.wait_until,
    }
    if not tx.execute(update(table).where(same).values(**values)).rowcount:
        tx.execute(insert(table).values(subject_sha256=subject, **values))


def forget_old(tx: Connection, tables: PeopleTables, now: int) -> None:
    """Let go of what has not failed for a day, so that guessing names does not fill the store."""
    table = tables.tallies
    tx.execute(delete(table).where(table.c.since < now - FORGOTTEN_MILLIS, table.c.wait_until < now - FORGOTTEN_MILLIS))
