"""What this county keeps of its reviews beside the messages: whom it asked, what lies in the archive, the reports."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from adapters.store.metadata import METADATA

EXPERT_CHARACTERS: Final = 37

review_asks: Final = Table(
    "review_asks",
    METADATA,
    Column("message_id", String(36), primary_key=True),  # of `opinion.asked`
    Column("case_no", String(24), nullable=False),  # the case that is reviewed
    Column("review", Integer, nullable=False),
    Column("expert", String(EXPERT_CHARACTERS), nullable=False),  # as in the pool
    Column("matter_no", String(24), nullable=False),  # the number under which the expert's county answers
    Column("opine_until", Date, nullable=False),
    Column("given_up_by", String(100)),  # an account: the day passed without an answer, and the next one is asked
    Column("given_up_at", BigInteger),
    UniqueConstraint("case_no", "review", "expert"),
)

review_recordings: Final = Table(
    "review_recordings",
    METADATA,
    Column("recording_id", String(36), primary_key=True),  # of the press that registered it
    Column("case_no", String(24), nullable=False),
    Column("review", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("duration_seconds", Integer, nullable=False),
    Column("kept_at", String(200), nullable=False),  # a place
    Column("kept_until", Date, nullable=False),
    Column("registered_by", String(100), nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Index("review_recordings_by_case", "case_no", "review"),
)

review_reports: Final = Table(
    "review_reports",
    METADATA,
    Column("case_no", String(24), nullable=False),
    Column("review", Integer, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),  # as in `review.concluded`
    Column("pdf_sealed", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("case_no", "review"),
)
