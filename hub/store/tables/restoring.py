"""After a restore: the epochs of the journal, what the counties still held, and what came back from them."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from hub.store.metadata import METADATA

epochs: Final = Table(
    "epochs",  # every statement that a restore opened a new epoch of the journal, and what came of it
    METADATA,
    Column("epoch", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("epoch", "revision"),
)

restore_counties: Final = Table(
    "restore_counties",  # who has to report what it holds before prints are granted again
    METADATA,
    Column("epoch", Integer, nullable=False),
    Column("county", String(6), nullable=False),
    Column("state", String(10), nullable=False),  # awaited | reported | set_aside
    Column("parts", String(4000), nullable=False),  # numbers of the parts that came, separated by spaces
    Column("settled_at", BigInteger),
    Column("set_aside_by", String(100), nullable=False),
    Column("witness", String(100), nullable=False),
    Column("reason", String(400), nullable=False),
    PrimaryKeyConstraint("epoch", "county"),
    Index("restore_counties_awaited", "state"),
)

recovered: Final = Table(
    "recovered",  # verdicts beyond a restored journal, proven by the receipts that counties gave back
    METADATA,
    Column("source", String(6), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("admitted_at", BigInteger, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("returned_at", BigInteger, nullable=False),
    Column("readmitted", Boolean, nullable=False),
    PrimaryKeyConstraint("source", "message_id", "envelope_sha256"),
    Index("recovered_open", "readmitted"),
)

shown_checkpoints: Final = Table(
    "shown_checkpoints",  # the highest checkpoint that counties showed after a restore, signed by this hub before it
    METADATA,
    Column("epoch", Integer, primary_key=True),  # the epoch that the restore opened
    Column("of_epoch", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("county", String(6), nullable=False),
)
