"""Signatures drawn by hand, each beside the message that it belongs to."""

from typing import Final

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from adapters.store.metadata import METADATA

handwriting: Final = Table(
    "handwriting",
    METADATA,
    Column("message_id", String(36), primary_key=True),
    Column("case_no", String(24), nullable=False, index=True),
    Column("picture_sealed", LargeBinary, nullable=False),
    Column("taken_by", String(64), nullable=False),  # an account
    Column("drawn_at", BigInteger, nullable=False),
)
