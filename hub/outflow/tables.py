"""Who paused and resumed what goes to a county, and what it sends."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from hub.store.metadata import METADATA

link_acts: Final = Table(
    "link_acts",  # who paused and resumed what goes to a county or comes from it, and why; only ever added to
    METADATA,
    Column("serial", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("county", String(6), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("act", String(10), nullable=False),  # paused | resumed (what goes to it); stopped | started (what it sends)
    Column("by", String(100), nullable=False),
    Column("reason", String(200), nullable=False),
    Index("link_acts_by_county", "county", "serial"),
)
