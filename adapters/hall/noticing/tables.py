"""What was told to whom, so that it is told once."""

from typing import Final

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, String, Table

from adapters.store.metadata import METADATA

notices: Final = Table(
    "notices",
    METADATA,
    Column("role", String(20), nullable=False),
    Column("about", String(100), nullable=False),  # a case or an authorisation, and why
    Column("told_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("role", "about"),
)
