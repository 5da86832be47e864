"""Writing beside other writers: on SQLite there are none, and each of these costs nothing or next to nothing there.

The order of locks is the same everywhere, so that nobody waits in a circle: cases, then the ledger's rows, then the
journal's head. Should it happen all the same, the database ends one of the two, and its work is done again.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql, sqlite

_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_CASE_LOCKS: Final = 0x59484202
"""The class of the advisory locks for cases."""


def insert_new(tx: Connection, table: Table, **values: object) -> bool:
    """Insert one row unless one with its key is there, also one that another transaction is just writing.

    False when it is there: then it is committed, and the next statement sees it.
    """
    statement = _INSERT[tx.dialect.name](table).values(**values).on_conflict_do_nothing()
    return tx.execute(statement.returning(*table.primary_key)).first() is not None


def lock_cases(tx: Connection, case_nos: Iterable[str]) -> None:
    """From here until the transaction ends, nobody else decides about these cases, whether they are known yet or not.

    To be called before anything is read about them. A shard has one consumer, but that is no fence: while a shard is
    handed over two workers have it, a claim comes by the express road, and every worker looks after parked messages.
    A case's lock is one of 256, by the byte that also gives its shard; the number of locks is bounded so.
    """
    if tx.dialect.name != "postgresql":
        return  # BEGIN IMMEDIATE has done it
    stripes = sorted({hashlib.sha256(case_no.encode()).digest()[0] for case_no in case_nos})
    if stripes:
        tx.execute(
            text("SELECT pg_advisory_xact_lock(:locks, stripe) FROM unnest(CAST(:stripes AS int[])) AS stripe"),
            {"locks": _CASE_LOCKS, "stripes": stripes},
        )
