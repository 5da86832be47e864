"""The journal and what proves it: leaves, nodes of its tree, checkpoints, and who looked at them."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from hub.store.metadata import METADATA, NUMBER

journal: Final = Table(
    "journal",
    METADATA,
    Column("leaf_index", NUMBER, primary_key=True, autoincrement=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("source", String(10), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("signer_thumbprint", LargeBinary(32), nullable=False),
    Column("admitted_at", BigInteger, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("detail_sha256", LargeBinary(32), nullable=False),
    Index(
        "journal_refusals",
        "leaf_index",
        sqlite_where=text("verdict <> 'admitted'"),
        postgresql_where=text("verdict <> 'admitted'"),
    ),
)

tree_nodes: Final = Table(
    "tree_nodes",  # complete subtrees of level 1 and up; level 0 is journal.leaf_hash
    METADATA,
    Column("level", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("level", "position"),
    sqlite_with_rowid=False,
)

head: Final = Table(
    "head",  # one row; a batch locks it last
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

checkpoints: Final = Table(
    "checkpoints",  # one per batch
    METADATA,
    Column("size", NUMBER, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),  # as in the body: what counties state is compared with it
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("effects_done", Boolean, nullable=False),  # of the whole batch, those apart that stand in `unsettled`
    Index(
        "checkpoints_undone",
        "made_at",
        sqlite_where=text("effects_done = 0"),
        postgresql_where=text("NOT effects_done"),
    ),
)

publications: Final = Table(
    "publications",  # sizes at which the journal was shown to the counties; up to the last, each has had its proofs
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("published_at", BigInteger, nullable=False),
)

witnesses: Final = Table(
    "witnesses",  # what each county was shown last, and which sizes it still asks to have proven
    METADATA,
    Column("county", String(6), primary_key=True),
    Column("size", BigInteger, nullable=False),  # 0: nothing yet
    Column("unproven", String(1400), nullable=False),  # sizes, separated by spaces
)

countersignatures: Final = Table(
    "countersignatures",  # counties' signatures over our checkpoints, each out of an admitted message
    METADATA,
    Column("size", BigInteger, nullable=False),
    Column("county", String(6), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("thumbprint", LargeBinary(32), nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("message_id", String(36), nullable=False),
    Column("signed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("size", "county"),
    Index("countersignatures_by_county", "county", "epoch", "size"),
)
