"""What the hub announces to every county."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table

from hub.store.tables import METADATA

announcements: Final = Table(
    "announcements",  # notices of maintenance to every county; what is over or withdrawn leaves the directory
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # as `schemas.notices` writes it
    Column("ends_at", BigInteger, nullable=False),
    Column("announced_at", BigInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)
