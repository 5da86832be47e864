"""The alerts' tables in the hub's store: what is the matter since when, who was told, and whose turn it is to look."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, text

from hub.store.metadata import METADATA

_STANDS: Final = text("resolved_at IS NULL")

alerts: Final = Table(
    "alerts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("subject", String(20), nullable=False),  # a division code, `hub`, or a process of it
    Column("urgent", Boolean, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("since_at", BigInteger),  # when it is known to have begun, if it is known
    Column("amount", Integer, nullable=False),
    Column("whole", Integer),  # of how many, where that is known
    Column("started_at", BigInteger),  # none: it has not stood long enough to be told
    Column("gone_at", BigInteger),  # not seen since; it may come back
    Column("resolved_at", BigInteger),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String(60), nullable=False),
    Column("note", String(400), nullable=False),
    Column("level", Integer, nullable=False),  # how many steps of the plan have had their turn
    Column("level_at", BigInteger),
    Column("ended_level", Integer, nullable=False),  # how many of them have had their turn to hear that it is over
    Index("alerts_standing", "kind", "subject", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    Index("alerts_by_end", "resolved_at"),
)

alert_steps: Final = Table(
    "alert_steps",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("told_at", BigInteger),
    Column("tries", Integer, nullable=False),  # in vain, one after the other
    Column("tried_at", BigInteger),
    Column("trouble", String(20), nullable=False),  # the code of the last failure; empty: none since it last went well
)

alert_turn: Final = Table(
    "alert_turn",  # one row: of several keepers one looks and tells
    METADATA,
    Column("name", String(10), primary_key=True),
    Column("holder", String(36), nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("looked_at", BigInteger),
)
