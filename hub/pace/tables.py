"""Whose sending an operator has stopped."""

from typing import Final

from sqlalchemy import BigInteger, Column, String, Table

from hub.store.metadata import METADATA

stopped_senders: Final = Table(
    "stopped_senders",  # counties of which nothing is admitted until an operator lets them go on
    METADATA,
    Column("division_code", String(6), primary_key=True),
    Column("since_at", BigInteger, nullable=False),
    Column("notice", BigInteger, nullable=False),  # number of the notice that tells the counties so
)
