"""What the hub announces to every county, and what counties say of themselves."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from hub.store.metadata import METADATA

announcements: Final = Table(
    "announcements",  # notices of maintenance to every county; what is over or withdrawn leaves the directory
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # as `schemas.notices` writes it
    Column("ends_at", BigInteger, nullable=False),
    Column("announced_at", BigInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)
statements: Final = Table(
    "statements",  # what a county says of itself, as it lies in the directory; the newest of a key counts
    METADATA,
    Column("key", String, primary_key=True),
    Column("county", String, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("said_at", BigInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("changed_in", BigInteger, nullable=False),  # of the counter `trust`
    Index("statements_changed", "changed_in"),
    Index("statements_county", "county", "withdrawn"),
)
