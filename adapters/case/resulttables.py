"""Results on paper for which nobody waits any more although they never arrived."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Table

from adapters.store.metadata import METADATA

results_settled: Final = Table(
    "results_settled",
    METADATA,
    Column("case_no", String(24), nullable=False),
    Column("parcel", Integer, nullable=False),  # the last one that had been announced; 0 when none was
    Column("reason", String(10), nullable=False),  # adapters.case.results.REASONS
    Column("account", String(100), nullable=False),
    Column("settled_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("case_no", "parcel"),
)
