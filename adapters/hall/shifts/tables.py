"""What passed from whom to whom: append-only, and nothing personal in it but accounts."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table

from adapters.store.metadata import METADATA

SHIFTS: Final = Table(
    "shift_changes",
    METADATA,
    Column("change_id", String(36), primary_key=True),  # the press's own id: the same press once more is this row
    Column("hall", String(64), nullable=False),
    Column("given_by", String(64), nullable=False),
    Column("taken_by", String(64), nullable=False),
    Column("claims", Integer, nullable=False),
    Column("sheets", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

LINES: Final = Table(
    "shift_change_lines",
    METADATA,
    Column("change_id", String(36), ForeignKey("shift_changes.change_id"), primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("authorisation_no", String(64), nullable=False),  # of a claim; empty for sheets of stock
    Column("state", String(16), nullable=False),  # of the claim as it passed, or of the sheets
    Column("stock_kind", String(64), nullable=False),
    Column("first_serial", String(64), nullable=False),
    Column("last_serial", String(64), nullable=False),
    Column("count", Integer, nullable=False),
    Column("station", String(64), nullable=False),
    Column("tray", String(20), nullable=False),
)
