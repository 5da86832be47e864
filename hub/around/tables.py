"""The tables of what is around the cases, in the hub's store. Nothing here is evidence: each row can be made anew."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from hub.store.metadata import METADATA

matters: Final = Table(
    "around_matters",  # questions, appeals, alive checks, lists and opinions; where each stands is in `cases`
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("kind", String(10), nullable=False),  # hub.around.words.KINDS
    Column("window_county", String(6), nullable=False),  # who began it
    Column("issuing_county", String(6), nullable=False),  # who is to answer
    Column("trial", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("limit_at", BigInteger, nullable=False),  # until when the first answer was asked for
    Column("due_at", BigInteger),  # until when an answer is owed now; none: none is
    Column("level", Integer, nullable=False),  # how often an appeal was escalated; to whom stands nowhere here
    Column("appeal_kind", String(20), nullable=False),  # of an appeal, else empty
    Column("channel", String(20), nullable=False),
    Column("about_case", String(24), nullable=False),  # empty: about none
    Column("answered_at", BigInteger),  # the first time
    Column("result", String(20), nullable=False),  # of the last answer to an appeal that was not returned
    Index("around_matters_due", "due_at"),
    Index("around_matters_opened", "opened_at", "case_no"),
)

parts: Final = Table(
    "around_parts",  # cases that are parts of a group
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("window_county", String(6), nullable=False),  # numbers its groups itself
    Column("group_no", String(64), nullable=False),
    Column("group_kind", String(10), nullable=False),
    Column("part", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("all_or_none", Boolean, nullable=False),
    Column("joined_at", BigInteger, nullable=False),
    Column("undo_requested", Boolean, nullable=False),
    Column("undo_outcome", String(10), nullable=False),  # undone | kept; empty: not answered
    Column("denied", Boolean, nullable=False),  # which a closed case does not say of itself
    Index("around_parts_by_group", "window_county", "group_no", "part"),
    Index("around_parts_joined", "joined_at"),
)

ratings: Final = Table(
    "around_ratings",
    METADATA,
    Column("case_no", String(24), nullable=False),
    Column("target", String(10), nullable=False),  # window | issuing
    Column("county", String(6), nullable=False),  # who was rated
    Column("other", String(6), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("stars", Integer, nullable=False),
    Column("given_at", BigInteger, nullable=False),
    Column("limit_at", BigInteger),  # of a bad one: until when it is followed up; none: the year is not published yet
    Column("owed", Boolean, nullable=False),  # a follow-up
    Column("followed_at", BigInteger),
    Column("result", String(20), nullable=False),
    PrimaryKeyConstraint("case_no", "target"),
    Index("around_ratings_owed", "owed", "limit_at"),
    Index("around_ratings_given", "given_at"),
)

endings: Final = Table(
    "around_endings",  # cases that were done, and whether the applicant had to come again for it
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("window_county", String(6), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("done_at", BigInteger, nullable=False),
    Column("supplemented", Boolean, nullable=False),
    Index("around_endings_done", "done_at"),
)

place: Final = Table(
    "around_place",  # one row: up to which size of the journal these tables tell
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("counted_on", String(10), nullable=False),  # the day on which limits without a calendar were last tried
)
