"""Messages in the journal as the hub reads them, the effects still owed because of them, and their cases."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, PrimaryKeyConstraint, String, Table, text

from hub.store.metadata import METADATA

messages: Final = Table(
    "messages",
    METADATA,
    Column("source", String(6), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("state", String(10), nullable=False),  # parked | admitted | refused
    Column("type", String(40), nullable=False),
    Column("destination", String(6), nullable=False),
    Column("case_no", String(24), nullable=False),
    Column("prev", String(36)),
    Column("in_reply_to", String(36)),
    Column("sent_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("admitted_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("evidence", LargeBinary),  # the encoded AdmissionReceipt of this message alone
    Column("verdict", String(20), nullable=False),
    Column("batch", BigInteger),  # size of the checkpoint under which it was admitted or refused; none while parked
    Column("received_at", BigInteger),  # when the destination's signed `message.received` was admitted
    PrimaryKeyConstraint("source", "message_id"),
    Index("messages_by_case", "case_no", "admitted_at"),
    Index("messages_waiting", "destination", "received_at", "admitted_at"),
    Index("messages_by_batch", "batch"),
    Index(
        "messages_parked",
        "admitted_at",
        sqlite_where=text("state = 'parked'"),
        postgresql_where=text("state = 'parked'"),
    ),
)

unsettled: Final = Table(
    "unsettled",  # admitted or refused, and not every parcel that follows from it was confirmed with its batch
    METADATA,
    Column("source", String(10), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("since_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("source", "message_id", "envelope_sha256"),
)

outgoing: Final = Table(
    "outgoing",  # what the hub itself says, as exact bytes, under ids derived from the cause
    METADATA,
    Column("message_id", String(36), primary_key=True),
    Column("destination", String(6), nullable=False),
    Column("queue", String(60), nullable=False),
    Column("type", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
    Index("outgoing_undone", "done", "made_at"),
)

cases: Final = Table(
    "cases",
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("window_county", String(6), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("service_item", String(31), nullable=False),
    Column("state", String(20), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("cases_by_state", "state", "changed_at", "case_no"),
    # By what people search (`hub.views.casesearch`): written once, when a case is opened.
    Index("cases_by_opening", "opened_at", "case_no"),
    Index("cases_by_item", "service_item", "opened_at", "case_no"),
    Index("cases_by_window", "window_county", "opened_at", "case_no"),
    Index("cases_by_issuing", "issuing_county", "opened_at", "case_no"),
    Index("cases_by_pair", "window_county", "issuing_county", "opened_at", "case_no"),
    # The beginning of a number, byte by byte whatever the server's language is; on SQLite the key does it.
    Index("cases_by_number", text('case_no COLLATE "C"')).ddl_if(dialect="postgresql"),
)
