"""Who decided at the pages which county takes part: one row for each press, only ever added to."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, String, Table

from hub.store.metadata import METADATA

county_decisions: Final = Table(
    "county_decisions",  # who decided at the pages which county takes part, and why; a press of a button is one row
    METADATA,
    Column("press", String(36), primary_key=True),
    Column("county", String(6), nullable=False),
    Column("act", String(20), nullable=False),
    Column("account", String(32), nullable=False),
    Column("reason", String(100), nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Index("county_decisions_by_county", "county", "decided_at"),
)
