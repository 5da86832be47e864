"""The tables of the stock ledger, on the county node's one `MetaData`.

A number that was received lies in exactly one run, whatever happened to it, and the store itself holds to that with
constraints that every database has: each run names the last number of the run before it (`previous_last`), which must
be there and be smaller, and no two runs name the same one. So the runs of a series are one rising chain from its root
(`last` = -1), and two of them can never hold the same number. Events are only ever added. Times are milliseconds since
1970 in UTC; whoever acted stands as an account, never as a name.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from adapters.store.metadata import METADATA

ROOT: Final = -1
"""The `last` of a series' first run, which holds no sheet."""
ACCOUNT_CHARACTERS: Final = 64

KINDS: Final = Table(
    "stock_kinds",  # a kind that is here has a book; its row is what acts on the kind wait for each other at
    METADATA,
    Column("kind", String(64), primary_key=True),
    Column("opened_at", BigInteger, nullable=False),
)

SERIES: Final = Table(
    "stock_series",  # how the numbers of one print run look, and whose it is
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(64), ForeignKey("stock_kinds.kind"), nullable=False),
    Column("issuing_body", String(128), nullable=False),
    Column("prefix", String(40), nullable=False),
    Column("digits", Integer, nullable=False),
    UniqueConstraint("kind", "prefix", "digits"),
)

RECEIPTS: Final = Table(
    "stock_receipts",
    METADATA,
    Column("receipt_no", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(64), ForeignKey("stock_kinds.kind"), nullable=False),
    Column("delivery_note", String(40), nullable=False),
    Column("supplier_sealed", LargeBinary, nullable=False),  # from whom, as typed: it may name who brought it
    Column("counted", Integer, nullable=False),
    Column("counted_by", String(ACCOUNT_CHARACTERS), nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

EVENTS: Final = Table(
    "stock_events",
    METADATA,
    Column("event_no", Integer, primary_key=True, autoincrement=True),
    Column("event", String(16), nullable=False),
    Column("series", Integer, ForeignKey("stock_series.id"), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("before", String(10)),  # the state it found; none at receipt
    Column("after", String(10), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(ACCOUNT_CHARACTERS), nullable=False),
    Column("witness", String(ACCOUNT_CHARACTERS), nullable=False, default=""),
    Column("holder", String(ACCOUNT_CHARACTERS), nullable=False, default=""),  # who has it, or had it last
    Column("station", String(64), nullable=False, default=""),
    Column("tray", String(20), nullable=False, default=""),
    Column("reason", String(20), nullable=False, default=""),
    Column("reference", String(40), nullable=False, default=""),  # of a declaration, a list of destruction
    Column("authorisation_no", String(64), nullable=False, default=""),
    Column("receipt_no", Integer, ForeignKey("stock_receipts.receipt_no")),
    CheckConstraint("first <= last", name="stock_events_forward"),
    CheckConstraint("event <> 'print' OR (first = last AND authorisation_no <> '')", name="stock_events_one_print"),
    Index("stock_events_of_sheet", "series", "first", "last"),
    sqlite_autoincrement=True,  # a number is not given out again, and rises
)
# A sheet becomes one license, a license copy's authorisation one sheet, for ever and whatever the code believes.
Index(
    "stock_events_printed_once",
    EVENTS.c.series,
    EVENTS.c.first,
    unique=True,
    sqlite_where=EVENTS.c.event == "print",
    postgresql_where=EVENTS.c.event == "print",
)
Index(
    "stock_events_one_sheet",
    EVENTS.c.authorisation_no,
    unique=True,
    sqlite_where=EVENTS.c.event == "print",
    postgresql_where=EVENTS.c.event == "print",
)

RUNS: Final = Table(
    "stock_runs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("series", Integer, ForeignKey("stock_series.id"), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("previous_last", BigInteger),  # none at the root only
    Column("state", String(10), nullable=False, index=True),
    Column("holder", String(ACCOUNT_CHARACTERS), nullable=False, default=""),
    Column("station", String(64), nullable=False, default=""),
    Column("tray", String(20), nullable=False, default=""),
    Column("event_no", Integer, ForeignKey("stock_events.event_no")),  # that brought it there; none at the root
    UniqueConstraint("series", "last"),
    UniqueConstraint("series", "previous_last"),
    ForeignKeyConstraint(
        ["series", "previous_last"],
        ["stock_runs.series", "stock_runs.last"],
        deferrable=True,
        initially="DEFERRED",
        name="stock_runs_chain",
    ),
    CheckConstraint("first <= last", name="stock_runs_forward"),
    CheckConstraint("previous_last < first", name="stock_runs_rising"),
    CheckConstraint("(previous_last IS NULL) = (last = -1)", name="stock_runs_one_root"),
)

COUNTS: Final = Table(
    "stock_counts",  # somebody wrote down what lies in one place
    METADATA,
    Column("count_no", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(64), ForeignKey("stock_kinds.kind"), nullable=False, index=True),
    Column("holder", String(ACCOUNT_CHARACTERS), nullable=False),  # whose hands; empty for the keeper's cupboard
    Column("at", BigInteger, nullable=False),
    Column("by", String(ACCOUNT_CHARACTERS), nullable=False),
    Column("counted", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
)

COUNT_DIFFERENCES: Final = Table(
    "stock_count_differences",
    METADATA,
    Column("count_no", Integer, ForeignKey("stock_counts.count_no"), primary_key=True),
    Column("series", Integer, ForeignKey("stock_series.id"), primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("found", Boolean, nullable=False),  # there, and elsewhere in the book; or not there
)

BALANCES: Final = Table(
    "stock_balances",  # one row per kind and day in Beijing time, written when the day is over
    METADATA,
    Column("kind", String(64), ForeignKey("stock_kinds.kind"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("through_event", Integer, nullable=False),
    Column("closed_at", BigInteger, nullable=False),
    Column("unexplained", Integer, nullable=False),  # sheets, as they were found when the day was closed
    *(
        Column(state, Integer, nullable=False)
        for state in ("in_stock", "issued", "loaded", "returned", "printed", "spoiled", "lost", "destroyed")
    ),
)
