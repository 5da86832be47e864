"""Exports with their two persons, and the chain of what was made unreadable.

What an export is about, and its file, are personal: sealed, and gone after its download or its time. The chain names
rules, counts and digests, never a person.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from adapters.store.metadata import METADATA

ACCOUNT_CHARACTERS: Final = 64

exports: Final = Table(
    "privacy_exports",
    METADATA,
    Column("export_no", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("form", String(4), nullable=False),  # xlsx | pdf
    Column("purpose", String(20), nullable=False),
    Column("about_sealed", LargeBinary),  # of whom: an identifier; none for whole lists, and once it is over
    Column("state", String(10), nullable=False),  # asked | made | taken | declined | expired
    Column("asked_by", String(ACCOUNT_CHARACTERS), nullable=False),
    Column("asked_as", String(20), nullable=False),  # the role: whoever decides has the other one
    Column("asked_at", BigInteger, nullable=False),
    Column("decided_by", String(ACCOUNT_CHARACTERS), nullable=False, default=""),
    Column("decided_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False, default=0),
    Column("size_bytes", Integer, nullable=False, default=0),
    Column("sha256", LargeBinary(32)),  # of the file, kept when the file is gone
    Column("file_sealed", LargeBinary),
    Column("taken_at", BigInteger),
    Index("privacy_exports_by_state", "state", "expires_at"),
    sqlite_autoincrement=True,  # a number is not given out again: it stands on paper
)

erasures: Final = Table(
    "privacy_erasures",  # append-only; each line holds the hash of the one before
    METADATA,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("rule", String(20), nullable=False),
    Column("days", Integer, nullable=False),  # the period that was set
    Column("count", Integer, nullable=False),
    Column("keys_sha256", LargeBinary(32), nullable=False),  # of the keys of the rows, which name nobody
    Column("erased_at", BigInteger, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
