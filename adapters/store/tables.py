"""The county node's own tables, but for the print ledger's (`adapters.printing.tables`).

Personal data stands only in the columns whose names end in `_sealed` (AES-256-GCM under the county's storage key,
bound to their place) and, still encrypted for this county, in the raw bytes of inbox and outbox. Times are integers,
milliseconds since 1970 in UTC.
"""

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
    UniqueConstraint,
)

from adapters.store.metadata import METADATA

MESSAGE_ID_CHARACTERS: Final = 64
TYPE_CHARACTERS: Final = 40
SIGNATURE_CHARACTERS: Final = 1024

source_cursors: Final = Table(
    "source_cursors",
    METADATA,
    Column("source", String(100), primary_key=True),
    Column("cursor", String, nullable=False),
)

own_licenses: Final = Table(
    "own_licenses",  # issued by this county through the hub
    METADATA,
    Column("license_identifier", String(128), primary_key=True),
    Column("case_no", String(24), nullable=False),
    Column("state", String(20), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
source_records: Final = Table(
    "source_records",  # a local record is read once, however often its source shows it
    METADATA,
    Column("source", String(100), nullable=False),
    Column("key", String(200), nullable=False),
    Column("message_id", String(36)),
    Column("read_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("source", "key"),
)

waiting_records: Final = Table(
    "waiting_records",  # local records that are in order but not yet in turn, or have nobody to go to yet
    METADATA,
    Column("source", String(100), nullable=False),
    Column("key", String(200), nullable=False),
    Column("place", String(300), nullable=False),
    Column("type", String(TYPE_CHARACTERS), nullable=False),
    Column("local_case", String(100), nullable=False),
    Column("destination", String(6)),
    Column("service_item", String(31)),
    Column("trial", Boolean, nullable=False),
    Column("mapping", String(64), nullable=False, default=""),  # the version that translated it
    Column("record_sealed", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("source", "key"),
)

troubles: Final = Table(
    "troubles",  # records that could not be mapped, and messages that were refused: shown on the desk
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False),  # what it is about, so that the same trouble stands once
    Column("code", String(20), nullable=False),
    Column("place", String(300), nullable=False),
    Column("found", String(400), nullable=False),
    Column("expected", String(400), nullable=False),
    Column("causes", String(400), nullable=False),  # what stands behind it: types and codes
    Column("sentence", String(600), nullable=False),
    Column("remedy", String(600), nullable=False),
    Column("sentence_en", String(900), nullable=False),
    Column("remedy_en", String(900), nullable=False),
    Column("case_no", String(24), nullable=False),
    Column("local_field", String(400), nullable=False, default=""),  # the county's own side of a refused field
    Column("rule", String(400), nullable=False, default=""),
    Column("mapping", String(64), nullable=False, default=""),  # the version of the mapping
    Column("record_place", String(300), nullable=False, default=""),
    Column("seen_at", BigInteger, nullable=False),
    UniqueConstraint("key", "code", "place", "expected"),  # one column may be wrong in two ways
)

mapping_lineage: Final = Table(
    "mapping_lineage",  # where each field of a message comes from, by version of the mapping; names and rules only
    METADATA,
    Column("mapping", String(64), nullable=False),
    Column("type", String(TYPE_CHARACTERS), nullable=False),
    Column("canonical_field", String(200), nullable=False),
    Column("local_field", String(300), nullable=False),
    Column("rule", String(400), nullable=False),
    PrimaryKeyConstraint("mapping", "type", "canonical_field"),
)

message_lineage: Final = Table(
    "message_lineage",  # which version of the mapping made a message, and of which local record
    METADATA,
    Column("message_id", String(36), primary_key=True),
    Column("mapping", String(64), nullable=False),
    Column("record_place", String(300), nullable=False),
)

cases: Final = Table(
    "cases",
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("window_county", String(6), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("service_item", String(31), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("local_case", String(100)),
    Column("state", String(20), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Index("cases_by_local", "local_case"),
    Index("cases_by_state", "state"),
)

case_serials: Final = Table(
    "case_serials",
    METADATA,
    Column("day", String(8), primary_key=True),
    Column("last", Integer, nullable=False),
)

outbox: Final = Table(
    "outbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(36), nullable=False, unique=True),
    Column("case_no", String(24), nullable=False),
    Column("destination", String(6), nullable=False),
    Column("type", String(TYPE_CHARACTERS), nullable=False),
    Column("chained", Boolean, nullable=False),
    Column("exchange", String(20), nullable=False),
    Column("routing_key", String(100), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(SIGNATURE_CHARACTERS), nullable=False),
    Column("record_sealed", LargeBinary, nullable=False),  # the canonical record, encrypted at rest
    Column("state", String(10), nullable=False),  # draft | waiting | sent | admitted | received | refused
    Column("created_at", BigInteger, nullable=False),
    Column("next_try_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("admitted_at", BigInteger),
    Column("received_at", BigInteger),
    Column("receipt", LargeBinary),  # our entry of the admission receipt, as the hub sent it
    Column("refusal_code", String(20)),
    Column("supersedes", String(36)),
    Column("place", Integer),  # in the case's chain, by `seq`: of what was written anew, the place of the first
    Column("offer_epoch", Integer),  # a restored hub's epoch, while it has not admitted this message again
    Column("offered", Boolean, nullable=False, default=False),
    Index("outbox_offers", "offer_epoch", "next_try_at"),
    Index("outbox_open", "state", "next_try_at"),
    Index("outbox_by_type", "type", "case_no"),
    Index("outbox_chain", "case_no", "destination", "seq"),
)

inbox: Final = Table(
    "inbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("source", String(6), nullable=False),
    Column("message_id", String(MESSAGE_ID_CHARACTERS), nullable=False),
    Column("type", String(TYPE_CHARACTERS), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(SIGNATURE_CHARACTERS), nullable=False),
    Column("evidence", LargeBinary, nullable=False),
    Column("record_sealed", LargeBinary),  # the canonical record, encrypted at rest, once it was opened
    Column("case_no", String(24), nullable=False),
    Column("prev", String(36)),
    Column("supersedes", String(36)),  # what it stands for: a message of the same sender, not to be opened or read
    Column("state", String(10), nullable=False),  # new | opened | applied | refused
    Column("arrived_at", BigInteger, nullable=False),
    Column("applied_at", BigInteger),
    Column("refusal_code", String(20)),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", BigInteger, nullable=False),
    UniqueConstraint("source", "message_id", "envelope_sha256"),
    Index("inbox_open", "state", "seq"),
    Index("inbox_by_case", "case_no", "seq"),
    Index("inbox_by_id", "source", "message_id"),
    Index("inbox_anew", "supersedes", "source"),
)

checkpoints: Final = Table(
    "checkpoints",  # every one of the hub's that the county has seen, and whether it is proven to be of one history
    METADATA,
    Column("epoch", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(SIGNATURE_CHARACTERS), nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("proven", Boolean, nullable=False),
    Column("asked_in", String(36)),  # our first message that asked the hub to prove it
    PrimaryKeyConstraint("epoch", "size"),
    Index("checkpoints_open", "epoch", "proven", "size"),
)

stated: Final = Table(
    "stated",  # what other counties state to have seen and we have not, until the hub proves it
    METADATA,
    Column("epoch", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("inbox_seq", Integer, nullable=False),  # the message that states it
    Column("seen_at", BigInteger, nullable=False),
    Column("asked_in", String(36)),
    PrimaryKeyConstraint("epoch", "size"),
)

forks: Final = Table(
    "forks",  # alarms; while one is not acknowledged, the link stands still
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(10), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("found_at", BigInteger, nullable=False),
    Column("evidence", LargeBinary, nullable=False),  # a fork file, `schemas.forkfile`
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String(100), nullable=False),
)

epochs: Final = Table(
    "epochs",  # the hub's statements that it was restored from a backup
    METADATA,
    Column("epoch", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(SIGNATURE_CHARACTERS), nullable=False),
    Column("restored_size", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("epoch", "revision"),
)

directories: Final = Table(
    "directories",  # one row: the newest
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("serial", BigInteger, nullable=False),
    Column("state_sha256", LargeBinary(32), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

directory_entries: Final = Table(
    "directory_entries",  # what it holds
    METADATA,
    Column("key", String(80), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

directory_parts: Final = Table(
    "directory_parts",  # parts of one that is not complete yet
    METADATA,
    Column("serial", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(SIGNATURE_CHARACTERS), nullable=False),
    PrimaryKeyConstraint("serial", "since", "parts", "part"),
)

directory_asking: Final = Table(
    "directory_asking",  # one row while the hub is to be asked for what comes after `since`
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", BigInteger, nullable=False),
)

local_writes: Final = Table(
    "local_writes",  # what is still to be written into the county's own system
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(36), nullable=False),
    Column("case_no", String(24), nullable=False),
    Column("type", String(TYPE_CHARACTERS), nullable=False),
    Column("source", String(6), nullable=False),
    Column("record_sealed", LargeBinary, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", BigInteger, nullable=False),
    UniqueConstraint("message_id", "type"),
    Index("local_writes_open", "done", "seq"),
)
