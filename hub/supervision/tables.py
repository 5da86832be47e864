"""The tables of supervision in the hub's store. Nothing in them is ever changed or deleted but the two bookmarks.

What happens to a card after it was raised (cleared, explained, ruled on) is a row of its own beside it, each at most
once: the key says so, whoever writes at the same time.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from hub.store.metadata import METADATA

cards: Final = Table(
    "supervision_cards",
    METADATA,
    Column("card_no", String(20), primary_key=True),  # made of case, rule, level and occasion: the same is one card
    Column("case_no", String(24), nullable=False),
    Column("window_county", String(6), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("county", String(6), nullable=False),  # who owed the step
    Column("rule", String(20), nullable=False),  # hub.supervision.levels.Rule
    Column("level", String(10), nullable=False),  # hub.supervision.levels.Level
    Column("step", String(40), nullable=False),  # type of the message that was owed, or was to be received
    Column("due_at", BigInteger, nullable=False),
    Column("raised_at", BigInteger, nullable=False),  # when the limit came near or was passed
    Column("found_at", BigInteger, nullable=False),  # when the hub wrote it down
    Column("basis", String, nullable=False),  # JSON: how it was counted (hub.supervision.basis)
    Index("supervision_cards_by_time", "raised_at"),
    Index("supervision_cards_by_case", "case_no"),
)

acts: Final = Table(
    "supervision_acts",
    METADATA,
    Column("card_no", String(20), nullable=False),
    Column("act", String(12), nullable=False),  # cleared | explained | ruled
    Column("at", BigInteger, nullable=False),
    Column("by", String(40), nullable=False),  # account; empty where a message did it
    Column("ground", String(20), nullable=False),
    Column("text", String(300), nullable=False),
    Column("file_sha256", LargeBinary(32)),  # of the county's letter, which stays outside the hub
    PrimaryKeyConstraint("card_no", "act"),
)

outages: Final = Table(
    "supervision_outages",  # when the hub was away
    METADATA,
    Column("began_at", BigInteger, primary_key=True, autoincrement=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("journal_size", BigInteger, nullable=False),  # of the last signed checkpoint before it
    Column("found_at", BigInteger, nullable=False),
)

pulse: Final = Table(
    "supervision_pulse",  # one row: when the hub was last known to be at work
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)

looked: Final = Table(
    "supervision_looked",  # which cases were looked at, and when next
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("changed_at", BigInteger, nullable=False),  # of the case, as it was then
    Column("calendar_serial", BigInteger, nullable=False),
    Column("next_at", BigInteger),  # none: nothing can become due any more
    Index("supervision_looked_next", "next_at"),
    Index("supervision_looked_changed", "changed_at"),
)
