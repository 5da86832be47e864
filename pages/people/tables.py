"""The tables of people, made on whatever MetaData a store has: the county's now, the hub's later.

A person's own name and the secret of the second factor stand sealed; passwords, recovery codes and sessions only as
digests. What somebody typed as an account name that does not exist is never kept: it may be a password or a name.
Times are integers, milliseconds since 1970 in UTC.
"""

from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table

ACCOUNT_CHARACTERS: Final = 32
ADDRESS_CHARACTERS: Final = 45  # an IPv6 address at its longest
UNIT_CHARACTERS: Final = 40
UNIT_NAME_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleTables:
    """All of them."""

    units: Table
    accounts: Table
    recovery_codes: Table
    sessions: Table
    tallies: Table
    events: Table

    @classmethod
    def on(cls, metadata: MetaData) -> Self:
        """Make them part of a store's schema."""
        return cls(
            units=_units(metadata),
            accounts=_accounts(metadata),
            recovery_codes=Table(
                "people_recovery_codes",  # good once, for who lost the second factor; a used one is gone
                metadata,
                Column("code_sha256", LargeBinary(32), primary_key=True),
                Column("account", String(ACCOUNT_CHARACTERS), ForeignKey("people_accounts.account"), nullable=False),
            ),
            sessions=_sessions(metadata),
            tallies=Table(
                "people_tallies",  # failures by account and by address, also of accounts that do not exist
                metadata,
                Column("subject_sha256", LargeBinary(32), primary_key=True),
                Column("failures", Integer, nullable=False),
                Column("since", BigInteger, nullable=False),
                Column("level", Integer, nullable=False),  # how often it has had to wait without getting in
                Column("wait_until", BigInteger, nullable=False),
            ),
            events=_events(metadata),
        )


def _units(metadata: MetaData) -> Table:
    return Table(
        "people_units",  # below the county: villages, towns, halls, and who acts for people
        metadata,
        Column("unit", String(UNIT_CHARACTERS), primary_key=True),
        Column("kind", String(20), nullable=False),
        Column("name", String(UNIT_NAME_CHARACTERS), nullable=False),
        Column("parent", String(UNIT_CHARACTERS), ForeignKey("people_units.unit")),
    )


def _accounts(metadata: MetaData) -> Table:
    return Table(
        "people_accounts",  # never deleted: ledgers name them
        metadata,
        Column("account", String(ACCOUNT_CHARACTERS), primary_key=True),
        Column("name_sealed", LargeBinary, nullable=False),
        Column("roles", String(200), nullable=False),
        Column("unit", String(UNIT_CHARACTERS), ForeignKey("people_units.unit")),
        Column("password_hash", String(200), nullable=False),
        Column("must_change", Boolean, nullable=False),
        Column("state", String(10), nullable=False),  # active | locked | left
        Column("secret_sealed", LargeBinary),  # of the second factor; there before it is enrolled
        Column("enrolled_at", BigInteger),
        Column("last_step", BigInteger),  # RFC 6238's T of the last code used: none is good twice
        Column("created_at", BigInteger, nullable=False),
    )


def _sessions(metadata: MetaData) -> Table:
    return Table(
        "people_sessions",
        metadata,
        Column("id_sha256", LargeBinary(32), primary_key=True),
        Column("account", String(ACCOUNT_CHARACTERS), ForeignKey("people_accounts.account"), nullable=False),
        Column("step", String(10), nullable=False),  # what is still asked of whoever holds it; `done`: nothing
        Column("seen_at", BigInteger, nullable=False),
        Column("ends_at", BigInteger, nullable=False),
        Index("people_sessions_by_account", "account"),
    )


def _events(metadata: MetaData) -> Table:
    return Table(
        "people_events",  # append-only
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("at", BigInteger, nullable=False),
        Column("what", String(30), nullable=False),
        Column("account", String(ACCOUNT_CHARACTERS), nullable=False),  # about whom; empty: nobody we know
        Column("by", String(ACCOUNT_CHARACTERS), nullable=False),
        Column("address", String(ADDRESS_CHARACTERS), nullable=False),
        Column("detail", String(200), nullable=False),  # roles, a unit or a purpose by its code; never free text
        Index("people_events_by_account", "account"),
    )
