"""What was pushed and is not yet in the outbox. Numbers are never used twice, or a cursor would pass over new ones."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from adapters.store.metadata import METADATA

KIND_CHARACTERS: Final = 100

pushed_bodies: Final = Table(
    "pushed_bodies",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(KIND_CHARACTERS), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
