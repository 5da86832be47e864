"""What one approver proposed and another one has to approve, and what became of it: kept, because it is evidence."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from adapters.store.metadata import METADATA

proposals: Final = Table(
    "approval_proposals",
    METADATA,
    Column("proposal_id", String(36), primary_key=True),
    Column("case_no", String(24), nullable=False, index=True),
    Column("act", String(20), nullable=False),
    Column("answers_sealed", LargeBinary, nullable=False),
    Column("proposed_by", String(64), nullable=False),  # an account, as below
    Column("proposed_at", BigInteger, nullable=False),
    Column("outcome", String(10)),  # approved or returned; none while it waits
    Column("settled_by", String(64)),
    Column("settled_at", BigInteger),
    Column("why_sealed", LargeBinary),  # why it was returned
)
Index(
    "approval_proposals_waiting",
    proposals.c.case_no,
    proposals.c.act,
    unique=True,
    sqlite_where=proposals.c.outcome.is_(None),
    postgresql_where=proposals.c.outcome.is_(None),
)
