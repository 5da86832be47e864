"""What did not go as it should: destinations that stand still, counties slowed down, dead letters, replays."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from hub.store.metadata import METADATA, NUMBER

destinations: Final = Table(
    "destinations",
    METADATA,
    Column("division_code", String(6), primary_key=True),
    Column("held", Boolean, nullable=False),
    Column("held_since", BigInteger),
    Column("reason", String(20), nullable=False),  # inbox_full | waiting | paused (by an operator)
)

slowed_counties: Final = Table(
    "slowed_counties",  # who sends more than its quota, or poison, by which road, until its slow queue is empty
    METADATA,
    Column("division_code", String(6), nullable=False),
    Column("road", String(10), nullable=False),  # submit | express
    Column("queue_stands", Boolean, nullable=False),
    Column("since_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),  # not let go before: poison seldom comes alone
    PrimaryKeyConstraint("division_code", "road"),
)

solo_attempts: Final = Table(
    "solo_attempts",
    METADATA,
    Column("body_sha256", LargeBinary(32), primary_key=True),
    Column("attempts", Integer, nullable=False),
)

dead_letters: Final = Table(
    "dead_letters",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("queue", String(60), nullable=False),
    Column("source", String(10), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("died_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", String, nullable=False),  # JSON
    Column("type", String(40), nullable=False),
    Column("case_no", String(24), nullable=False),  # empty: none, or not an envelope
    Column("expires_at", BigInteger),  # as its sender signed it; none for the hub's own words
    Column("state", String(12), nullable=False),  # waiting | queued | replayed | discarded
    Column("batch", BigInteger),  # the last order of a replay that it was part of
    Column("settled_at", BigInteger),
    Column("settled_reason", String(400), nullable=False),
    Index("dead_letters_by_state", "state", "died_at", "id"),
    Index("dead_letters_by_batch", "batch", "state"),
    Index("dead_letters_by_case", "case_no"),
)

replays: Final = Table(
    "replays",  # every order to send dead letters again, of one or of many
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("wanted", String(400), nullable=False),  # JSON: by which filter, or which letter
    Column("count", Integer, nullable=False),  # how many letters it took
    Column("sent", Integer, nullable=False),  # of them, confirmed by the broker
    Column("rate", Integer, nullable=False),  # letters a second at most
    Column("state", String(10), nullable=False),  # running | stopped | done
    Column("ordered_by", String(64), nullable=False),
    Column("second", String(64), nullable=False),  # empty: one letter, one person
    Column("reason", String(400), nullable=False),
    Column("ordered_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("why", String(60), nullable=False),  # what stopped it, when nobody did
    Index("replays_by_state", "state", "number"),
)
