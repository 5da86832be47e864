"""Who has looked at what is hidden by default: append-only, and nothing personal in it but an account."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from adapters.store.metadata import METADATA

reveals: Final = Table(
    "reveals",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", String(64), nullable=False),
    Column("case_no", String(24), nullable=False),
    Column("what", String(20), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("revealed_at", BigInteger, nullable=False),
    Index("reveals_by_case", "case_no", "id"),
)
