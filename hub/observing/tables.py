"""The observer's tables in the hub's store. Nothing here is evidence: what is lost is noted anew."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table

from hub.store.metadata import METADATA

county_presence: Final = Table(
    "county_presence",  # whether a county is connected, and since when it is so
    METADATA,
    Column("division_code", String(6), primary_key=True),
    Column("online", Boolean, nullable=False),
    Column("since_at", BigInteger),  # none: it was never seen
)

case_limits: Final = Table(
    "case_limits",  # until when the next step of a case under way is due, by the calendar of its issuing county
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("changed_at", BigInteger, nullable=False),  # of the case, when this was worked out
    Column("calendar", Integer, nullable=False),  # serial of the imported calendar that it was worked out with
    Column("told_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),  # none: nothing is due, or the calendar of that day is not published yet
    Index("case_limits_due", "due_at"),
)

redeliveries: Final = Table(
    "redeliveries",  # queues that have handed over a message again: a consumer took it and went away without a word
    METADATA,
    Column("queue", String(60), primary_key=True),
    Column("counter", BigInteger, nullable=False),  # the broker's, as it was seen last; a restart begins it anew
    Column("rose_at", BigInteger, nullable=False),  # when it was last seen to have risen
)

workers: Final = Table(
    "workers",  # the processes that are at work, and those that went without a word; who is stopped takes its row away
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("machine", String(60), nullable=False),
    Column("number", Integer, nullable=False),  # of several of a role on one machine
    Column("began_at", BigInteger, nullable=False),
    Column("beat_at", BigInteger, nullable=False),  # when it last said that it is there
)

hours: Final = Table(
    "hours",  # one row for each hour of the last year
    METADATA,
    Column("hour_at", BigInteger, primary_key=True, autoincrement=False),
    Column("through_size", BigInteger, nullable=False),  # the journal's size up to which this row has counted
    Column("admitted", BigInteger, nullable=False),
    Column("signed", BigInteger, nullable=False),  # by their destinations as received
    Column("refused", BigInteger, nullable=False),
    # The greatest of the hour; none in an hour in which nobody looked.
    Column("waiting", BigInteger),
    Column("oldest_age_seconds", BigInteger),
    Column("dead", BigInteger),
    Column("late", BigInteger),
    Column("offline", BigInteger),
)
